"""Figures of language models: what may come next, and what was learned against what was held out.

Chapter language-models.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator

from rnnlab.palette import INK, MUTED, PAPER
from rnnlab.plotting.series import looks_of
from rnnlab.plotting.states import _visible
from rnnlab.plotting.style import axes_or_new, legend_above, numbers


def next_tokens(
    distributions: Mapping[str, Any],
    tokens: Sequence[str],
    ax: Axes | None = None,
    *,
    most: int = 10,
) -> Axes:
    """Draw what several models, or one at several temperatures, expect next.

    Equations `lm-softmax` and `lm-temperature`.

    Args:
        distributions: Name to probabilities, (V,). The names rnn, lstm and gru (case does not
            matter) take their own looks.
        tokens: The V tokens; white space is drawn as a visible sign.
        ax: Where to draw; a new figure if none is given.
        most: How many tokens are shown: those to which some model gives most.

    Returns:
        The axes.

    Raises:
        ValueError: If there is nothing to draw, the numbers of tokens differ, or probabilities do
            not sum to 1.
    """
    if not distributions:
        raise ValueError("distributions: expected at least one; got none")
    rows = {name: numbers(p, (1,), name) for name, p in distributions.items()}
    for name, p in rows.items():
        if len(p) != len(tokens):
            raise ValueError(f"{name}: expected {len(tokens)} probabilities; got {len(p)}")
        if abs(p.sum() - 1) > 1e-6:
            raise ValueError(f"{name}: expected probabilities that sum to 1; got {p.sum():g}")
    greatest = np.stack(list(rows.values())).max(axis=0)
    shown = np.argsort(-greatest, kind="stable")[:most]
    ax = axes_or_new(ax)
    places, width = np.arange(len(shown)), 0.7 / len(rows)
    for k, (p, (label, look)) in enumerate(zip(rows.values(), looks_of(list(rows)), strict=True)):
        at = places + (k - (len(rows) - 1) / 2) * width
        ax.vlines(at, 0, p[shown], color=look.colour, linewidth=2.2, alpha=0.55)
        ax.plot(at, p[shown], linestyle="none", marker=look.marker, color=look.colour, label=label)
    ax.set_xticks(places, [_visible(tokens[k]) for k in shown])
    ax.set(xlabel="next token", ylabel="probability", xlim=(-0.6, len(shown) - 0.4))
    ax.set_ylim(bottom=0)
    ax.grid(visible=False, axis="x")
    legend_above(ax)
    return ax


def learned_and_held_out(
    perplexities: Mapping[str, Sequence[tuple[float, float]]], ax: Axes | None = None
) -> Axes:
    """Draw the perplexity on the text that was learned and the one on held-out text, by model.

    Equation `lm-perplexity`.

    Args:
        perplexities: Name to one pair for each seed: on the training text, on the held-out text.
            The kinds of model, where a name ends in one (``"D2L, lstm"``), take their own looks.
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes; both perplexities on one logarithmic axis.

    Raises:
        ValueError: If there is nothing to draw, or a perplexity is below 1.
    """
    if not perplexities:
        raise ValueError("perplexities: expected at least one model; got none")
    ax = axes_or_new(ax, 1.1 + 0.4 * len(perplexities))
    ax.set_xscale("log")
    names = list(perplexities)
    looks = [looks_of([name.split(", ")[-1]])[0][1] for name in names]
    labels = [
        ", ".join([*name.split(", ")[:-1], looks_of([name.split(", ")[-1]])[0][0]])
        for name in names
    ]
    for place, (name, look) in enumerate(zip(names, looks, strict=True)):
        pairs = numbers(perplexities[name], (2,), name)
        if pairs.shape[1] != 2 or (pairs < 1).any():
            raise ValueError(f"{name}: expected pairs of perplexities of at least 1; got {pairs}")
        at = place + 0.22 * (np.arange(len(pairs)) - (len(pairs) - 1) / 2)
        ax.hlines(at, pairs[:, 0], pairs[:, 1], color=look.colour, linewidth=1.4, alpha=0.6)
        kept: dict[str, Any] = {"linestyle": "none", "marker": look.marker, "color": look.colour}
        ax.plot(pairs[:, 0], at, markerfacecolor=PAPER, **kept)
        ax.plot(pairs[:, 1], at, **kept)
    ax.axvline(1, color=MUTED, linewidth=1.0, linestyle=":")
    ax.set_yticks(range(len(names)), labels)
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.set(xlabel="perplexity", ylim=(len(names) - 0.5, -0.5), xlim=(0.9, None))
    ax.grid(visible=False, axis="y")
    handles = [
        Line2D([], [], linestyle="none", marker="o", color=INK, markerfacecolor=face)
        for face in (PAPER, INK)
    ]
    legend_above(ax, handles, ["on the text it learned", "on held-out text"])
    return ax
