"""Attention: a soft look-up, the rules that score, the mechanism, and a decoder that uses it.

Chapter attention.
"""

from collections.abc import Sequence

from matplotlib.axes import Axes

from rnnlab.diagrams.canvas import LARGE, NORMAL, SMALL, WIRE, Canvas
from rnnlab.diagrams.geometry import Box
from rnnlab.palette import INK, MUTED, role


def decoder_attention(
    weights: Sequence[float] = (0.05, 0.1, 0.75, 0.1), ax: Axes | None = None
) -> Axes:
    """Draw one step of a decoder that looks at every output of the encoder.

    Equation `att-decoder`.

    Args:
        weights: How much each of the four outputs counts; the wires are as thick.
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes.

    Raises:
        ValueError: If there are not four weights, or one lies outside [0, 1].

    Alternative text: Below, an encoder reads four inputs and has an output at each of its four
    steps. From every output a wire leads up to a box called attention; the thicker the wire, the
    greater its weight. The decoder's state before the step leads into the same box as the query.
    Out of the box comes the context of this step, which enters the decoder's next state, together
    with the token written last.
    """
    if len(weights) != 4 or any(not 0 <= weight <= 1 for weight in weights):
        raise ValueError(f"expected four weights in [0, 1]; got {list(weights)}")
    canvas = Canvas(14, 8.6, ax)
    x, h, a = role("input").colour, role("hidden").colour, role("attention").colour
    places, low, high = [1.5 + 1.95 * step for step in range(4)], 2.4, 6.1
    canvas.panel(0.3, 1.6, 8.4, 3.2)
    canvas.text(8.65, low, "encoder", NORMAL, MUTED, ha="left")
    box = canvas.box(4.42, high, 3.6, 0.9, "attention", a)
    for step, (here, weight) in enumerate(zip(places, weights, strict=True), start=1):
        canvas.box(here, low, 0.9, 0.9, f"$h_{step}$", h, size=LARGE)
        canvas.text(here, 0.65, f"$x_{step}$", LARGE, x)
        canvas.wire([(here, 1.0), (here, low - 0.45)], x)
        if step > 1:
            canvas.wire([(places[step - 2] + 0.45, low), (here - 0.45, low)], h)
        end = box.x + (here - box.x) * 0.45
        canvas.wire([(here, low + 0.45), (end, high - 0.45)], a, width=0.8 + 4.5 * weight)
        aside = 0.62 if here > box.x else -0.62
        middle = (here + end) / 2 + aside
        canvas.text(middle, 4.25, rf"$\alpha_{{t{step}}}$", LARGE, a)

    before = canvas.box(9.0, high, 1.1, 0.9, "$s_{t-1}$", h, size=LARGE)
    after = canvas.box(11.6, high, 0.9, 0.9, "$s_t$", h, size=LARGE)
    canvas.wire([(before.left[0], high + 0.15), (box.right[0], high + 0.15)], h)
    canvas.text(7.4, high + 0.5, "query", SMALL, h)
    canvas.wire([before.right, after.left], h)
    canvas.wire([box.top, (box.x, 7.6), (after.x, 7.6), after.top], h)
    canvas.text(8.0, 8.05, "the context of this step, $c_t$", NORMAL, h)
    canvas.text(after.x, 4.2, "$y_{t-1}$", LARGE, x)
    canvas.wire([(after.x, 4.55), after.bottom], x)
    canvas.dot(after.x, 5.1, x)
    turn = [(after.x, 5.1), (7.7, 5.1), (7.7, high - 0.2), (box.right[0], high - 0.2)]
    canvas.wire(turn, x)
    canvas.text(13.2, high, r"$\hat y_t$", LARGE, INK)
    canvas.wire([after.right, (12.85, high)], h)
    canvas.text(9.6, 4.4, "decoder", NORMAL, MUTED)
    return canvas.ax


