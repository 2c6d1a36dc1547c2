"""Work beside the window that is asked for again and again, of which only the last counts.

Belongs here: which work is begun, stopped and passed on. How one is run is ``background.py``.
"""

from __future__ import annotations

from threading import Event
from typing import Any

from qtpy.QtCore import QObject, Signal

from napari_autolut.widgets.shared.background import Refusal, Run, Steps


class _Wanted:
    """What is to be computed; apart from the QObject, so that Qt may delete that first."""

    def __init__(self) -> None:
        self.steps: Steps | None = None
        self.stopped = Event()

    def cancel(self, _deleted: QObject | None = None) -> None:
        """Stop, and begin nothing more."""
        self.steps = None
        self.stopped.set()


class LatestRun(QObject):
    """Work of which only the last that was asked for counts; what came before it is dropped.

    What is asked for begins when the work before it has stopped: however fast one asks, no more
    than one thing is computed at a time. ``advanced`` passes on what the work yields; ``returned``
    gives its result, or ``refused`` the reason why there is none.
    """

    advanced = Signal(object)
    returned = Signal(object)
    refused = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._run: Run | None = None
        self._wanted = _Wanted()
        self.destroyed.connect(self._wanted.cancel)

    def start(self, steps: Steps) -> None:
        """Begin this, and listen to nothing that was begun before."""
        self._wanted.stopped.set()
        self._wanted.steps = steps
        if self._run is None:
            self._begin()

    def cancel(self) -> None:
        """Stop."""
        self._wanted.cancel()

    @property
    def running(self) -> bool:
        """Whether something is being computed that has not been dropped."""
        return self._wanted.steps is not None or (
            self._run is not None and not self._wanted.stopped.is_set()
        )

    def _begin(self) -> None:
        steps, self._wanted.steps = self._wanted.steps, None
        if steps is None:
            return
        stopped = self._wanted.stopped = Event()
        self._run = Run(steps, stopped)
        self._run.advanced.connect(lambda progress: self._advance(progress, stopped))
        self._run.returned.connect(lambda result: self._finish(result, stopped))
        self._run.finished.connect(self._end)
        self._run.start()

    def _advance(self, progress: Any, stopped: Event) -> None:
        if not stopped.is_set():
            self.advanced.emit(progress)

    def _finish(self, result: Any, stopped: Event) -> None:
        if stopped.is_set():
            return
        stopped.set()
        if isinstance(result, Refusal):
            self.refused.emit(result.reason)
        else:
            self.returned.emit(result)

    def _end(self) -> None:
        self._run = None
        self._begin()
