"""One view after the other: whose turn it is, by a key and by a timer."""

from __future__ import annotations

from qtpy.QtCore import QObject, QTimer, Signal


class Turns(QObject):
    """Counts through the views, when asked or every interval."""

    turned = Signal(int)

    def __init__(self, parent: QObject, interval_ms: int) -> None:
        super().__init__(parent)
        self.current = 0
        self._count = 1
        self._timer = QTimer(self)
        self._timer.setInterval(interval_ms)
        self._timer.timeout.connect(self.next)

    def begin(self, count: int) -> None:
        """Start over with so many views."""
        self._count = max(1, count)
        self.current = 0
        self.turned.emit(self.current)

    def next(self) -> None:
        """Go on to the next view; after the last one comes the first."""
        self.current = (self.current + 1) % self._count
        self.turned.emit(self.current)

    def show(self, number: int) -> None:
        """Show one of the views, if there are so many."""
        if number < self._count:
            self.current = number
            self.turned.emit(number)

    def play(self, on: bool) -> None:
        """Go on by itself, or stay."""
        if on:
            self._timer.start()
        else:
            self._timer.stop()

    def set_interval(self, interval_ms: int) -> None:
        """Change how long a view is seen."""
        self._timer.setInterval(interval_ms)
