"""Stopping between two steps, so that what is saved is whole."""

import signal
import threading
from types import FrameType


class Interrupts:
    """Within it, a first Ctrl-C (or SIGTERM) is noted, not raised; a second is raised at once.

    Only the main thread hears signals; in another one nothing is changed.
    """

    def __init__(self, heed: bool = True) -> None:
        self.received: int | None = None
        self._heed = heed and threading.current_thread() is threading.main_thread()
        self._before: dict[int, object] = {}

    def _note(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - signal's form
        self.received = number
        self._restore()

    def _restore(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        self._before = {}

    def __enter__(self) -> "Interrupts":
        if self._heed:
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *exception: object) -> None:
        self._restore()
