"""The second page of the Train dock: what was found to learn from.

Belongs here: the search in the background, and its figures in words and thumbnails. What is
looked for is ``training.sources``.
"""

from __future__ import annotations

from qtpy.QtCore import QSize, Qt, Signal
from qtpy.QtGui import QIcon
from qtpy.QtWidgets import (
    QListView,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QSizePolicy,
    QWidget,
)

from napari_autolut.storage.summaries import TIMES
from napari_autolut.training.findings import (
    THUMBNAIL,
    Findings,
    FoundImage,
    depth_text,
    summary_text,
)
from napari_autolut.training.sources import Source, skipped_count, too_few
from napari_autolut.widgets.shared.latest_run import LatestRun
from napari_autolut.widgets.shared.picture import pixmap
from napari_autolut.widgets.shared.plain_text import plain
from napari_autolut.widgets.train.elements import (
    Heading,
    button,
    page_layout,
    row_layout,
    text_label,
)

MAX_THUMBNAILS = 300
SKIPPED_HEIGHT, SKIPPED_ROW = 140, 48
"""Pixels of the list at most, and of a file's name and reason on up to three lines."""


class FindingsPage(QWidget):
    """Looks through a source beside the window, and shows what there is."""

    back_pressed = Signal()
    next_pressed = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self._source: Source | None = None
        self._findings: Findings | None = None
        self._run = LatestRun(self)
        self._run.advanced.connect(self._show)
        self._run.returned.connect(self._finish)
        self._run.refused.connect(self._refuse)
        self.title = Heading("")
        self.summary = text_label()
        self.problem = text_label()
        self.progress = QProgressBar()
        self.progress.setFormat("%v of %m files")
        self.progress.setAccessibleName("Files that were looked at")
        self.images = _thumbnails()
        self.skipped_title = Heading("")
        self.skipped = QListWidget()
        self.skipped.setWordWrap(True)
        self.skipped.setAccessibleName("What was skipped or used in part, and why")
        self.back = button("&Back", "Choose something else to learn from")
        self.next = button("&Next", "Choose scale, degradation and time")
        self.back.clicked.connect(self._go_back)
        self.next.clicked.connect(self._go_next)
        layout = page_layout(self)
        for widget in (self.title, self.summary, self.problem, self.progress):
            layout.addWidget(widget)
        layout.addWidget(self.images, 1)
        layout.addWidget(self.skipped_title)
        layout.addWidget(self.skipped)
        layout.addLayout(row_layout(self.back, self.next))

    @property
    def searching(self) -> bool:
        """Whether files are being looked at."""
        return self._run.running

    def search(self, source: Source) -> None:
        """Begin to look through a source."""
        self._source, self._findings = source, None
        self.title.setText(source.name)
        self.summary.setText("Looking…")
        self.problem.hide()
        self.images.clear()
        self.skipped.clear()
        self.progress.setRange(0, 0)
        self.progress.show()
        self.next.setEnabled(False)
        self._show_skipped(Findings())
        self._run.start(source.find)

    def cancel(self) -> None:
        """Stop searching."""
        self._run.cancel()

    def _go_back(self) -> None:
        self.cancel()
        self.back_pressed.emit()

    def _go_next(self) -> None:
        self.next_pressed.emit(self._source, self._findings)

    def _show(self, findings: Findings) -> None:
        self.progress.setRange(0, findings.total)
        self.progress.setValue(findings.done)
        shown = self.images.count()
        for image in findings.images[shown:MAX_THUMBNAILS]:
            self.images.addItem(_thumbnail_item(image))

    def _refuse(self, reason: str) -> None:
        self.progress.hide()
        self.summary.setText("")
        self._show_problem(reason)

    def _finish(self, result: Findings) -> None:
        self.progress.hide()
        self._findings = result
        self.images.clear()  # pairs of another scale were taken out again
        self._show(result)
        more = len(result.images) - MAX_THUMBNAILS
        self.summary.setText(
            summary_text(result) + (f"; the first {MAX_THUMBNAILS} are shown" if more > 0 else "")
        )
        self._show_skipped(result)
        scale = result.scale or 1
        problem = too_few(result, scale)
        self._show_problem(problem)
        self.next.setEnabled(not problem)

    def _show_problem(self, problem: str) -> None:
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))

    def _show_skipped(self, findings: Findings) -> None:
        for name, reason in findings.skipped.items():
            item = QListWidgetItem(f"{name}: {reason}")
            item.setToolTip(plain(f"{name}: {reason}"))
            self.skipped.addItem(item)
        what = "layer" if self._source is not None and self._source.layers else "file"
        self.skipped_title.setText(skipped_count(findings.skipped, what))
        self.skipped.setFixedHeight(
            min(SKIPPED_HEIGHT, SKIPPED_ROW * len(findings.skipped) + 2 * self.skipped.frameWidth())
        )
        for widget in (self.skipped_title, self.skipped):
            widget.setVisible(bool(findings.skipped))


def _thumbnails() -> QListWidget:
    images = QListWidget()
    images.setViewMode(QListView.ViewMode.IconMode)
    images.setIconSize(QSize(THUMBNAIL, THUMBNAIL))
    images.setGridSize(QSize(THUMBNAIL + 12, THUMBNAIL + 12))
    images.setResizeMode(QListView.ResizeMode.Adjust)
    images.setMovement(QListView.Movement.Static)
    images.setUniformItemSizes(True)
    images.setSelectionMode(QListWidget.SelectionMode.NoSelection)
    images.setMinimumHeight(2 * THUMBNAIL)
    images.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
    images.setAccessibleName("Images that were found")
    return images


def _thumbnail_item(image: FoundImage) -> QListWidgetItem:
    rows, columns = image.size
    planes = f", {image.planes} planes" if image.planes > 1 else ""
    pair = f", scale {image.scale}" if image.scale is not None else ""
    size = f"{columns} {TIMES} {rows} px"
    item = QListWidgetItem(QIcon(pixmap(image.thumbnail)), "")
    item.setToolTip(plain(f"{image.name}\n{size}{planes}, {depth_text(image.dtype)}{pair}"))
    item.setData(Qt.ItemDataRole.AccessibleTextRole, image.name)
    return item
