"""Numeric gradient checks that say which parameter is wrong, and where.

``torch.autograd.gradcheck`` says that something is wrong. Whoever derives a backward pass by hand
wants to know what: a wrong weight of one gate points at the line with that gate.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from rnnlab.gradients.flow import check_loss

#: How many entries a message lists.
_LISTED = 5


@dataclass(frozen=True)
class Wrong:
    """An entry of a gradient that is not what differences of the loss say.

    Attributes:
        name: The parameter's name.
        index: Which of its entries.
        analytic: The gradient as the backward pass gives it.
        numeric: What the differences give.
    """

    name: str
    index: tuple[int, ...]
    analytic: float
    numeric: float

    def __str__(self) -> str:
        """For instance ``weight_hh_l0[3, 5]: analytic 0.123, numeric 0.456``."""
        place = ", ".join(map(str, self.index))
        return f"{self.name}[{place}]: analytic {self.analytic:.6g}, numeric {self.numeric:.6g}"


class GradientError(AssertionError):
    """A backward pass that is wrong.

    Attributes:
        wrong: All entries that are off, those that are off most first.
    """

    def __init__(self, wrong: list[Wrong], compared: dict[str, int]) -> None:
        self.wrong = sorted(wrong, key=lambda entry: -abs(entry.analytic - entry.numeric))
        counts = {name: sum(entry.name == name for entry in wrong) for name in compared}
        off = [f"{name} ({n} of {compared[name]} entries)" for name, n in counts.items() if n]
        right = [name for name, n in counts.items() if not n]
        lines = [f"wrong gradient of {', '.join(off)}; right: {', '.join(right) or 'none'}"]
        lines += [f"  {entry}" for entry in self.wrong[:_LISTED]]
        if len(wrong) > _LISTED:
            lines.append(f"  and {len(wrong) - _LISTED} more")
        super().__init__("\n".join(lines))


def check_gradients(
    module: nn.Module,
    loss: Callable[[nn.Module], Tensor],
    *,
    inputs: Mapping[str, Tensor] | None = None,
    entries: int | None = None,
    step: float = 1e-6,
    rtol: float = 1e-5,
    atol: float = 1e-7,
    seed: int = 0,
) -> int:
    """Compare every gradient with differences of the loss, (L(w + ε) - L(w - ε)) / 2ε.

    Equation `bptt-difference`. Differences have an error of their own: about ε² times the loss's
    third derivative, and rounding, about 1e-16 of the loss divided by ε. The defaults suit a
    float64 loss of moderate size. Where a function has a kink (relu at 0), the two may differ
    although both are right.

    Args:
        module: Whose parameters are checked; those that require no gradient are left out.
        loss: From the module to a number; it must give the same number each time.
        inputs: More tensors to check, by name: leaves that require a gradient.
        entries: At most so many entries of each tensor, drawn at random; all if None.
        step: ε.
        rtol: Tolerance relative to the greater of the two.
        atol: Absolute tolerance, for each unit of the loss where that is above 1.
        seed: Of the draw.

    Returns:
        How many entries were compared.

    Raises:
        GradientError: A gradient that is off; the message names the parameter and the entry.
        ValueError: Nothing to check, another dtype than float64, a loss that is no single number,
            depends on nothing, or differs from call to call; an input that is no leaf.
    """
    tensors: dict[str, Tensor] = {
        name: p for name, p in module.named_parameters() if p.requires_grad
    }
    tensors |= _checked_inputs(inputs or {}, set(tensors))
    _check_tensors(tensors)
    with torch.enable_grad():
        value = loss(module)
        check_loss(value)
        grads = torch.autograd.grad(
            value, list(tensors.values()), allow_unused=True, materialize_grads=True
        )

    def loss_now() -> float:
        with torch.no_grad():
            return loss(module).item()

    if loss_now() != loss_now():
        raise ValueError("expected a loss that is the same each time, got two: is dropout on?")
    generator = torch.Generator().manual_seed(seed)
    scale = atol * max(1.0, abs(value.item()))
    wrong: list[Wrong] = []
    compared: dict[str, int] = {}
    for (name, tensor), grad in zip(tensors.items(), grads, strict=True):
        chosen = list(_indices(tensor, entries, generator))
        compared[name] = len(chosen)
        for index in chosen:
            numeric = _difference(tensor, index, loss_now, step)
            analytic = grad[index].item()
            allowed = scale + rtol * max(abs(analytic), abs(numeric))
            if not abs(analytic - numeric) <= allowed:  # a NaN is wrong too
                wrong.append(Wrong(name, index, analytic, numeric))
    if wrong:
        raise GradientError(wrong, compared)
    return sum(compared.values())


def _difference(
    tensor: Tensor, index: tuple[int, ...], loss_now: Callable[[], float], step: float
) -> float:
    """The loss's central difference along one entry, which is put back afterwards."""
    data, kept = tensor.data, tensor.data[index].clone()
    try:
        data[index] = kept + step
        above, up = loss_now(), data[index].item()
        data[index] = kept - step
        below, down = loss_now(), data[index].item()
    finally:
        data[index] = kept
    return (above - below) / (up - down)  # by the step as rounding left it


def _indices(
    tensor: Tensor, entries: int | None, generator: torch.Generator
) -> Iterator[tuple[int, ...]]:
    count = tensor.numel()
    places = torch.arange(count)
    if entries is not None and entries < count:
        places = torch.randperm(count, generator=generator)[:entries].sort().values
    for place in places:
        yield tuple(int(k) for k in torch.unravel_index(place, tensor.shape))


def _checked_inputs(inputs: Mapping[str, Tensor], taken: set[str]) -> dict[str, Tensor]:
    for name, tensor in inputs.items():
        if name in taken:
            raise ValueError(f"expected an input with a name of its own, got {name!r}, a parameter")
        if not (tensor.is_leaf and tensor.requires_grad):
            raise ValueError(f"{name}: expected a leaf that requires a gradient, got none")
    return dict(inputs)


def _check_tensors(tensors: Mapping[str, Tensor]) -> None:
    if not tensors:
        raise ValueError("expected at least one parameter that requires a gradient, got none")
    for name, tensor in tensors.items():
        if tensor.dtype != torch.float64:
            raise ValueError(
                f"{name}: expected float64, got {tensor.dtype}: differences need the digits; "
                "call module.double()"
            )
