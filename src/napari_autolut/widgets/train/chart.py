"""The curves of a training, drawn in the colours of the theme.

Belongs here: painting. Where everything lies is ``chart_axes.py``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from qtpy.QtCore import QPointF, QRectF, QSize, Qt
from qtpy.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from qtpy.QtWidgets import QSizePolicy, QWidget

from napari_autolut.training.record import OVER_BICUBIC, TrainingRecord
from napari_autolut.util.text import counted
from napari_autolut.widgets.train.chart_axes import (
    MIN_DECIBELS,
    Axis,
    Box,
    Point,
    binned_means,
    log_ticks,
    number_text,
    padded_axis,
    tick_text,
    to_pixels,
)

MAX_LOSSES, MAX_TICKS, MAX_PSNR_TICKS = 120, 3, 5
GRID_OPACITY, TEXT_OPACITY, MUTED_OPACITY = 0.15, 0.7, 0.45
"""How much of the text's colour grid lines, words and the second curve have."""


class TrainChart(QWidget):
    """Above, PSNR on held-out images against bicubic's; below, the loss; over the steps."""

    def __init__(self) -> None:
        super().__init__()
        self._record = TrainingRecord()
        self.setMinimumHeight(220)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(
            "PSNR of the table on images that it does not learn from, beside that of bicubic "
            "interpolation; below, the mean squared error on those it learns from"
        )
        self.setAccessibleName("Curves of the training")

    def sizeHint(self) -> QSize:  # noqa: N802
        """High enough for two charts."""
        return QSize(260, 220)

    def show_record(self, record: TrainingRecord) -> None:
        """Draw these curves."""
        self._record = record
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw both charts."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = self.fontMetrics().height()
        left, right = 5.5 * self.fontMetrics().averageCharWidth() + 8, self.width() - 8.0
        middle = 0.62 * self.height()
        upper = Box(left, line + 6.0, right, middle - 4)
        lower = Box(left, middle + line + 6.0, right, self.height() - line - 4.0)
        step_axis = self._steps()
        self._draw_psnr(painter, upper, step_axis)
        self._draw_loss(painter, lower, step_axis)
        self._name_steps(painter, lower, step_axis)
        painter.end()

    def _steps(self) -> Axis:
        measured = (*self._record.psnr, *self._record.network)
        ends = [self._record.step, *(step for step, *_ in measured)]
        return Axis(0.0, float(max(*ends, 1)))

    def _draw_psnr(self, painter: QPainter, box: Box, step_axis: Axis) -> None:
        record = self._record
        points = [(float(step), psnr) for step, psnr, _ in record.psnr]
        network = [(float(step), psnr) for step, psnr in record.network]
        bicubic = [] if record.bicubic is None else [record.bicubic]
        shown = [*(y for _, y in (*points, *network)), *bicubic]
        value_axis = padded_axis(shown, MIN_DECIBELS)
        values = value_axis.ticks(MAX_PSNR_TICKS) if shown else []
        step = values[1] - values[0] if len(values) > 1 else 1.0
        ticks = [(value, tick_text(value, step)) for value in values]
        self._frame(painter, box, value_axis, ticks, "PSNR in dB")
        if bicubic:
            height = value_axis.position(bicubic[0], box.bottom, box.top)
            pen = QPen(self._colour(TEXT_OPACITY), 1.2, Qt.PenStyle.DashLine)
            painter.setPen(pen)
            painter.drawLine(QPointF(box.left, height), QPointF(box.right, height))
            noisy = record.over != OVER_BICUBIC
            self._write(painter, box.right, height - 4, "shipped" if noisy else "bicubic")
        learned = to_pixels(network, step_axis, value_axis, box)
        self._curve(painter, learned, self._colour(MUTED_OPACITY), 2.0, dots=True)
        if learned:
            end, height = learned[-1]
            below = height + self.fontMetrics().height()
            self._write(painter, max(end, box.left + 60), below, "network")
        table = to_pixels(points, step_axis, value_axis, box)
        self._curve(painter, table, self._colour(1.0), 2.0, dots=True)

    def _draw_loss(self, painter: QPainter, box: Box, step_axis: Axis) -> None:
        losses = [(float(x), y) for x, y in self._record.loss if y > 0]
        points = [(x, math.log10(y)) for x, y in binned_means(losses, MAX_LOSSES)]
        value_axis = padded_axis(y for _, y in points)
        values = log_ticks(10**value_axis.low, 10**value_axis.high, MAX_TICKS) if points else []
        ticks = [(math.log10(value), number_text(value)) for value in values]
        self._frame(painter, box, value_axis, ticks, "Squared error, logarithmic")
        loss = to_pixels(points, step_axis, value_axis, box)
        self._curve(painter, loss, self._colour(MUTED_OPACITY), 1.5)

    def _frame(
        self,
        painter: QPainter,
        box: Box,
        value_axis: Axis,
        ticks: Sequence[tuple[float, str]],
        title: str,
    ) -> None:
        """Grid lines with what is written beside them, and the title above."""
        painter.setPen(self._colour(TEXT_OPACITY))
        painter.drawText(QPointF(box.left, box.top - 5), title)
        beside = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for value, text in ticks:
            height = value_axis.position(value, box.bottom, box.top)
            painter.setPen(QPen(self._colour(GRID_OPACITY), 1.0))
            painter.drawLine(QPointF(box.left, height), QPointF(box.right, height))
            painter.setPen(self._colour(TEXT_OPACITY))
            painter.drawText(QRectF(0, height - 10, box.left - 5, 20), beside, text)
        painter.setPen(QPen(self._colour(MUTED_OPACITY), 1.0))
        painter.drawLine(QPointF(box.left, box.bottom), QPointF(box.right, box.bottom))

    def _name_steps(self, painter: QPainter, box: Box, step_axis: Axis) -> None:
        painter.setPen(self._colour(TEXT_OPACITY))
        base = self.height() - 4.0
        painter.drawText(QPointF(box.left, base), "0")
        self._write(painter, box.right, base, counted(f"{step_axis.high:,.0f}", "step"))

    def _write(self, painter: QPainter, right: float, base: float, text: str) -> None:
        painter.setPen(self._colour(TEXT_OPACITY))
        width = self.fontMetrics().horizontalAdvance(text)
        painter.drawText(QPointF(right - width, base), text)

    def _curve(
        self,
        painter: QPainter,
        points: Sequence[Point],
        colour: QColor,
        width: float,
        *,
        dots: bool = False,
    ) -> None:
        corners = [QPointF(x, y) for x, y in points]
        painter.setPen(QPen(colour, width))
        painter.drawPolyline(QPolygonF(corners))
        if dots:
            painter.setBrush(colour)
            painter.setPen(Qt.PenStyle.NoPen)
            for corner in corners:
                painter.drawEllipse(corner, width + 0.5, width + 0.5)
            painter.setBrush(Qt.BrushStyle.NoBrush)

    def _colour(self, strength: float) -> QColor:
        """The text's colour in the theme, more or less of it."""
        colour = QColor(self.palette().color(QPalette.ColorRole.WindowText))
        colour.setAlphaF(strength)
        return colour
