"""Small parts that the pages of the Train dock share: headings, quiet text, pictures, buttons."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import QSize, Qt
from qtpy.QtGui import QImage, QPainter, QPaintEvent, QPixmap
from qtpy.QtWidgets import (
    QFrame,
    QGraphicsOpacityEffect,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_autolut.widgets.shared.text import breakable

QUIET = 0.7
"""Opacity of text that explains: quieter in every theme."""

LEAST_PAGE = 320
"""Least width of a page: three thumbnails beside each other."""

NARROWEST = 120
"""Least width of text that is wrapped: a long one makes the dock no wider."""


def heading(text: str) -> QLabel:
    """A line that says what follows."""
    label = QLabel(text)
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    return label


def words(text: str = "", *, quiet: bool = False) -> QLabel:
    """Text that is wrapped where the dock ends; ``quiet`` where it only explains."""
    label = QLabel(breakable(text))
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setMinimumWidth(NARROWEST)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if quiet:
        effect = QGraphicsOpacityEffect(label)
        effect.setOpacity(QUIET)
        label.setGraphicsEffect(effect)
    return label


def page(widget: QWidget) -> QVBoxLayout:
    """An empty column that fills a page."""
    layout = QVBoxLayout(widget)
    layout.setContentsMargins(8, 8, 8, 8)
    layout.setSpacing(8)
    return layout


def row(*widgets: QWidget) -> QHBoxLayout:
    """Widgets beside each other, each as wide as it likes."""
    layout = QHBoxLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        layout.addWidget(widget)
    return layout


def button(text: str, tip: str) -> QPushButton:
    """A button with its tip."""
    made = QPushButton(text)
    made.setToolTip(tip)
    return made


class Scrolled(QScrollArea):
    """A page that scrolls up and down where the dock is not high enough, and never sideways."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self.setWidget(widget)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Wide enough for the page and the bar beside it."""
        width = (
            self.widget().minimumSizeHint().width() + self.verticalScrollBar().sizeHint().width()
        )
        return QSize(max(width, LEAST_PAGE), super().minimumSizeHint().height())


def pixmap(picture: NDArray[np.uint8]) -> QPixmap:
    """A picture of (h, w) or (h, w, 3) for Qt, which keeps its own copy."""
    kind = QImage.Format.Format_RGB888 if picture.ndim == 3 else QImage.Format.Format_Grayscale8
    data = np.ascontiguousarray(picture)
    height, width = data.shape[:2]
    return QPixmap.fromImage(QImage(data.data, width, height, data.strides[0], kind).copy())


class Picture(QWidget):
    """A picture as large as there is room, its pixels seen as they are."""

    def __init__(self, tip: str, ratio: float = 1.0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pixmap = QPixmap()
        self._ratio = ratio
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_picture(self, picture: QPixmap) -> None:
        """Show this one from now on."""
        self.pixmap = picture
        self.update()

    @property
    def empty(self) -> bool:
        """Whether nothing is shown."""
        return self.pixmap.isNull()

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        """Its height follows from its width."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        """Keep the shape that pictures here have."""
        return round(width / self._ratio)

    def sizeHint(self) -> QSize:  # noqa: N802
        """A size that a narrow dock has room for."""
        return QSize(NARROWEST, self.heightForWidth(NARROWEST))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw it in the middle, as large as it fits."""
        if self.pixmap.isNull():
            return
        size = self.pixmap.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        left, top = (self.width() - size.width()) // 2, (self.height() - size.height()) // 2
        painter = QPainter(self)
        painter.drawPixmap(left, top, size.width(), size.height(), self.pixmap)
        painter.end()


def main_window_of(widget: QWidget) -> Any:
    """The window of napari that a widget is in, floating or not; None in no window."""
    from qtpy.QtWidgets import QMainWindow

    parent = widget.parentWidget()
    while parent is not None and not isinstance(parent, QMainWindow):
        parent = parent.parentWidget()
    return parent
