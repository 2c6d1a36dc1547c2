"""Looking through a source in the background, of which only the last one counts."""

from __future__ import annotations

from threading import Event
from typing import Any

from qtpy.QtCore import QObject, Signal

from napari_autolut.widgets.shared.background import Run


class _Stop:
    """Stops the run in progress; apart from Qt's objects, which may be deleted before it."""

    def __init__(self) -> None:
        self.event = Event()

    def now(self, _deleted: QObject | None = None) -> None:
        self.event.set()


class FindRun(QObject):
    """``advanced`` gives the findings so far, ``returned`` all of them or a `Refusal`."""

    advanced = Signal(object)
    returned = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._run: Run | None = None
        self._stop = _Stop()
        parent.destroyed.connect(self._stop.now)

    @property
    def running(self) -> bool:
        """Whether something is being looked at."""
        return self._run is not None

    def start(self, steps: Any) -> None:
        """Begin, and listen to nothing that was begun before."""
        self.drop()
        self._stop.event = Event()
        self._run = Run(steps, self._stop.event)
        self._run.advanced.connect(self.advanced)
        self._run.returned.connect(self._finish)
        self._run.start()

    def drop(self) -> None:
        """Stop."""
        self._stop.now()
        if self._run is not None:
            self._run.blockSignals(True)
            self._run = None

    def _finish(self, result: Any) -> None:
        self._run = None
        self.returned.emit(result)
