"""The cover's picture: an LSTM reads two strings that differ in one early letter.

Everything that it shows is computed by the package when the page is built; the network is the one
that the explorers step through. The picture is whole as it stands; ``cover.js`` lets it run.

Axes: ``T`` steps, ``H`` hidden units.
"""

import math
from dataclasses import dataclass
from functools import cache
from html import escape

from torch import Tensor

from rnnlab import explorers
from rnnlab.data.reber import SYMBOLS
from rnnlab.models import Tagger
from rnnlab.palette import FAINT, INK, PAPER, ROLES

#: What is read. After it comes the second letter again: the network must still know it.
READ = ("BTBTXXVVE", "BPBTXXVVE")
SECOND = 1  # the step of the letter that makes the difference

WIDTH, LEFT, COLUMN = 640, 44, 52
TILE, ROW, LEVEL, THIN = 32, 9, 20, 5  # heights: letters, a unit, the gate's bar, a difference
GAP, SPACE = 5, 14  # between rows, between the strings and what they differ in


@dataclass(frozen=True)
class Reading:
    """What the network does while it reads a string.

    Attributes:
        text: What is read.
        cell: The cell state at each step, (T, H).
        forget: The mean of the forget gates at each step, (T,).
        expected: The symbol that it gives the greatest probability afterwards.
        probability: That probability.
    """

    text: str
    cell: Tensor
    forget: Tensor
    expected: str
    probability: float


def read(network: Tagger, text: str) -> Reading:
    """Have a network read a string."""
    trace = explorers.trace(network, text)
    probability, index = trace.probabilities[-1].max(-1)
    return Reading(
        text,
        trace.values["cell"],
        trace.values["forget"].mean(-1),
        SYMBOLS[int(index)],
        float(probability),
    )


@cache
def readings() -> tuple[Reading, Reading]:
    """Both strings, read by the network that the package brings.

    Raises:
        ValueError: A network that does not know the letter any more; it would make no picture.
    """
    network = explorers.shipped_network("lstm")
    first, second = (read(network, text) for text in READ)
    for reading in (first, second):
        if reading.expected != reading.text[SECOND]:
            raise ValueError(f"the network does not know the second letter of {reading.text}")
    return first, second


def apart(first: Reading, second: Reading) -> Tensor:
    """How far apart the tanh of the cell states of two readings is at each step, (T, H)."""
    return (first.cell.tanh() - second.cell.tanh()).abs()


def description(first: Reading, second: Reading) -> str:
    """The picture in words, with its numbers."""
    least = float(apart(first, second)[SECOND:].amax(-1).min())
    answers = " and ".join(
        f"after {reading.text} it expects {reading.expected}, with {_percent(reading.probability)}"
        for reading in (first, second)
    )
    return (
        f"An LSTM with {first.cell.shape[1]} units reads {first.text} and {second.text}, letter by "
        "letter. Below the letters stand its cell state, orange below zero and blue above, and how "
        "far its forget gates are open. The strings differ in the second letter alone. From there "
        "on the tanh of the two cell states always differs in some unit, by no less than "
        f"{least:.1f}; {answers}."
    )


def picture(first: Reading, second: Reading) -> str:
    """The picture as SVG."""
    units = first.cell.shape[1]
    height = TILE + GAP + units * ROW + GAP + LEVEL
    between = units * THIN
    parts = [
        _string(first, 4),
        _difference(first, second, 4 + height + SPACE),
        _string(second, 4 + height + SPACE + between + SPACE),
    ]
    label = escape(description(first, second), quote=True)
    return (
        f'<svg class="cover-svg" viewBox="0 0 {WIDTH} {2 * (height + SPACE) + between + 8}" '
        f'role="img" aria-label="{label}" font-size="20" fill="{INK}">{"".join(parts)}</svg>'
    )


