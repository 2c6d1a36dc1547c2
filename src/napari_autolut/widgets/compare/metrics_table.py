"""The table of metrics: each view measured against the ground truth, as far as it is seen.

Belongs here: when it is measured, and how figures are written. What they are is
``comparison.metrics``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from qtpy.QtCore import Qt, QTimer, Signal
from qtpy.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem

from napari_autolut.comparison import Comparison, Figures, Measured, View, border_of, measure_steps
from napari_autolut.util.boxes import Box
from napari_autolut.widgets.shared import GAP, LatestRun, number_text
from napari_autolut.widgets.shared.plain_text import plain

MEASURES = (
    ("PSNR", "higher is better"),
    ("SSIM", "1 is equal; needs 11 pixels a side"),
    ("mean error", "the mean difference in pixel values, either way"),
    ("largest error", "the largest difference in pixel values, either way"),
)
REGIONS = (
    ("visible", "Of the part that is seen, without the border"),
    ("slice", "Of all that is computed of the slice, without a border as wide as the scale"),
)
COLUMNS = (
    ("View", "What is measured against the ground truth"),
    *(
        (f"{measure}\n{region}", f"{what}; {says}")
        for region, what in REGIONS
        for measure, says in MEASURES
    ),
)
DELAY_MS = 150
"""How long nothing must move before it is measured."""

NOTHING = "\N{EN DASH}"
NOT_MEASURED = (
    "Not measured: there are NaN or infinite pixels, the ground truth has one value only, or there "
    "are too few pixels"
)


class MetricsTable(QTableWidget):
    """PSNR and SSIM of each view, for what is seen and for the whole slice.

    Parameters
    ----------
    seen : callable
        Gives the index of the slice, and the box of the ground truth's pixels that is seen.
    parent : QWidget, optional
        Owner in Qt's tree.
    """

    refused = Signal(str)

    def __init__(self, seen: Callable[[], tuple[tuple[int, ...], Box]]) -> None:
        super().__init__(0, len(COLUMNS))
        self._seen = seen
        self._comparison: Comparison | None = None
        self._known: dict[tuple[int, ...], list[Figures]] = {}
        self._asked: tuple[int, ...] = ()
        self.setHorizontalHeaderLabels([name for name, _ in COLUMNS])
        for column, (_, tip) in enumerate(COLUMNS):
            self.horizontalHeaderItem(column).setToolTip(tip)
        self.verticalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.setAccessibleName("PSNR and SSIM")
        self._delay = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._delay.timeout.connect(self._measure)
        self._run = LatestRun(self)
        self._run.returned.connect(self._show)
        self._run.refused.connect(self.refused)
        self.hide()

    def compare(self, comparison: Comparison) -> None:
        """Begin with another comparison; without a ground truth there is no table."""
        self.cancel()
        of_one = comparison.channels and plain(f"\nof {comparison.source.name}")
        self.horizontalHeaderItem(0).setText(COLUMNS[0][0] + (of_one or ""))
        self._comparison = comparison
        measured = self._measured()
        self.setVisible(bool(measured))
        self.setRowCount(len(measured))
        for row, view in enumerate(measured):
            self._write(row, 0, view.name)
            for column in range(1, len(COLUMNS)):
                self._write(row, column, "…")
        self._fit_height()
        self.ask()

    def ask(self) -> None:
        """Measure as soon as nothing moves any more."""
        if self._measured():
            self._delay.start()

    def cancel(self) -> None:
        """Stop measuring, and let go of the views."""
        self._delay.stop()
        self._run.cancel()
        self._comparison, self._known = None, {}

    def _measured(self) -> list[View]:
        """All views but the ground truth and maps of errors; none without a ground truth."""
        if self._comparison is None or self._comparison.truth is None:
            return []
        truth = self._comparison.truth
        return [view for view in self._comparison.views if not (view is truth or view.error)]

    def _measure(self) -> None:
        comparison = self._comparison
        if comparison is None or comparison.truth is None:
            return
        truth, views, value_range = comparison.truth, self._measured(), comparison.truth_range
        assert value_range is not None
        index, visible = self._seen()
        known = self._known.get(index)
        border = border_of(comparison.source_size, truth.size)

        def steps() -> Any:
            return measure_steps(
                views,
                truth,
                index,
                visible=visible,
                border=border,
                value_range=value_range,
                known=known,
            )

        self._asked = index
        self._run.start(steps)

    def _show(self, measured: Measured) -> None:
        self._known[self._asked] = measured.whole
        for row, figures in enumerate(zip(measured.visible, measured.whole, strict=True)):
            for number, figure in enumerate(texts for part in figures for texts in _texts(part)):
                self._write(row, 1 + number, figure)

    def _write(self, row: int, column: int, text: str) -> None:
        item = QTableWidgetItem(text)
        if column:
            item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setToolTip(NOT_MEASURED if text == NOTHING else "")
        self.setItem(row, column, item)

    def _fit_height(self) -> None:
        """Be as high as the rows are: there are never more than four."""
        rows = sum(self.rowHeight(row) for row in range(self.rowCount()))
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + rows + 4)


def _texts(figures: Figures) -> tuple[str, ...]:
    errors = (error_text(error) for error in (figures.mean_error, figures.largest_error))
    return (psnr_text(figures.psnr), ssim_text(figures.ssim), *errors)


def error_text(error: float) -> str:
    """Pixel values with three digits that count; large ones as people write them, 5,840."""
    if math.isnan(error):
        return NOTHING
    return number_text(error) if error >= 1000 else f"{error:.3g}"


def psnr_text(psnr: float) -> str:
    """Decibels with two digits; words where there is no number."""
    if math.isnan(psnr):
        return NOTHING
    return "equal" if math.isinf(psnr) else f"{psnr:.2f}{GAP}dB"


def ssim_text(ssim: float) -> str:
    """Four digits, as papers write it."""
    return NOTHING if math.isnan(ssim) else f"{ssim:.4f}"
