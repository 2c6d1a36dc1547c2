"""What lies over a canvas of views: their names, and the handles between lanes.

Belongs here: widgets over the canvas. Where views lie on it is ``layout.py`` and ``canvas.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qtpy.QtCore import QRectF, Qt, Signal
from qtpy.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from qtpy.QtWidgets import QLabel, QWidget

MARGIN = 8
"""Pixels between a name and the edges of its view."""

GRIP = 11
"""Width in pixels of what can be grabbed around a border."""

STEP = 0.01
"""How far an arrow key moves a border, as a fraction of the width; ten times that with Shift."""


class NameLabel(QLabel):
    """The name of a view, in its corner, through which the canvas can be dragged."""

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setMargin(4)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Lie on the theme's background, which a label over an image needs."""
        QPainter(self).fillRect(self.rect(), self.palette().window())
        super().paintEvent(event)

    def place(self, place: QRectF, text: str) -> None:
        """Write a name into the upper left corner of a view, cut off where there is no room."""
        room = int(place.width()) - 2 * MARGIN
        inner = max(0, room - 2 * self.margin())
        self.setText(self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, inner))
        self.adjustSize()
        self.move(int(place.left()) + MARGIN, int(place.top()) + MARGIN)
        self.setVisible(room > 2 * MARGIN)


class NameLabels:
    """A name for each view."""

    def __init__(self, canvas: QWidget) -> None:
        self._canvas = canvas
        self.labels: list[NameLabel] = []

    def place(self, places: Sequence[QRectF], names: Sequence[str]) -> None:
        """Write the names into their places, and into no others."""
        while len(self.labels) < len(names):
            self.labels.append(NameLabel(self._canvas))
        for label in self.labels[len(names) :]:
            label.hide()
        for label, place, name in zip(self.labels, places, names, strict=False):
            label.place(place, name)

    @property
    def shown(self) -> list[NameLabel]:
        """The labels that can be seen."""
        return [label for label in self.labels if not label.isHidden()]


class Handles:
    """A handle for each border between lanes; ``moved`` gets its number, and where to."""

    def __init__(self, canvas: QWidget, moved: Callable[[int, float], None]) -> None:
        self._canvas = canvas
        self._moved = moved
        self.handles: list[SplitHandle] = []

    def place(self, splits: Sequence[float]) -> None:
        """Lie on the borders, and nowhere else."""
        while len(self.handles) < len(splits):
            handle = SplitHandle(self._canvas, len(self.handles))
            handle.moved.connect(self._moved)
            self.handles.append(handle)
        for number, handle in enumerate(self.handles):
            handle.setVisible(number < len(splits))
        for handle, at in zip(self.handles, splits, strict=False):
            handle.place(at)
            handle.raise_()

    @property
    def shown(self) -> list[SplitHandle]:
        """The handles that can be seen."""
        return [handle for handle in self.handles if not handle.isHidden()]


class SplitHandle(QWidget):
    """The border between two lanes: drag it, or move it with the arrow keys."""

    moved = Signal(int, float)

    def __init__(self, canvas: QWidget, number: int) -> None:
        super().__init__(canvas)
        self._number = number
        self._at = 0.0
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip("Drag, or press the left and right arrow keys, to uncover more of a view")
        self.setAccessibleName(f"Border {number + 1} between views")

    def place(self, at: float) -> None:
        """Lie on a fraction of the canvas's width."""
        self._at = at
        canvas = self.parentWidget()
        self.setGeometry(round(at * canvas.width()) - GRIP // 2, 0, GRIP, canvas.height())

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Keep the press from the canvas, which would pan."""
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Ask to be moved to where the mouse is."""
        x = self.mapToParent(event.pos()).x()
        self.moved.emit(self._number, x / max(1, self.parentWidget().width()))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Ask to be moved by a step."""
        steps = {Qt.Key.Key_Left: -STEP, Qt.Key.Key_Right: STEP}
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        large = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        self.moved.emit(self._number, self._at + step * (10 if large else 1))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw a line that can be seen on light and dark images; wider with the focus."""
        palette = self.palette()
        painter = QPainter(self)
        middle, half = GRIP // 2, 2 if self.hasFocus() or self.underMouse() else 1
        painter.fillRect(middle - half, 0, 2 * half + 1, self.height(), palette.window())
        painter.fillRect(middle, 0, 1, self.height(), palette.windowText())
        painter.fillRect(middle - 3, self.height() // 2 - 14, 7, 28, palette.window())
        painter.fillRect(middle - 1, self.height() // 2 - 10, 3, 20, palette.windowText())