def _string(reading: Reading, top: int) -> str:
    """One string: names of the rows, a column for each step, and what is expected next."""
    states = top + TILE + GAP
    bottom = states + reading.cell.shape[1] * ROW + GAP + LEVEL
    forget = ROLES["forget"].colour
    columns = []
    for step, symbol in enumerate(reading.text):
        x = LEFT + step * COLUMN
        ground, letter = (INK, PAPER) if step == SECOND else (PAPER, INK)
        tile = (
            f'<rect x="{x + 2}" y="{top}" width="{COLUMN - 4}" height="{TILE}" rx="5" '
            f'fill="{ground}" stroke="{INK}" stroke-width="1.5"/>'
            f'<text x="{x + COLUMN // 2}" y="{top + 23}" text-anchor="middle" font-weight="700" '
            f'fill="{letter}">{symbol}</text>'
        )
        cells = [
            _box(step, states + row * ROW, ROW - 1, _colour(value), abs(math.tanh(value)))
            for row, value in enumerate(reading.cell[step].tolist())
        ]
        level = float(reading.forget[step]) * LEVEL
        cells.append(_box(step, bottom - level, level, forget))
        columns.append(f'<g class="step" data-step="{step}">{tile}{"".join(cells)}</g>')
    right = LEFT + len(reading.text) * COLUMN
    ground_line = f'<path d="M{LEFT} {bottom}H{right}" stroke="{FAINT}"/>'
    names = _name("x", top + 23) + _name("c", states + 42) + _name("f", bottom - 3, forget)
    middle = (right + WIDTH) // 2
    answer = (
        f'<g class="step" data-step="{len(reading.text)}" text-anchor="middle">'
        f'<text x="{middle}" y="{top + 23}">next?</text>'
        f'<text x="{middle}" y="{states + 56}" font-size="52" font-weight="700">'
        f"{reading.expected}</text>"
        f'<text x="{middle}" y="{bottom - 14}">{_percent(reading.probability)}</text></g>'
    )
    return names + ground_line + "".join(columns) + answer


def _difference(first: Reading, second: Reading, top: int) -> str:
    """Where the two cell states differ, and how much."""
    columns = "".join(
        f'<g class="step" data-step="{step}">'
        + "".join(
            _box(step, top + row * THIN, THIN - 1, INK, min(1.0, value))
            for row, value in enumerate(values)
        )
        + "</g>"
        for step, values in enumerate(apart(first, second).tolist())
    )
    width, height = len(first.text) * COLUMN, first.cell.shape[1] * THIN
    middle = LEFT + width + (WIDTH - LEFT - width) // 2
    return (
        f'<rect x="{LEFT}" y="{top - 3}" width="{width}" height="{height + 5}" fill="none" '
        f'stroke="{INK}" stroke-width="1.5"/>{columns}'
        f'<text x="{middle}" y="{top + 27}" text-anchor="middle" font-size="18">difference</text>'
    )


def _box(step: int, y: float, height: float, colour: str, strength: float = 1.0) -> str:
    """A box in the column of a step."""
    if strength < 0.01:
        return ""  # nothing to be seen
    return (
        f'<rect x="{LEFT + step * COLUMN + 2}" y="{y:.4g}" width="{COLUMN - 4}" '
        f'height="{height:.3g}" fill="{colour}" opacity="{strength:.2g}"/>'
    )


def _name(name: str, y: int, colour: str = INK) -> str:
    """The name of a row."""
    return (
        f'<text x="{LEFT - 10}" y="{y}" text-anchor="end" font-style="italic" fill="{colour}">'
        f"{name}</text>"
    )


def _colour(value: float) -> str:
    """Of a state: orange below zero, blue above, as in every figure of the book."""
    return ROLES["hidden" if value > 0 else "cell"].colour


def _percent(share: float) -> str:
    """A share that is less than one is never called 100 %."""
    return "> 99 %" if share > 0.99 else f"{share:.0%}".replace("%", " %")
