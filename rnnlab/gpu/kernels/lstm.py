"""The LSTM as Triton kernels, forward and backward.

How the programs of a kernel work together is told in `rnnlab.gpu.kernels.parts`.

Axes: ``T`` time steps, ``B`` batch, ``H`` hidden units.
"""

import triton
import triton.language as tl

from rnnlab.gpu.kernels.parts import (
    add_product,
    rows_of,
    sigmoid,
    tanh,
    through_weights,
    wait_for_all,
)


@triton.jit
def lstm_forward(
    projected, hidden, cells, gates, weight, bias, counters, steps, B, H, BLOCK_B: tl.constexpr,
    BLOCK_H: tl.constexpr, BLOCK_K: tl.constexpr, PRECISION: tl.constexpr, WAIT: tl.constexpr,
):  # fmt: skip
    """Run the LSTM. Equations `lstm-input`, `lstm-forget`, `lstm-candidate`, `lstm-output`, ....

    Args, besides the sizes of tiles: projected (T, B, 4H), gates in the order i, f, g, o; hidden
    and cells (T + 1, B, H) with h_0 and c_0 first; gates (T, B, 4H), their values when done; weight
    (4H, H); bias (4H,); counters (batch tiles,) zeros.
    """
    rows = tl.program_id(0) * BLOCK_B + tl.arange(0, BLOCK_B)
    columns = tl.program_id(1) * BLOCK_H + tl.arange(0, BLOCK_H)
    here = (rows[:, None] < B) & (columns[None, :] < H)
    at = rows[:, None] * H + columns[None, :]
    gate_at = rows[:, None] * (4 * H) + columns[None, :]
    b_i = tl.load(bias + columns, mask=columns < H, other=0.0)[None, :]
    b_f = tl.load(bias + H + columns, mask=columns < H, other=0.0)[None, :]
    b_g = tl.load(bias + 2 * H + columns, mask=columns < H, other=0.0)[None, :]
    b_o = tl.load(bias + 3 * H + columns, mask=columns < H, other=0.0)[None, :]
    c = tl.load(cells + at, mask=here, other=0.0)
    for step in range(steps):
        i = tl.load(projected + gate_at, mask=here, other=0.0) + b_i
        f = tl.load(projected + gate_at + H, mask=here, other=0.0) + b_f
        g = tl.load(projected + gate_at + 2 * H, mask=here, other=0.0) + b_g
        o = tl.load(projected + gate_at + 3 * H, mask=here, other=0.0) + b_o
        for start in range(0, H, BLOCK_K):
            k = start + tl.arange(0, BLOCK_K)
            h = rows_of(hidden, rows, k, B, H, H)
            i = add_product(i, h, weight, columns, k, H, PRECISION)
            f = add_product(f, h, weight + H * H, columns, k, H, PRECISION)
            g = add_product(g, h, weight + 2 * H * H, columns, k, H, PRECISION)
            o = add_product(o, h, weight + 3 * H * H, columns, k, H, PRECISION)
        i, f, g, o = sigmoid(i), sigmoid(f), tanh(g), sigmoid(o)
        c = f * c + i * g  # Equation `lstm-cell`
        tl.store(gates + gate_at, i, mask=here)
        tl.store(gates + gate_at + H, f, mask=here)
        tl.store(gates + gate_at + 2 * H, g, mask=here)
        tl.store(gates + gate_at + 3 * H, o, mask=here)
        projected += 4 * B * H
        gates += 4 * B * H
        hidden += B * H
        cells += B * H
        tl.store(cells + at, c, mask=here)
        tl.store(hidden + at, o * tanh(c), mask=here)  # Equation `lstm-hidden`
        if WAIT:
            wait_for_all(counters, step)


@triton.jit
def lstm_backward(
    d_output, cells, gates, d_gates, carry, weight, counters, steps, B, H, BLOCK_B: tl.constexpr,
    BLOCK_H: tl.constexpr, BLOCK_K: tl.constexpr, PRECISION: tl.constexpr, WAIT: tl.constexpr,
):  # fmt: skip
    """Go back through `lstm_forward`, from the step that the pointers point to.

    Args, besides those of `lstm_forward`: d_output (T, B, H); d_gates (T + 1, B, 4H) with zeros
    last and δa_t elsewhere when done; carry (B, H), δc from beyond the last step, and δc_0 when
    done.
    """
    rows = tl.program_id(0) * BLOCK_B + tl.arange(0, BLOCK_B)
    columns = tl.program_id(1) * BLOCK_H + tl.arange(0, BLOCK_H)
    here = (rows[:, None] < B) & (columns[None, :] < H)
    at = rows[:, None] * H + columns[None, :]
    gate_at = rows[:, None] * (4 * H) + columns[None, :]
    d_c = tl.load(carry + at, mask=here, other=0.0)
    for step in range(steps):
        d_h = tl.load(d_output + at, mask=here, other=0.0)
        after = d_gates + 4 * B * H
        d_h = through_weights(
            d_h, after, weight, rows, columns, B, H, 4 * H, 4 * H, BLOCK_K, PRECISION
        )  # Equation `bptt-lstm-hidden`
        i = tl.load(gates + gate_at, mask=here, other=0.0)
        f = tl.load(gates + gate_at + H, mask=here, other=0.0)
        g = tl.load(gates + gate_at + 2 * H, mask=here, other=0.0)
        o = tl.load(gates + gate_at + 3 * H, mask=here, other=0.0)
        c_before = tl.load(cells + at, mask=here, other=0.0)
        tanh_c = tanh(tl.load(cells + B * H + at, mask=here, other=0.0))
        d_o = d_h * tanh_c * o * (1 - o)  # Equation `bptt-lstm-output`
        d_c += d_h * o * (1 - tanh_c * tanh_c)  # Equation `bptt-lstm-cell`
        d_i = d_c * g * i * (1 - i)  # Equation `bptt-lstm-input`
        d_f = d_c * c_before * f * (1 - f)  # Equation `bptt-lstm-forget`
        d_g = d_c * i * (1 - g * g)  # Equation `bptt-lstm-candidate`
        d_c = d_c * f  # Equation `bptt-lstm-carry`
        tl.store(d_gates + gate_at, d_i, mask=here)
        tl.store(d_gates + gate_at + H, d_f, mask=here)
        tl.store(d_gates + gate_at + 2 * H, d_g, mask=here)
        tl.store(d_gates + gate_at + 3 * H, d_o, mask=here)
        d_output -= B * H
        cells -= B * H
        gates -= 4 * B * H
        d_gates -= 4 * B * H
        if WAIT:
            wait_for_all(counters, step)
    tl.store(carry + at, d_c, mask=here)
