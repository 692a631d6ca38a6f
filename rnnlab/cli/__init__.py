"""The ``rnnlab`` command."""

from rnnlab.cli.app import main

__all__ = ["main"]
