"""The GRU as Triton kernels, forward and backward.

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
def gru_forward(
    projected, hidden, gates, weight, bias, counters, steps, B, H, BLOCK_B: tl.constexpr,
    BLOCK_H: tl.constexpr, BLOCK_K: tl.constexpr, PRECISION: tl.constexpr, WAIT: tl.constexpr,
):  # fmt: skip
    """Run the GRU. Equations `gru-reset`, `gru-update`, `gru-candidate-after`, `gru-keep`.

    Args, besides the sizes of tiles: projected (T, B, 3H), gates in the order r, z, n; hidden
    (T + 1, B, H) with h_0 first; gates (T, B, 4H), when done the values of r, z, n and
    W_hn h_{t-1} + b_hn; weight (3H, H); bias (3H,); counters (batch tiles,) zeros.
    """
    rows = tl.program_id(0) * BLOCK_B + tl.arange(0, BLOCK_B)
    columns = tl.program_id(1) * BLOCK_H + tl.arange(0, BLOCK_H)
    here = (rows[:, None] < B) & (columns[None, :] < H)
    at = rows[:, None] * H + columns[None, :]
    x_at = rows[:, None] * (3 * H) + columns[None, :]
    gate_at = rows[:, None] * (4 * H) + columns[None, :]
    b_r = tl.load(bias + columns, mask=columns < H, other=0.0)[None, :]
    b_z = tl.load(bias + H + columns, mask=columns < H, other=0.0)[None, :]
    b_n = tl.load(bias + 2 * H + columns, mask=columns < H, other=0.0)[None, :]
    own = tl.load(hidden + at, mask=here, other=0.0)  # h of this tile alone
    for step in range(steps):
        r = tl.load(projected + x_at, mask=here, other=0.0) + b_r
        z = tl.load(projected + x_at + H, mask=here, other=0.0) + b_z
        m = tl.zeros((BLOCK_B, BLOCK_H), tl.float32) + b_n
        for start in range(0, H, BLOCK_K):
            k = start + tl.arange(0, BLOCK_K)
            h = rows_of(hidden, rows, k, B, H, H)
            r = add_product(r, h, weight, columns, k, H, PRECISION)
            z = add_product(z, h, weight + H * H, columns, k, H, PRECISION)
            m = add_product(m, h, weight + 2 * H * H, columns, k, H, PRECISION)
        r, z = sigmoid(r), sigmoid(z)
        n = tanh(tl.load(projected + x_at + 2 * H, mask=here, other=0.0) + r * m)
        own = z * own + (1 - z) * n  # Equation `gru-keep`
        tl.store(gates + gate_at, r, mask=here)
        tl.store(gates + gate_at + H, z, mask=here)
        tl.store(gates + gate_at + 2 * H, n, mask=here)
        tl.store(gates + gate_at + 3 * H, m, mask=here)
        projected += 3 * B * H
        gates += 4 * B * H
        hidden += B * H
        tl.store(hidden + at, own, mask=here)
        if WAIT:
            wait_for_all(counters, step)


@triton.jit
def gru_backward(
    d_output, hidden, gates, d_gates, carry, weight, counters, steps, B, H, BLOCK_B: tl.constexpr,
    BLOCK_H: tl.constexpr, BLOCK_K: tl.constexpr, PRECISION: tl.constexpr, WAIT: tl.constexpr,
):  # fmt: skip
    """Go back through `gru_forward`, from the step that the pointers point to.

    Args, besides those of `gru_forward`: d_output (T, B, H); d_gates (T + 1, B, 4H) with zeros last
    and elsewhere, when done, δa_r, δa_z, δa_n ⊙ r (what goes through W_hn) and δa_n; carry (B, H),
    zeros, and δh_1 ⊙ z_1 when done.
    """
    rows = tl.program_id(0) * BLOCK_B + tl.arange(0, BLOCK_B)
    columns = tl.program_id(1) * BLOCK_H + tl.arange(0, BLOCK_H)
    here = (rows[:, None] < B) & (columns[None, :] < H)
    at = rows[:, None] * H + columns[None, :]
    gate_at = rows[:, None] * (4 * H) + columns[None, :]
    kept = tl.load(carry + at, mask=here, other=0.0)
    for step in range(steps):
        d_h = tl.load(d_output + at, mask=here, other=0.0) + kept
        after = d_gates + 4 * B * H
        d_h = through_weights(
            d_h, after, weight, rows, columns, B, H, 3 * H, 4 * H, BLOCK_K, PRECISION
        )  # Equation `bptt-gru-hidden-after`
        r = tl.load(gates + gate_at, mask=here, other=0.0)
        z = tl.load(gates + gate_at + H, mask=here, other=0.0)
        n = tl.load(gates + gate_at + 2 * H, mask=here, other=0.0)
        m = tl.load(gates + gate_at + 3 * H, mask=here, other=0.0)
        h_before = tl.load(hidden + at, mask=here, other=0.0)
        d_n = d_h * (1 - z) * (1 - n * n)  # Equation `bptt-gru-candidate`
        d_z = d_h * (h_before - n) * z * (1 - z)  # Equation `bptt-gru-update`
        d_r = d_n * m * r * (1 - r)  # Equation `bptt-gru-reset-after`
        kept = d_h * z
        tl.store(d_gates + gate_at, d_r, mask=here)
        tl.store(d_gates + gate_at + H, d_z, mask=here)
        tl.store(d_gates + gate_at + 2 * H, d_n * r, mask=here)
        tl.store(d_gates + gate_at + 3 * H, d_n, mask=here)
        d_output -= B * H
        hidden -= B * H
        gates -= 4 * B * H
        d_gates -= 4 * B * H
        if WAIT:
            wait_for_all(counters, step)
    tl.store(carry + at, kept, mask=here)
