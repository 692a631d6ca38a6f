"""What the Triton kernels share: how their programs work together, products, the two curves.

The loop over time runs inside a kernel. A kernel is run by a grid of programs, one for each tile of
batch rows and hidden units. At every step a program computes its tile of the gates, for which it
needs all of h_{t-1}, and leaves its tile of h_t in global memory for the others. None of them may
read h_t before all of it is there: `wait_for_all` is where they meet. Without ``WAIT`` a launch
does a single step, and its end takes the meeting's place; Triton's interpreter, which runs one
program after the other, needs it so. The pointers move by one step at a time, forward or back.

The recurrent weights are read at every step. A program reads the same rows each time, so they come
from the L2 cache if it holds them all; they are not kept in registers or shared memory. What
belongs to a tile alone (c, the tile's own h, the gradient carried back in time) stays in registers
from the first step to the last.

Axes: ``T`` time steps, ``B`` batch, ``H`` hidden units; a tile is ``BLOCK_B`` by ``BLOCK_H``, and
a product adds up ``BLOCK_K`` units at a time. Everything is float32 and contiguous. ``d_v`` is δv,
the gradient of the loss with respect to v.
"""

import triton
import triton.language as tl


@triton.jit
def sigmoid(x):
    """Squash to (0, 1)."""
    return 1 / (1 + tl.exp(-x))


@triton.jit
def tanh(x):
    """Squash to (-1, 1): Triton has no tanh that its interpreter knows."""
    return 2 * sigmoid(2 * x) - 1


@triton.jit
def wait_for_all(counters, step):
    """Wait until every program of this batch tile has done the step.

    The release makes a program's stores visible before it is counted; the acquire makes the others'
    stores visible after. The barriers extend both to all threads of the program.
    """
    counter = counters + tl.program_id(0)
    tl.debug_barrier()
    tl.atomic_add(counter, 1, sem="release")
    while tl.atomic_add(counter, 0, sem="acquire") < (step + 1) * tl.num_programs(1):
        pass
    tl.debug_barrier()


@triton.jit
def rows_of(start, rows, k, B, width, stride):
    """Load (BLOCK_B, BLOCK_K) of what other programs wrote: past L1, which may hold old values."""
    there = (rows[:, None] < B) & (k[None, :] < width)
    at = start + rows[:, None] * stride + k[None, :]
    return tl.load(at, mask=there, other=0.0, cache_modifier=".cg")


@triton.jit
def add_product(sum, h, weight, columns, k, H, PRECISION: tl.constexpr):
    """Add h Wᵀ over the units k: (BLOCK_B, BLOCK_K) times BLOCK_H rows of a gate's W, (H, H)."""
    there = (columns[:, None] < H) & (k[None, :] < H)
    w = tl.load(weight + columns[:, None] * H + k[None, :], mask=there, other=0.0)
    return tl.dot(h, tl.trans(w), sum, input_precision=PRECISION)


@triton.jit
def through_weights(
    d_h, d_a, weight, rows, columns, B, H, width, stride, BLOCK_K: tl.constexpr,
    PRECISION: tl.constexpr,
):  # fmt: skip
    """Add W_hhᵀ δa of the step after to δh, over all gates: `width` rows of W_hh, (width, H)."""
    for start in range(0, width, BLOCK_K):
        k = start + tl.arange(0, BLOCK_K)
        there = (k[:, None] < width) & (columns[None, :] < H)
        w = tl.load(weight + k[:, None] * H + columns[None, :], mask=there, other=0.0)
        a = rows_of(d_a, rows, k, B, width, stride)
        d_h = tl.dot(a, w, d_h, input_precision=PRECISION)
    return d_h
