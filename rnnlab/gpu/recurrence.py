"""The loop over time as a function with a derivative: launches of the Triton kernels.

`Recurrence` is what `rnnlab.gpu.Persistent` runs after the one product that needs no loop, the
inputs' share of the gates.

Axes: ``T`` time steps, ``B`` batch, ``H`` hidden units, ``G`` gates × ``H``.
"""

import importlib
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

Precision = Literal["ieee", "tf32x3", "tf32"]

#: Rows of the batch and hidden units in a tile, and the warps that compute it, the smallest first:
#: the more tiles, the more of the GPU takes part. A product in Triton has at least 16 rows and
#: columns; of tiles larger than these the registers do not hold all four gates of an LSTM.
TILES = ((16, 16, 4), (16, 32, 4), (32, 32, 8), (64, 32, 8))
#: Units that a product adds up at a time.
BLOCK_K = 32


def kernels() -> Any:
    """Import the kernels, or say where triton comes from."""
    try:
        return importlib.import_module("rnnlab.gpu.kernels")
    except ModuleNotFoundError as error:
        if error.name != "triton":
            raise
        raise ImportError(
            "rnnlab.gpu.Persistent needs triton, which torch for CUDA on Linux brings along; "
            "without a GPU, in Triton's interpreter: pip install 'rnnlab[triton]'"
        ) from error


def interpreted() -> bool:
    """Whether Triton's interpreter runs the kernels: TRITON_INTERPRET was 1 at their import."""
    return not isinstance(kernels().rnn_forward, importlib.import_module("triton").JITFunction)


def tiles(batch: int, hidden: int, processors: int) -> tuple[int, int, int]:
    """Choose tiles so that all programs of a kernel run at once, one on each processor.

    Programs that wait for one another must all be running: one that has no processor yet would be
    waited for in vain.

    Args:
        batch: Sequences B.
        hidden: Hidden units H.
        processors: Streaming multiprocessors of the GPU.

    Returns:
        Rows of the batch and hidden units in a tile, and its warps.

    Raises:
        ValueError: No tile is large enough.
    """
    for rows, columns, warps in TILES:
        if -(-batch // rows) * -(-hidden // columns) <= processors:
            return rows, columns, warps
    down, across = -(-batch // rows), -(-hidden // columns)
    raise ValueError(
        f"expected at most {processors} tiles, one for each processor of this GPU, got "
        f"{down} x {across} of {rows} x {columns} for batch {batch} and hidden_size {hidden}; "
        "take a smaller batch, or one_launch=False"
    )


class Settings(NamedTuple):
    """How a layer is run.

    Attributes:
        kind: ``"rnn"``, ``"lstm"`` or ``"gru"``.
        precision: Of the products with the recurrent weights.
        one_launch: Whether one launch does all steps.
        relu: Whether the simple recurrent network's nonlinearity is ReLU.
    """

    kind: str
    precision: Precision
    one_launch: bool
    relu: bool


class Recurrence(torch.autograd.Function):
    """The loop over time, a function of the projected inputs: two kernels and a few products."""

    @staticmethod
    def forward(
        ctx: Any,
        how: Settings,
        projected: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        *state: Tensor,
    ) -> tuple[Tensor, ...]:
        """Give the outputs (T, B, H) and the final states (B, H)."""
        T, B, G = projected.shape
        H = weight.size(1)
        # h, and for the LSTM c: (T + 1, B, H), the initial state first
        states = [s.new_empty(T + 1, B, H) for s in state]
        for steps, initial in zip(states, state, strict=True):
            steps[0] = initial
        saved = states if how.kind == "rnn" else [*states, projected.new_empty(T, B, 4 * H)]
        weight = weight.contiguous()
        bias = weight.new_zeros(G) if bias is None else bias.contiguous()
        moving = [projected.contiguous(), *saved]
        _launch(how, "forward", range(T), moving, [weight, bias], (B, H))
        ctx.save_for_backward(weight, *saved)
        ctx.how = how
        return states[0][1:], *(s[-1].clone() for s in states)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_output: Tensor, *d_final: Tensor) -> tuple[Tensor | None, ...]:
        """Give the gradients of the projected inputs, W_hh, b_hh and the initial states."""
        how, (weight, *saved) = ctx.how, ctx.saved_tensors
        hidden = saved[0]
        G, H = weight.shape
        T, B = d_output.shape[:2]
        d_output = d_output.contiguous().clone()
        d_output[-1] += d_final[0]
        d_gates = weight.new_empty(T + 1, B, H if how.kind == "rnn" else 4 * H)
        d_gates[T] = 0  # nothing comes from beyond the end
        carry = weight.new_zeros(B, H)
        read = saved
        if how.kind == "lstm":
            carry += d_final[1]
            read = saved[1:]  # the gradient needs c, and h only in the product with W_hh
        moving = [d_output, *read, d_gates]
        fixed = [weight] if how.kind == "rnn" else [carry, weight]
        _launch(how, "backward", range(T)[::-1], moving, fixed, (B, H))
        d_a = d_gates[:T, :, :G]  # of W_hh h + b_hh, (T, B, G)
        # Equation `bptt-weights`
        d_weight = d_a.flatten(0, 1).mT @ hidden[:T].flatten(0, 1)
        d_bias = d_a.sum((0, 1)) if ctx.needs_input_grad[3] else None
        d_projected, d_h = d_a, d_a[0] @ weight
        if how.kind == "gru":
            # What goes into the candidate from the input passes no reset gate.
            d_projected = torch.cat([d_a[..., : 2 * H], d_gates[:T, :, 3 * H :]], dim=-1)
            d_h += carry
        d_state = (d_h, carry) if how.kind == "lstm" else (d_h,)
        return None, d_projected, d_weight, d_bias, *d_state


def _launch(
    how: Settings,
    direction: str,
    steps: range,
    moving: list[Tensor],
    fixed: list[Tensor],
    size: tuple[int, int],
) -> None:
    """Run a kernel over some steps, in their order, in one launch or in one for each.

    Args:
        how: The settings.
        direction: ``"forward"`` or ``"backward"``.
        steps: The steps; the tensors are passed as they are from the first of them on.
        moving: Tensors with a step at each index.
        fixed: Tensors without.
        size: B and H.
    """
    kernel = getattr(kernels(), f"{how.kind}_{direction}")
    B, H = size
    device = fixed[0].device
    one_launch = how.one_launch and not interpreted()
    rows, columns, warps = TILES[0]
    options: dict[str, Any] = {"RELU": how.relu} if how.kind == "rnn" else {}
    if one_launch:
        processors = torch.cuda.get_device_properties(device).multi_processor_count
        rows, columns, warps = tiles(B, H, processors)
        # The driver then refuses to start programs that cannot all run at once.
        options["launch_cooperative_grid"] = True
    options |= {"BLOCK_B": rows, "BLOCK_H": columns, "BLOCK_K": BLOCK_K, "num_warps": warps}
    options |= {"PRECISION": how.precision, "WAIT": one_launch}
    grid = (-(-B // rows), -(-H // columns))
    counters = torch.zeros(grid[0], dtype=torch.int32, device=device)
    with torch.cuda.device_of(fixed[0]):  # Triton launches on the current device
        for step in steps[:1] if one_launch else steps:
            here = [tensor[step:] for tensor in moving]
            count = len(steps) if one_launch else 1
            kernel[grid](*here, *fixed, counters, count, B, H, **options)
