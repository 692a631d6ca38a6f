"""Everything that models of this course are trained for, each as data, model and measure.

The command line, the benchmarks and the chapters train the same tasks.
"""

from rnnlab.tasks.catalogue import CATALOGUE, from_checkpoint, named
from rnnlab.tasks.setup import Options, Setup, Task

__all__ = ["CATALOGUE", "Options", "Setup", "Task", "from_checkpoint", "named"]
