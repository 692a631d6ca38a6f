"""The schematic pictures of the course, drawn in its visual language.

Each function draws one picture and returns its axes; it makes a new figure, 7 inches wide, unless
it is given an axes. The last paragraph of each docstring is an alternative text ready for use.
"""

from rnnlab.diagrams.cells import lstm_cell, rnn_cell
from rnnlab.diagrams.course import course_map
from rnnlab.diagrams.gru import gru_cell
from rnnlab.diagrams.tensors import gate, lstm_axes, weight_block
from rnnlab.diagrams.unrolled import unrolled

__all__ = [
    "course_map",
    "gate",
    "gru_cell",
    "lstm_axes",
    "lstm_cell",
    "rnn_cell",
    "unrolled",
    "weight_block",
]
