"""The data figures of the course: each function takes data and an axes, and returns the axes.

Colours, symbols and line styles come from :mod:`rnnlab.palette`, sizes from ``rnnlab.mplstyle``.
:func:`use_style` applies the style; nothing happens on import. Numbers may be lists, NumPy arrays
or tensors on any device.
"""

from rnnlab.plotting.alignments import alignment
from rnnlab.plotting.answers import answers_over_steps, captioned_images, tagged_words
from rnnlab.plotting.choosing import paired_differences, quality_by_cost
from rnnlab.plotting.comparisons import bars_with_spread, curves, difference
from rnnlab.plotting.gradients import gradient_over_gap, jacobian_blocks
from rnnlab.plotting.language import learned_and_held_out, next_tokens
from rnnlab.plotting.lengths import accuracy_by_length
from rnnlab.plotting.remembering import success_by_gap, time_to_solution, wilson
from rnnlab.plotting.roles import ledger_bars, legend_of_roles
from rnnlab.plotting.runs import run_curves
from rnnlab.plotting.speed import ladder, roofline, time_by_length
from rnnlab.plotting.states import activation, gate_traces, heatmap
from rnnlab.plotting.style import panels, shared_legend, use_style
from rnnlab.plotting.verdicts import verdicts

__all__ = [
    "accuracy_by_length",
    "activation",
    "alignment",
    "answers_over_steps",
    "bars_with_spread",
    "captioned_images",
    "curves",
    "difference",
    "gate_traces",
    "gradient_over_gap",
    "heatmap",
    "jacobian_blocks",
    "ladder",
    "learned_and_held_out",
    "ledger_bars",
    "legend_of_roles",
    "next_tokens",
    "paired_differences",
    "panels",
    "quality_by_cost",
    "roofline",
    "run_curves",
    "shared_legend",
    "success_by_gap",
    "tagged_words",
    "time_by_length",
    "time_to_solution",
    "use_style",
    "verdicts",
    "wilson",
]
