"""A recurrent layer taken one step at a time, so that each state is a tensor one can ask about.

The steps are those of `rnnlab.scratch.updates`, with the layer's own weights, found by PyTorch's
names. So it does not matter whether the layer is of `rnnlab.scratch` or of ``torch.nn``: both
compute the same, and neither shows the cell state of any step but the last.

Axes: ``T`` time steps, ``B`` batch, ``X`` inputs, ``H`` hidden units, ``P`` projected units (H
where there is no projection).
"""

from collections.abc import Callable
from functools import partial
from typing import Literal, cast

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnnlab import scratch
from rnnlab.scratch.updates import (
    Nonlinearity,
    State,
    Weights,
    gru_update,
    lstm_update,
    rnn_update,
)

Kind = Literal["rnn", "lstm", "gru"]
#: From the inputs' share of the gates, and a state, to the next state.
Update = Callable[[Tensor, State], State]

_KINDS: dict[Kind, tuple[type[nn.Module], ...]] = {
    "rnn": (scratch.RNN, nn.RNN),
    "lstm": (scratch.LSTM, nn.LSTM),
    "gru": (scratch.GRU, nn.GRU),
}


def kind_of(layer: nn.Module) -> Kind:
    """Tell which cell a layer has, and that it is one whose steps can be taken apart.

    Raises:
        TypeError: Something else than an RNN, LSTM or GRU layer.
        ValueError: More than one layer, or two directions.
    """
    kinds = [kind for kind, classes in _KINDS.items() if isinstance(layer, classes)]
    if not kinds:
        raise TypeError(
            "expected an RNN, LSTM or GRU layer of rnnlab.scratch or torch.nn, "
            f"got {type(layer).__name__}"
        )
    if layer.num_layers != 1:
        raise ValueError(f"expected a single layer, got num_layers={layer.num_layers}")
    if layer.bidirectional:
        raise ValueError("expected one direction, got bidirectional=True")
    return kinds[0]


def weights_of(layer: nn.Module) -> Weights:
    """The weights of a layer, under PyTorch's names."""
    names = (name for name in Weights._fields if hasattr(layer, f"{name}_l0"))
    return Weights(**{name: getattr(layer, f"{name}_l0") for name in names})


def update_of(layer: nn.Module) -> Update:
    """The update of a layer's cell, with its weights and options."""
    kind, w = kind_of(layer), weights_of(layer)
    if kind == "rnn":
        return partial(rnn_update, w=w, nonlinearity=cast(Nonlinearity, layer.nonlinearity))
    if kind == "lstm":
        return partial(lstm_update, w=w)
    return partial(
        gru_update,
        w=w,
        reset_after=getattr(layer, "reset_after", True),  # torch.nn has the one form only
        update_gate=getattr(layer, "update_gate", "keep"),
    )


def time_first(layer: nn.Module, x: Tensor) -> tuple[Tensor, bool]:
    """Check a layer's input, and bring it to (T, B, X).

    Returns:
        The input, and whether it was a batch.

    Raises:
        TypeError: A packed sequence.
        ValueError: Wrong number of dimensions, features or dtype, or no step.
    """
    if isinstance(x, PackedSequence):
        raise TypeError(
            "expected a tensor, got a PackedSequence: take one sequence, or sequences of one length"
        )
    if x.dim() not in (2, 3):
        raise ValueError(f"expected x of 2 or 3 dimensions, got shape {tuple(x.shape)}")
    batched = x.dim() == 3
    x = x if batched else x[:, None]
    if batched and layer.batch_first:
        x = x.transpose(0, 1)
    if x.size(-1) != layer.input_size or len(x) == 0:
        raise ValueError(
            f"expected at least one step of {layer.input_size} features, got {len(x)} steps of "
            f"{x.size(-1)}"
        )
    dtype = cast(Tensor, layer.weight_ih_l0).dtype
    if x.dtype != dtype:
        raise ValueError(f"expected x in the weights' dtype, {dtype}, got {x.dtype}")
    return x, batched


def first_state(layer: nn.Module, x: Tensor, state: Tensor | State | None) -> State:
    """The state that a run starts from, each (B, H) or (B, P): zeros if there is none.

    Args:
        layer: The layer.
        x: Its input, (T, B, X).
        state: h_0, or ``(h_0, c_0)`` for an LSTM, as the layer wants it: (1, B, H), or (1, H).

    Raises:
        ValueError: A wrong number of states, or one of a wrong shape.
    """
    w, B, H = weights_of(layer), x.size(1), cast(int, layer.hidden_size)
    sizes = [w.weight_hh.size(1), H] if kind_of(layer) == "lstm" else [H]
    if state is None:
        return tuple(x.new_zeros(B, size) for size in sizes)
    given = (state,) if isinstance(state, Tensor) else tuple(state)
    if [s.numel() for s in given] != [B * size for size in sizes]:
        raise ValueError(
            f"expected states of shapes {[(1, B, size) for size in sizes]}, got "
            f"{[tuple(s.shape) for s in given]}"
        )
    return tuple(s.reshape(B, size) for s, size in zip(given, sizes, strict=True))


def take_steps(layer: nn.Module, x: Tensor, state: State) -> list[State]:
    """Run over x (T, B, X) and keep all T + 1 states, the first one included.

    Every later state is computed from the very tensors in the list, and an LSTM's hidden state from
    its cell state, so that autograd can give the whole gradient of each.
    """
    update, projected = update_of(layer), weights_of(layer).project(x)  # (T, B, G)
    states = [state]
    for x_t in projected:
        states.append(update(x_t, states[-1]))
    return states


def states_over(
    layer: nn.Module, x: Tensor, state: Tensor | State | None = None
) -> tuple[Tensor, ...]:
    """Give all states of a layer over a sequence; an LSTM's cell states too, which it hides.

    Args:
        layer: An RNN, LSTM or GRU of `rnnlab.scratch` or ``torch.nn``, one layer, one direction.
        x: (T, X), (T, B, X), or (B, T, X) with ``batch_first``.
        state: As the layer takes it; zeros if None.

    Returns:
        ``(h,)``, or ``(h, c)`` for an LSTM: states 0 to T, (T + 1, H) or (T + 1, B, H).

    Raises:
        TypeError: Another kind of layer, or packed input.
        ValueError: More layers or directions, or an input or state that does not fit.
    """
    kind_of(layer)
    x, batched = time_first(layer, x)
    states = take_steps(layer, x, first_state(layer, x, state))
    stacked = tuple(torch.stack(part) for part in zip(*states, strict=True))  # (T + 1, B, H)
    return stacked if batched else tuple(part[:, 0] for part in stacked)
