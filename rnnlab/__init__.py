"""rnnlab: recurrent networks from first principles, each proved equal to an independent reference.

The package of the course of the same name. Importing it needs torch alone; what draws or talks to
a notebook is imported when it is used.
"""

from . import parameters, scratch

__all__ = ["parameters", "scratch"]
__version__ = "0.1.0"
