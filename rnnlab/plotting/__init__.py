"""The data figures of the course: each function takes data and an axes, and returns the axes.

Colours, symbols and line styles come from :mod:`rnnlab.palette`, sizes from ``rnnlab.mplstyle``.
:func:`use_style` applies the style; nothing happens on import. Numbers may be lists, NumPy arrays
or tensors on any device.
"""

from rnnlab.plotting.comparisons import bars_with_spread, curves, difference
from rnnlab.plotting.roles import ledger_bars, legend_of_roles
from rnnlab.plotting.runs import run_curves
from rnnlab.plotting.states import activation, gate_traces, heatmap
from rnnlab.plotting.style import panels, use_style

__all__ = [
    "activation",
    "bars_with_spread",
    "curves",
    "difference",
    "gate_traces",
    "heatmap",
    "ledger_bars",
    "legend_of_roles",
    "panels",
    "run_curves",
    "use_style",
]
