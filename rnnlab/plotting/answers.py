"""Figures of what a model answers: after each word, for each word, about a picture."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch, Rectangle

from rnnlab.palette import FAINT, INK, MUTED, PAPER, ROLES, tint
from rnnlab.plotting.series import OTHERS
from rnnlab.plotting.style import axes_or_new, legend_above, numbers


def answers_over_steps(
    probabilities: Any,
    inputs: Sequence[str],
    names: Sequence[str],
    ax: Axes | None = None,
    *,
    most: int = 4,
    xlabel: str = "read so far",
) -> Axes:
    """Draw how a classifier's answer moves while it reads: one line for each likely class.

    Args:
        probabilities: After each step the probability of each class, (steps, classes).
        inputs: What was read at each step.
        names: Of the classes.
        ax: Where to draw; a new figure if none is given.
        most: How many classes are drawn, 1 to 4: those whose greatest probability is greatest.
        xlabel: Of the steps.

    Returns:
        The axes.

    Raises:
        ValueError: If the shape does not fit, ``most`` is out of range, or a number is no
            probability.
    """
    values = numbers(probabilities, (2,), "probabilities")
    if values.shape != (len(inputs), len(names)):
        raise ValueError(
            f"expected {len(inputs)} steps of {len(names)} classes; got shape {values.shape}"
        )
    if not 1 <= most <= len(OTHERS):
        raise ValueError(f"most must be between 1 and {len(OTHERS)}; got {most}")
    if values.min() < 0 or values.max() > 1:
        raise ValueError(
            f"expected probabilities; got numbers from {values.min():g} to {values.max():g}"
        )
    ax = axes_or_new(ax)
    steps = np.arange(len(inputs))
    likely = np.argsort(-values.max(axis=0), kind="stable")[:most]
    for k, look in zip(likely, OTHERS, strict=False):
        ax.plot(
            steps,
            values[:, k],
            color=look.colour,
            linestyle=look.linestyle,
            marker=look.marker,
            label=names[k],
            clip_on=False,
        )
    ax.set_xticks(steps, list(inputs))
    ax.set(xlabel=xlabel, ylabel="probability", ylim=(0, 1), xlim=(-0.3, len(inputs) - 0.7))
    legend_above(ax)
    return ax


def tagged_words(
    words: Sequence[str],
    tags: Sequence[str],
    right: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw words in a row with their tags below; a wrong tag has the right one below it.

    Args:
        words: The words, in Latin or Greek letters (the figures' font has no Chinese).
        tags: One per word: ``O``, or ``B-`` or ``I-`` and a type.
        right: The right tags; not compared if not given.
        ax: Where to draw; a new figure if none is given.

    Returns:
        The axes.

    Raises:
        ValueError: If there is not one tag per word, or no word.
    """
    if not words or len(tags) != len(words) or (right is not None and len(right) != len(words)):
        raise ValueError(
            f"expected one tag per word; got {len(words)} words, {len(tags)} tags"
            + ("" if right is None else f", {len(right)} right tags")
        )
    ax = axes_or_new(ax, 1.2)
    # A box is as wide as the longer of its word and its tag, in characters.
    widths = [
        max(len(word), len(tag), len(right[k]) if right else 0) + 2.0
        for k, (word, tag) in enumerate(zip(words, tags, strict=True))
    ]
    edges = np.cumsum([0.0, *widths])
    size = min(11.0, 640.0 / edges[-1])
    for k, (word, tag) in enumerate(zip(words, tags, strict=True)):
        middle = (edges[k] + edges[k + 1]) / 2
        ax.text(middle, 2.5, word, ha="center", va="center", size=size)
        wrong = right is not None and right[k] != tag
        colour = MUTED if tag == "O" else ROLES["hidden"].colour
        colour = ROLES["forget"].colour if wrong else colour
        ax.add_patch(
            FancyBboxPatch(
                (edges[k] + 0.4, 1.15),
                widths[k] - 0.8,
                0.7,
                boxstyle="round,pad=0,rounding_size=0.2",
                facecolor=PAPER if tag == "O" else tint(colour, 0.12),
                edgecolor=FAINT if tag == "O" and not wrong else colour,
                linewidth=1.1,
            )
        )
        ax.text(middle, 1.5, tag, ha="center", va="center", size=size, color=colour)
        if right is not None and wrong:
            ax.text(
                middle, 0.55, f"not {right[k]}", ha="center", va="center", size=size, color=colour
            )
    ax.set(xlim=(0, edges[-1]), ylim=(0.1, 3.0))
    ax.set_axis_off()
    return ax


def captioned_images(
    images: Any, captions: Sequence[str], ax: Axes | None = None, *, columns: int = 8
) -> Axes:
    """Draw small pictures in rows, each with its caption below.

    Args:
        images: Grey values from 0 (paper) to 1 (ink), (pictures, rows, columns).
        captions: One per picture, in Latin letters (the figures' font has no Chinese).
        ax: Where to draw; a new figure if none is given.
        columns: Pictures in a row.

    Returns:
        The axes.

    Raises:
        ValueError: If there is not one caption per picture.
    """
    values = numbers(images, (3,), "images")
    if len(values) != len(captions):
        raise ValueError(f"expected {len(values)} captions; got {len(captions)}")
    rows = -(-len(values) // columns)
    ax = axes_or_new(ax, 1.2 * rows)
    for k, (image, caption) in enumerate(zip(values, captions, strict=True)):
        row, column = divmod(k, columns)
        left, top = 1.25 * column, 1.6 * row
        ax.imshow(image, "Greys", vmin=0, vmax=1, extent=(left, left + 1, top + 1, top))
        ax.add_patch(Rectangle((left, top), 1, 1, fill=False, edgecolor=FAINT, linewidth=0.8))
        ax.text(left + 0.5, top + 1.25, caption, ha="center", va="center", color=INK)
    ax.set(xlim=(-0.15, 1.25 * columns - 0.1), ylim=(1.6 * rows - 0.1, -0.1), aspect="equal")
    ax.set_axis_off()
    return ax
