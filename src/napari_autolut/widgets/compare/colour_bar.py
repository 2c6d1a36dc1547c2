"""The bar over the canvas that says which difference a colour stands for.

Belongs here: drawing it. Which colours there are is ``comparison.layers``, other overlays are
``overlays.py``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from qtpy.QtCore import QPoint, QRect, Qt
from qtpy.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent
from qtpy.QtWidgets import QWidget

from napari_autolut.comparison import DIFFERENCE_COLOURS
from napari_autolut.widgets.shared import number_text

LENGTH, THICKNESS, MARGIN = 180, 10, 8
"""Pixels of the bar, and around it."""


class ColourBar(QWidget):
    """Colours from the largest difference below zero to that above, with figures below them."""

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.texts: tuple[str, str, str] = ("", "0", "")
        self.hide()

    def show_limit(self, limit: float) -> None:
        """Say what the ends of the colours stand for, and be seen."""
        text = number_text(limit)
        self.texts = (f"\N{MINUS SIGN}{text}", "0", f"+{text}")
        self.setAccessibleName(f"Colours from {self.texts[0]} to {self.texts[2]}")
        self.place()
        self.show()
        self.raise_()
        self.update()

    def place(self) -> None:
        """Lie in the lower left corner of the canvas."""
        canvas, lines = self.parentWidget(), self.fontMetrics().height()
        self.resize(LENGTH + 4 * MARGIN, THICKNESS + lines + 2 * MARGIN)
        self.move(MARGIN, canvas.height() - self.height() - MARGIN)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw colours and figures on the theme's background."""
        painter, palette = QPainter(self), self.palette()
        painter.fillRect(self.rect(), palette.window())
        bar = QRect(2 * MARGIN, MARGIN // 2, LENGTH, THICKNESS)
        painter.fillRect(bar, _gradient(bar, DIFFERENCE_COLOURS))
        painter.setPen(palette.windowText().color())
        aligned = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter)
        for flag, text in zip((*aligned, Qt.AlignmentFlag.AlignRight), self.texts, strict=True):
            painter.drawText(
                QRect(MARGIN, bar.bottom() + 3, LENGTH + 2 * MARGIN, self.height()), flag, text
            )


def _gradient(bar: QRect, colours: Sequence[Sequence[float]]) -> QLinearGradient:
    gradient = QLinearGradient(bar.topLeft().toPointF(), (bar.topRight() + QPoint(1, 0)).toPointF())
    for at, colour in zip(np.linspace(0, 1, len(colours)), colours, strict=True):
        gradient.setColorAt(float(at), QColor.fromRgbF(*colour))
    return gradient
