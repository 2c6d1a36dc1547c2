"""Work beside the window that is asked for again and again, of which only the last counts."""

from __future__ import annotations

from threading import Event
from typing import Any

from qtpy.QtCore import QObject, Signal

from napari_autolut.widgets.background import Refusal, Run, Steps


class LatestRun(QObject):
    """Work of which only the last that was asked for counts; what came before it is dropped."""

    returned = Signal(object)
    refused = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._run: Run | None = None
        self._stopped = Event()

    def start(self, steps: Steps) -> None:
        """Begin this, and listen to nothing that was begun before."""
        self.drop()
        self._stopped = Event()
        self._run = Run(steps, self._stopped)
        self._run.returned.connect(self._finish)
        self._run.start()

    def drop(self) -> None:
        """Stop."""
        self._stopped.set()
        if self._run is not None:
            self._run.blockSignals(True)
            self._run = None

    @property
    def running(self) -> bool:
        """Whether something is being computed."""
        return self._run is not None

    def _finish(self, result: Any) -> None:
        self._run = None
        if isinstance(result, Refusal):
            self.refused.emit(result.reason)
        else:
            self.returned.emit(result)
