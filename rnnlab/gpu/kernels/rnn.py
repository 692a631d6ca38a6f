"""The simple recurrent network as Triton kernels, forward and backward.

How the programs of a kernel work together is told in `rnnlab.gpu.kernels.parts`.

Axes: ``T`` time steps, ``B`` batch, ``H`` hidden units.
"""

import triton
import triton.language as tl

from rnnlab.gpu.kernels.parts import add_product, rows_of, tanh, through_weights, wait_for_all


@triton.jit
def rnn_forward(
    projected, hidden, weight, bias, counters, steps, B, H, BLOCK_B: tl.constexpr,
    BLOCK_H: tl.constexpr, BLOCK_K: tl.constexpr, PRECISION: tl.constexpr, WAIT: tl.constexpr,
    RELU: tl.constexpr,
):  # fmt: skip
    """Run the simple recurrent network. Equation `rnn-cell`.

    Args, besides the sizes of tiles: projected (T, B, H), hidden (T + 1, B, H) with h_0 first,
    weight (H, H), bias (H,), counters (batch tiles,) zeros.
    """
    rows = tl.program_id(0) * BLOCK_B + tl.arange(0, BLOCK_B)
    columns = tl.program_id(1) * BLOCK_H + tl.arange(0, BLOCK_H)
    here = (rows[:, None] < B) & (columns[None, :] < H)
    at = rows[:, None] * H + columns[None, :]
    b = tl.load(bias + columns, mask=columns < H, other=0.0)[None, :]
    for step in range(steps):
        a = tl.load(projected + at, mask=here, other=0.0) + b
        for start in range(0, H, BLOCK_K):
            k = start + tl.arange(0, BLOCK_K)
            h = rows_of(hidden, rows, k, B, H, H)
            a = add_product(a, h, weight, columns, k, H, PRECISION)
        projected += B * H
        hidden += B * H
        tl.store(hidden + at, tl.maximum(a, 0.0) if RELU else tanh(a), mask=here)
        if WAIT:
            wait_for_all(counters, step)


@triton.jit
def rnn_backward(
    d_output, hidden, d_gates, weight, counters, steps, B, H, BLOCK_B: tl.constexpr,
    BLOCK_H: tl.constexpr, BLOCK_K: tl.constexpr, PRECISION: tl.constexpr, WAIT: tl.constexpr,
    RELU: tl.constexpr,
):  # fmt: skip
    """Go back through `rnn_forward`, from the step that the pointers point to.

    Args, besides those of `rnn_forward`: d_output (T, B, H), d_gates (T + 1, B, H) with zeros last
    and δa_t elsewhere when done.
    """
    rows = tl.program_id(0) * BLOCK_B + tl.arange(0, BLOCK_B)
    columns = tl.program_id(1) * BLOCK_H + tl.arange(0, BLOCK_H)
    here = (rows[:, None] < B) & (columns[None, :] < H)
    at = rows[:, None] * H + columns[None, :]
    for step in range(steps):
        d_h = tl.load(d_output + at, mask=here, other=0.0)
        after = d_gates + B * H
        d_h = through_weights(
            d_h, after, weight, rows, columns, B, H, H, H, BLOCK_K, PRECISION
        )  # Equation `bptt-hidden`
        h = tl.load(hidden + B * H + at, mask=here, other=0.0)
        d_a = tl.where(h > 0, d_h, 0.0) if RELU else d_h * (1 - h * h)
        tl.store(d_gates + at, d_a, mask=here)  # Equation `bptt-preactivation`
        d_output -= B * H
        hidden -= B * H
        d_gates -= B * H
        if WAIT:
            wait_for_all(counters, step)
