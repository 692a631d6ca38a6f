"""The schematic pictures of the course, drawn in its visual language.

Each function draws one picture and returns its axes; it makes a new figure, 7 inches wide, unless
it is given an axes. The last paragraph of each docstring is an alternative text ready for use.
"""

from rnnlab.diagrams.attention import (
    attention_steps,
    decoder_attention,
    scoring_rules,
    soft_lookup,
)
from rnnlab.diagrams.cells import lstm_cell, rnn_cell
from rnnlab.diagrams.course import course_map
from rnnlab.diagrams.deciding import handed_on, which_cell
from rnnlab.diagrams.directions import both_directions, last_states, stacked_layers
from rnnlab.diagrams.encoder_decoder import encoder_decoder
from rnnlab.diagrams.gru import gru_cell
from rnnlab.diagrams.language import Branch, beam_tree, two_memories
from rnnlab.diagrams.memory import TimeLine, reber_graph, time_lines
from rnnlab.diagrams.parallel import scan_tree, waiting, wavefront
from rnnlab.diagrams.shapes import four_shapes, padded
from rnnlab.diagrams.tensors import gate, lstm_axes, weight_block
from rnnlab.diagrams.through_time import backward_pass, checkpoints, clipping, truncated
from rnnlab.diagrams.unrolled import unrolled

__all__ = [
    "Branch",
    "TimeLine",
    "attention_steps",
    "backward_pass",
    "beam_tree",
    "both_directions",
    "checkpoints",
    "clipping",
    "course_map",
    "decoder_attention",
    "encoder_decoder",
    "four_shapes",
    "gate",
    "gru_cell",
    "handed_on",
    "last_states",
    "lstm_axes",
    "lstm_cell",
    "padded",
    "reber_graph",
    "rnn_cell",
    "scan_tree",
    "scoring_rules",
    "soft_lookup",
    "stacked_layers",
    "time_lines",
    "truncated",
    "two_memories",
    "unrolled",
    "waiting",
    "wavefront",
    "weight_block",
    "which_cell",
]