def soft_lookup(
    keys: Sequence[str],
    values: Sequence[float],
    weights: Sequence[Sequence[float]],
    titles: Sequence[str],
    ax: Axes | None = None,
) -> Axes:
    """Draw look-ups in one table, from a soft one to a hard one: weights as bars, the means below.

    Equations `att-softmax` and `att-context`.

    Args:
        keys: Two to six short strings in Latin or Greek letters (the figures' font has no Chinese).
        values: A number for each key.
        weights: For each look-up a weight for each key, one to four look-ups.
        titles: Of each look-up.
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes.

    Raises:
        ValueError: If the numbers of keys, values, weights and titles do not fit.

    Alternative text: A table with one row for each key. After the keys come the look-ups, one
    column each, with a bar for each weight, then the values. The first look-up weighs all keys
    nearly alike, the last one has a single full bar. Below each stands the mean of the values with
    these weights, which for the last one is the value of the one key.
    """
    count = len(keys)
    if not 2 <= count <= 6 or len(values) != count or any(len(row) != count for row in weights):
        raise ValueError(
            "expected two to six keys, and a value and weights for each; got "
            f"{count} keys, {len(values)} values, weights of {[len(row) for row in weights]}"
        )
    if not 1 <= len(weights) <= 4 or len(titles) != len(weights):
        raise ValueError(
            f"expected one to four look-ups and a title for each; got {len(weights)} look-ups, "
            f"{len(titles)} titles"
        )
    row, foot = 0.75, 1.0
    canvas = Canvas(14, foot + row * count + 1.1, ax)
    a, top = role("attention").colour, foot + row * count
    wide = 9.6 / len(weights)
    canvas.text(1.3, top + 0.55, "key")
    canvas.text(12.9, top + 0.55, "value")
    canvas.text(1.3, 0.5, "mean value", SMALL, MUTED)
    for n, (key, value) in enumerate(zip(keys, values, strict=True)):
        y = top - row * (n + 0.5)
        canvas.box(1.3, y, 2.0, row - 0.15, key, INK, fill=False)
        canvas.box(12.9, y, 1.2, row - 0.15, f"{value:g}", INK, fill=False)
    for column, (shares, title) in enumerate(zip(weights, titles, strict=True)):
        left, full = 2.6 + column * wide, wide - 1.3
        canvas.text(left, top + 0.55, title, ha="left")
        for n, share in enumerate(shares):
            y = top - row * (n + 0.5)
            if share >= 0.005:  # thinner than a line
                canvas.rectangle(left, y - 0.22, full * share, 0.44, a, 0.85, line=0.8)
            canvas.text(left + full * share + 0.12, y, f"{share:.2f}", SMALL, a, ha="left")
        mean = sum(share * value for share, value in zip(shares, values, strict=True))
        canvas.text(left, 0.5, f"{mean:.2f}", NORMAL, ha="left", weight="bold")
    return canvas.ax


def scoring_rules(ax: Axes | None = None) -> Axes:
    """Draw what each of the four rules makes a score of.

    Equations `att-location`, `att-linear`, `att-additive` and `att-dot`.

    Args:
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes.

    Alternative text: Four small pictures side by side. Location: a query and one key enter a linear
    layer, which has an output for each position. Linear: the query and the key of position j enter
    a linear layer with one output. Additive: the same two go through a linear layer, tanh and a
    sum. Dot product: the two are multiplied, and the product is divided by the square root of d.
    """
    canvas = Canvas(14, 7.3, ax)
    a, h = role("attention").colour, role("hidden").colour
    columns: dict[str, tuple[str, tuple[str, ...]]] = {
        "location": ("$k$", ("Linear",)),
        "linear": ("$k_j$", ("Linear",)),
        "additive": ("$k_j$", ("Linear", "tanh", "sum")),
        "dot product": ("$k_j$", (r"$q\cdot k_j$", r"$\div\sqrt{d}$")),
    }
    for n, (name, (key, boxes)) in enumerate(columns.items()):
        middle, low = 1.85 + 3.43 * n, 2.0
        canvas.panel(middle - 1.6, 0.15, middle + 1.6, 7.15)
        canvas.text(middle, 6.75, name)
        canvas.text(middle - 0.6, 0.6, "$q$", LARGE, h)
        canvas.text(middle + 0.6, 0.6, key, LARGE, h)
        box = Box(middle, low, 2.1, 0.75)
        for m, string in enumerate(boxes):
            box = canvas.box(middle, low + 1.25 * m, 2.1, 0.75, string, a, size=NORMAL)
            if m:
                canvas.wire([(middle, box.y - 0.875), box.bottom], a)
        for side in (-0.6, 0.6):
            canvas.wire([(middle + side, 0.95), (middle + side, low - 0.375)], h)
        if name != "location":
            canvas.wire([box.top, (middle, 5.4)], a)
            canvas.text(middle, 5.8, "$e_j$", LARGE, a)
            continue
        for side, string in ((-1.1, "$e_1$"), (-0.37, "$e_2$"), (1.1, "$e_N$")):
            start = (middle + side * 0.75, box.top[1])
            canvas.wire([start, (middle + side, 5.4)], a, width=WIRE * 0.8)
            canvas.text(middle + side, 5.8, string, LARGE, a)
        canvas.text(middle + 0.37, 5.8, r"$\ldots$", LARGE, a)
    return canvas.ax


