"""Bars over the canvas that say which difference, or which error, a colour stands for.

Belongs here: drawing them. Which colours there are is ``comparison.layers``, other overlays are
``overlays.py``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from napari.utils.colormaps import ensure_colormap
from numpy.typing import NDArray
from qtpy.QtCore import QPoint, QRect, QRectF, Qt
from qtpy.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent
from qtpy.QtWidgets import QWidget

from napari_autolut.comparison import DIFFERENCE_COLOURS, ERROR_COLOURS
from napari_autolut.widgets.shared import number_text

STOPS = 9
"""Colours of a map of errors that its bar is drawn from."""

AT_MOST, AT_LEAST = "\N{LESS-THAN OR EQUAL TO}", "\N{GREATER-THAN OR EQUAL TO}"

LENGTH, THICKNESS, MARGIN = 180, 10, 8
"""Pixels of the bar, and around it."""


class ColourBar(QWidget):
    """Colours and the figures that they stand for, left, in the middle and right below them."""

    def __init__(self, canvas: QWidget, colours: Sequence[Sequence[float]]) -> None:
        super().__init__(canvas)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._colours = colours
        self.texts: tuple[str, str, str] = ("", "", "")
        lines = self.fontMetrics().height()
        self.resize(LENGTH + 4 * MARGIN, THICKNESS + lines + 2 * MARGIN)
        self.hide()

    def show_texts(self, left: str, middle: str, right: str) -> None:
        """Say what the colours stand for, and be seen."""
        self.texts = (left, middle, right)
        self.setAccessibleName(f"Colours from {left} to {right}")
        self.show()
        self.raise_()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw colours and figures on the theme's background."""
        painter, palette = QPainter(self), self.palette()
        painter.fillRect(self.rect(), palette.window())
        bar = QRect(2 * MARGIN, MARGIN // 2, LENGTH, THICKNESS)
        painter.fillRect(bar, _gradient(bar, self._colours))
        painter.setPen(palette.windowText().color())
        aligned = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter)
        for flag, text in zip((*aligned, Qt.AlignmentFlag.AlignRight), self.texts, strict=True):
            painter.drawText(
                QRect(MARGIN, bar.bottom() + 3, LENGTH + 2 * MARGIN, self.height()), flag, text
            )


class DifferenceBar(ColourBar):
    """The largest difference below zero and that above, in the lower left corner of the canvas."""

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas, DIFFERENCE_COLOURS)

    def show_limit(self, limit: float, *, largest: bool) -> None:
        """Say which difference the ends of the colours stand for, and whether it is the largest."""
        text = number_text(limit)
        below, above = ("", "") if largest else (f"{AT_MOST} ", f"{AT_LEAST} ")
        self.place()
        self.show_texts(f"{below}\N{MINUS SIGN}{text}", "0", f"{above}+{text}")

    def place(self) -> None:
        """Follow the size of the canvas."""
        self.move(MARGIN, self.parentWidget().height() - self.height() - MARGIN)


class ErrorBars:
    """A bar below the name of each view that is a map of errors: from 0 to the largest error."""

    def __init__(self, canvas: QWidget) -> None:
        self._canvas = canvas
        self._bars: list[ColourBar] = []

    def place(self, places: Sequence[QRectF], limit: float) -> None:
        """Lie in these views, and in no others; narrow ones have no room."""
        while len(self._bars) < len(places):
            self._bars.append(ColourBar(self._canvas, _error_colours()))
        for bar in self._bars[len(places) :]:
            bar.hide()
        for bar, place in zip(self._bars, places, strict=False):
            if place.width() < bar.width() + 2 * MARGIN:
                bar.hide()
                continue
            below = 3 * MARGIN + bar.fontMetrics().height()
            bar.move(int(place.left()) + MARGIN, int(place.top()) + below)
            bar.show_texts("0", "", f"{AT_LEAST} {number_text(limit)}")

    @property
    def shown(self) -> list[ColourBar]:
        """The bars that can be seen."""
        return [bar for bar in self._bars if not bar.isHidden()]


def _error_colours() -> Sequence[Sequence[float]]:
    """Red, green and blue of maps of errors, from none to the largest."""
    colours: NDArray[np.float64] = ensure_colormap(ERROR_COLOURS).map(np.linspace(0, 1, STOPS))
    return colours[:, :3].tolist()


def _gradient(bar: QRect, colours: Sequence[Sequence[float]]) -> QLinearGradient:
    gradient = QLinearGradient(bar.topLeft().toPointF(), (bar.topRight() + QPoint(1, 0)).toPointF())
    for at, colour in zip(np.linspace(0, 1, len(colours)), colours, strict=True):
        gradient.setColorAt(float(at), QColor.fromRgbF(*colour))
    return gradient
