"""A recurrent network, folded and unrolled in time."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from rnnlab.diagrams.canvas import LARGE, NORMAL, Canvas
from rnnlab.palette import role


def unrolled(
    steps: int | None = None, labels: Sequence[str] | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the folded network and, beside it, the same network unrolled over time.

    Equation `rnn-unrolled`.

    Args:
        steps: The number of time steps, 2 to 6; the number of labels, or 4, if not given.
        labels: What is fed in at each step, short strings in Latin or Greek letters (the
            figures' font has no Chinese).
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes.

    Raises:
        ValueError: If ``steps`` is out of range or differs from the number of labels.

    Alternative text: On the left one box, the network, whose arrow leads back to itself; on the
    right the same box drawn once per time step, each taking the next input and the hidden state of
    the step before, the first one starting from zero; a bracket over all boxes says that they share
    one set of weights.
    """
    count = steps if steps is not None else 4 if labels is None else len(labels)
    if not 2 <= count <= 6:
        raise ValueError(f"steps must be between 2 and 6; got {count}")
    if labels is not None and len(labels) != count:
        raise ValueError(f"expected one label per step; got {len(labels)} labels, {count} steps")

    x, h = role("input").colour, role("hidden").colour
    low = 0.5 if labels is None else 1.1  # the height of the symbols x_t
    middle, high, size = low + 1.75, low + 3.5, 1.1
    canvas = Canvas(14, high + 1.75, ax)

    def network(here: float, index: str) -> None:
        canvas.box(here, middle, size, 1.2, "RNN", h, size=NORMAL)
        canvas.text(here, low, f"$x_{index}$", LARGE, x)
        canvas.text(here, high, f"$h_{index}$", LARGE, h)
        canvas.wire([(here, low + 0.35), (here, middle - 0.6)], x)
        canvas.wire([(here, middle + 0.6), (here, high - 0.35)], h)

    network(1.2, "t")
    turn = middle + 0.9
    loop = [(1.2, turn), (2.25, turn), (2.25, middle), (1.2 + size / 2, middle)]
    canvas.wire(loop, h)
    canvas.dot(1.2, turn, h)
    canvas.text(1.2, high + 1.23, "folded")
    canvas.text(2.95, middle, "$=$", 22)

    first, last = 6.05, 12.9
    gap = (last - first) / (count - 1)
    canvas.text(4.25, middle, "$h_0=0$", LARGE, h)
    for step in range(count):
        here = first + step * gap
        network(here, str(step + 1))
        start = here - gap + size / 2 if step else 4.95
        canvas.wire([(start, middle), (here - size / 2, middle)], h)
        if labels is not None:
            canvas.text(here, low - 0.65, labels[step])
    shared = "unrolled in time: one set of weights for all steps"
    canvas.brace(first - size / 2, last + size / 2, high + 0.75, shared)
    return canvas.ax
