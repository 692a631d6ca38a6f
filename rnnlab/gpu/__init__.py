"""Recurrent layers for a GPU: a readable one in a CUDA graph, and one kernel for all steps."""

from rnnlab.gpu.graphs import Graphed
from rnnlab.gpu.persistent import Persistent

__all__ = ["Graphed", "Persistent"]