def attention_steps(combine: bool = True, ax: Axes | None = None) -> Axes:
    """Draw the attention mechanism: score and mix, put the query beside the context, map to size.

    Equations `att-softmax`, `att-context` and `att-output`.

    Args:
        combine: Whether the query is put beside the context.
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes.

    Alternative text: Step one, from below: a query is scored with each of four keys; a softmax over
    the four scores gives four weights; each weight multiplies its value, and the four products are
    added to a context. Step two: the query is put beside the context. Step three: a linear layer
    gives the output.
    """
    canvas = Canvas(14, 7.9, ax)
    a, h = role("attention").colour, role("hidden").colour
    places, rail, right = [2.2 + 2.2 * j for j in range(4)], 1.75, 11.9
    score, softmax, times, total = 2.75, 4.1, 5.45, 6.75
    canvas.text(0.6, rail, "$q$", LARGE, h)
    turn = 10.75 if combine else places[-1] + 0.3
    canvas.wire([(0.95, rail), (turn, rail)], h, arrow=False)
    canvas.box((places[0] + places[-1]) / 2, softmax, places[-1] - places[0] + 1.7, 0.75, "softmax",
               a)  # fmt: skip
    names = ["1  score and mix", "2  put the query beside the context", "3  bring to size"]
    note = "        ".join(name for name in names if combine or name[0] != "2")
    canvas.text(0.3, total + 0.75, note, SMALL, MUTED, ha="left")
    canvas.text(0.75, softmax, "1", SMALL, MUTED)
    sum_ = canvas.operation(right, total, "+")
    for j, here in enumerate(places, start=1):
        canvas.text(here - 0.3, 0.6, f"$k_{j}$", LARGE, h)
        box = canvas.box(here, score, 1.5, 0.75, "score", a, size=SMALL)
        low = box.bottom[1]
        canvas.wire([(here - 0.3, 0.95), (here - 0.3, low)], h)
        canvas.dot(here + 0.3, rail, h)
        canvas.wire([(here + 0.3, rail), (here + 0.3, low)], h)
        canvas.wire([box.top, (here, softmax - 0.375)], a)
        canvas.text(here + 0.42, (box.top[1] + softmax - 0.375) / 2, f"$e_{j}$", SMALL, a)
        product = canvas.operation(here, times, "×")
        canvas.wire([(here, softmax + 0.375), product.bottom], a)
        canvas.text(here - 0.42, 4.83, rf"$\alpha_{j}$", SMALL, a)
        value = canvas.box(here + 1.15, times, 0.85, 0.7, f"$v_{j}$", h, fill=False)
        canvas.wire([value.left, product.right], h)
        if j > 1:
            canvas.wire([product.top, (here, total)], h, arrow=False)
            canvas.dot(here, total, h)
        else:
            canvas.wire([product.top, (here, total), sum_.left], h)
    canvas.text(right + 0.3, total - 0.75, "$c$", LARGE, h)
    linear = canvas.box(right, 2.75, 1.7, 0.75, "Linear", INK, size=SMALL)
    if combine:
        beside = canvas.box(right, 4.6, 1.4, 0.75, "$[q;\\,c]$", INK, fill=False)
        canvas.wire([sum_.bottom, beside.top], h)
        canvas.wire([(turn, rail), (turn, 4.6), beside.left], h)
        canvas.wire([beside.bottom, linear.top], INK)
        canvas.text(right + 1.2, 4.6, "2", SMALL, MUTED)
    else:
        canvas.wire([sum_.bottom, linear.top], h)
    canvas.text(right + 1.2, 2.75, "3", SMALL, MUTED)
    canvas.wire([linear.bottom, (right, 1.2)], INK)
    canvas.text(right, 0.85, "$o$", LARGE, INK)
    return canvas.ax
