"""Pictures in docks: as large as there is room, their pixels seen as they are.

Belongs here: drawing arrays. Which ones, each dock says.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import QSize, Qt
from qtpy.QtGui import QImage, QPainter, QPaintEvent, QPixmap
from qtpy.QtWidgets import QSizePolicy, QWidget

NARROWEST = 120
"""Least width of a picture, and of text that is wrapped: a long one makes the dock no wider."""


def pixmap(picture: NDArray[np.uint8]) -> QPixmap:
    """A picture of (h, w) or (h, w, 3) for Qt, which keeps its own copy."""
    kind = QImage.Format.Format_RGB888 if picture.ndim == 3 else QImage.Format.Format_Grayscale8
    data = np.ascontiguousarray(picture)
    height, width = data.shape[:2]
    return QPixmap.fromImage(QImage(data.data, width, height, data.strides[0], kind).copy())


class Picture(QWidget):
    """A picture as large as there is room, its pixels seen as they are."""

    def __init__(self, tip: str, ratio: float = 1.0) -> None:
        super().__init__()
        self.pixmap = QPixmap()
        self._ratio = ratio
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_picture(self, picture: QPixmap, *, ratio: float | None = None) -> None:
        """Show this one from now on, of another shape where a ratio is given."""
        self.pixmap = picture
        if ratio is not None and ratio != self._ratio:
            self._ratio = ratio
            self.updateGeometry()
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
