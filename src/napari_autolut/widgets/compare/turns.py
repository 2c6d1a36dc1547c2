"""Work that is done in parts, so that napari's window is served between them.

Belongs here: when the next part is done. What the parts are says whoever starts them.
"""

from __future__ import annotations

from collections.abc import Iterator

from qtpy.QtCore import QObject, QTimer


class Turns(QObject):
    """Does one part of a work in each turn of Qt's loop; an iterator yields after each part."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._parts: Iterator[None] = iter(())
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._do_next)

    @property
    def waiting(self) -> bool:
        """Whether there may be more to do."""
        return self._timer.isActive()

    def start(self, parts: Iterator[None]) -> None:
        """Begin, in the next turn, with a work in place of the one before."""
        self._parts = parts
        self._timer.start()

    def finish(self) -> None:
        """Do all that is left at once."""
        self._timer.stop()
        for _ in self._parts:
            pass

    def stop(self) -> None:
        """Leave what is not done."""
        self._timer.stop()
        self._parts = iter(())

    def _do_next(self) -> None:
        for _ in self._parts:
            return
        self.stop()
