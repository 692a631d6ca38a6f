"""The visual language: one colour, one symbol and one line style for each role.

The same role looks the same in every diagram, plot and table of the course. The colours were chosen
so that readers with protanopia, deuteranopia or tritanopia can tell apart those that occur in one
picture, on a white page and on the book's dark page; ``tests/test_palette.py`` states the bounds.
Colour is never the only sign: a symbol, a line style or a marker says the same.

The chapter "Notation and conventions" shows the whole list.
"""

from dataclasses import dataclass

INK = "#1f2328"
"""Text, outlines and everything that has no role."""
MUTED = "#6b7078"
"""Secondary text, such as notes, units and grid labels."""
FAINT = "#c9cdd3"
"""What a picture leaves in the background, for instance beside a highlighted gate."""
PAPER = "#ffffff"
"""The background of every figure."""


@dataclass(frozen=True)
class Role:
    """How one role looks, wherever it occurs.

    Attributes:
        name: The English name, as in the text and the glossary.
        symbol: The symbol as mathtext, for instance ``$f_t$``.
        colour: The colour as ``#rrggbb``.
        chinese: The Chinese name, as in the glossary.
        linestyle: A matplotlib line style.
        marker: A matplotlib marker.
        gru_symbol: The symbol in the GRU, where it is another one than ``symbol``.
    """

    name: str
    symbol: str
    colour: str
    chinese: str
    linestyle: str
    marker: str
    gru_symbol: str = ""

    def symbol_in(self, kind: str) -> str:
        """Return the symbol of this role in a kind of model, for instance ``$n_t$`` in the GRU."""
        return self.gru_symbol if kind == "gru" and self.gru_symbol else self.symbol


ROLES: dict[str, Role] = {
    "input": Role("input", "$x_t$", "#2b2a27", "输入", "-", "o"),
    "hidden": Role("hidden state", "$h_t$", "#2048b2", "隐藏状态", "-", "s"),
    "cell": Role("cell state", "$c_t$", "#db7100", "细胞状态", "-", "D"),
    "candidate": Role("candidate", "$g_t$", "#34a65a", "候选值", "-.", "P", "$n_t$"),
    "forget": Role("forget gate", "$f_t$", "#b20053", "遗忘门", "--", "v"),
    "input_gate": Role("input gate", "$i_t$", "#007789", "输入门", ":", "^"),
    "output": Role("output gate", "$o_t$", "#a16bf4", "输出门", "-", "X"),
    "reset": Role("reset gate", "$r_t$", "#f03841", "重置门", ":", "<"),
    "update": Role("update gate", "$z_t$", "#706000", "更新门", "--", ">"),
    "attention": Role("attention weights", r"$\alpha_t$", "#af3f99", "注意力权重", "-", "*"),
    "rnn": Role("RNN", "RNN", "#80858f", "循环神经网络", ":", "o"),
    "lstm": Role("LSTM", "LSTM", "#2b2d8c", "长短期记忆网络", "-", "s"),
    "gru": Role("GRU", "GRU", "#c4470f", "门控循环单元", "--", "^"),
}
"""Every role by its key. The last three are the kinds of model."""

MODEL_KINDS = ("rnn", "lstm", "gru")
"""The keys of :data:`ROLES` that stand for a kind of model."""

GATES: dict[str, tuple[str, ...]] = {
    "rnn": ("hidden",),
    "lstm": ("input_gate", "forget", "candidate", "output"),
    "gru": ("reset", "update", "candidate"),
}
"""The blocks of rows in each kind's stored weights, as roles, in PyTorch's order."""


def role(key: str) -> Role:
    """Return the role called ``key``.

    Args:
        key: A key of :data:`ROLES`, for instance ``"forget"``; case does not matter.

    Raises:
        ValueError: If there is no such role.
    """
    try:
        return ROLES[key.lower()]
    except KeyError:
        raise ValueError(f"role must be one of {', '.join(ROLES)}; got {key!r}") from None


def tint(colour: str, amount: float) -> str:
    """Mix ``colour`` with white: amount 1 is the colour itself, amount 0 is white.

    Args:
        colour: ``#rrggbb``.
        amount: Between 0 and 1.

    Raises:
        ValueError: If ``amount`` is outside [0, 1].
    """
    if not 0 <= amount <= 1:
        raise ValueError(f"amount must be between 0 and 1; got {amount}")
    channels = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(255 - amount * (255 - channel)):02x}" for channel in channels)


def in_the_dark(colour: str) -> str:
    """Give a colour as the book's dark page shows it in a figure: inverted, its hue turned back.

    The CSS filter ``invert(0.9) hue-rotate(180deg)``, as the Filter Effects module defines it.

    Args:
        colour: ``#rrggbb``.
    """
    inverted = [0.9 - 0.8 * int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    grey = sum(a * b for a, b in zip((0.213, 0.715, 0.072), inverted, strict=True))
    turned = (min(max(2 * grey - channel, 0.0), 1.0) for channel in inverted)
    return "#" + "".join(f"{round(255 * channel):02x}" for channel in turned)
