"""The Batch dock: a folder of images in, a folder of larger ones out.

Belongs here: wiring of the form to ``batch``, which the shell uses too. What is known of the files
is ``batch.record``, the table that shows it ``table.py``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from napari.layers import Layer
from qtpy.QtCore import QTimer
from qtpy.QtGui import QShowEvent
from qtpy.QtWidgets import QWidget

from napari_autolut.arrays import Progress
from napari_autolut.batch import BatchRecord, FileRecord, FolderRequest
from napari_autolut.layers import LayerData
from napari_autolut.layers.reader import file_layers
from napari_autolut.util.text import counted
from napari_autolut.widgets.batch import boxes
from napari_autolut.widgets.batch.log_button import LogButton
from napari_autolut.widgets.batch.table import BatchTable
from napari_autolut.widgets.batch.work import Update, choice_for, find_steps, run_steps
from napari_autolut.widgets.models import CHOOSING, ModelAdvice, ModelPicker, ScaleField
from napari_autolut.widgets.shared import (
    REFUSALS,
    Dock,
    FolderField,
    LatestRun,
    RunBar,
    SelectableLabel,
    Steps,
    ValueRangePicker,
    order_tabs,
    refusal_text,
    scrolled_form,
    wrapped_label,
)

if TYPE_CHECKING:
    import napari

REFRESH_MS = 50
"""Time between two updates of the table."""
SETTLED_MS = 300
"""How long nothing must be typed before a folder is looked into."""


class BatchWidget(Dock):
    """Dock that upscales all images of a folder, and shows what becomes of each."""

    def __init__(self, viewer: napari.viewer.Viewer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._updates: deque[Update] = deque()
        self._suggested: Path | None = None
        self._advised_for: tuple[Path | None, bool] | None = None
        self._waits_for_advice = False
        self.source = FolderField("Folder of images", "The images to enlarge; drop a folder here")
        self.target = FolderField(
            "Folder for the results", "Gets the results under the same names; made where missing"
        )
        self.recursive = boxes.tick(*boxes.SUB_FOLDERS, ticked=True)
        self.overwrite = boxes.tick(*boxes.OVERWRITE)
        self.models = ModelPicker()
        self.advice = ModelAdvice(self.models)
        self.scale = ScaleField(self.models)
        self.value_range = ValueRangePicker(lambda: (0.0, 255.0))
        self.common = boxes.tick(*boxes.COMMON_RANGE)
        self.missing_as_empty = boxes.tick(*boxes.MISSING_AS_EMPTY)
        self.table = BatchTable()
        self.found, self.note = wrapped_label(SelectableLabel), wrapped_label(SelectableLabel)
        self.log_button = LogButton()
        self.run_bar = RunBar(
            tip="Upscale all files that have no result of these settings yet",
            outcome="results that are finished stay",
            pausable=True,
        )
        self._lay_out()
        self._finding = LatestRun(self)
        self._reading = LatestRun(self)
        self._settled = QTimer(self, singleShot=True, interval=SETTLED_MS)
        self._refresh_timer = QTimer(self, interval=REFRESH_MS)
        self._connect()
        self._offer_common()

    def _lay_out(self) -> None:
        self.models.setToolTip("The look-up tables to use, shipped ones and yours")
        files_have_no_limits = self.value_range.choice.findData("contrast")
        self.value_range.choice.removeItem(files_have_no_limits)
        self.value_range.choice.setToolTip(
            "The values that the model sees as black and white, for each file and channel"
        )
        below = (self.found, self.note, self.run_bar, self.log_button)
        form = scrolled_form(self, (self.models, self.value_range.choice), below=below, grows=True)
        form.addRow("&Images", self.source)
        form.addRow("Resul&ts", self.target)
        form.addRow(self.recursive)
        form.addRow(self.overwrite)
        form.addRow("&Model", self.models)
        form.addRow(self.advice)
        form.addRow("Scal&e", self.scale)
        form.addRow("Ran&ge", self.value_range)
        form.addRow(self.common)
        form.addRow(self.missing_as_empty)
        form.addRow(self.table)
        folders = [part for each in (self.source, self.target) for part in (each.line, each.browse)]
        self._controls = (
            *folders, self.recursive, self.overwrite, self.models, self.advice.button, self.scale,
            self.value_range.choice, self.value_range.low, self.value_range.high, self.common,
            self.missing_as_empty, self.table, self.run_bar.button, self.run_bar.pause,
            self.log_button,
        )  # fmt: skip

    def _connect(self) -> None:
        self.source.folder_changed.connect(self._suggest_target)
        self.source.folder_changed.connect(self._wait_no_more)
        for signal in (
            self.source.folder_changed,
            self.target.folder_changed,
            self.recursive.toggled,
            self.overwrite.toggled,
            self.common.toggled,
            self.models.model_changed,
            self.scale.valueChanged,
            self.value_range.range_changed,
        ):
            signal.connect(self._settled.start)
        self.value_range.range_changed.connect(self._offer_common)
        self.advice.advised.connect(self._on_advised)
        self._settled.timeout.connect(self._find_files)
        self._finding.returned.connect(self._show_record)
        self._finding.refused.connect(self._show_problem)
        self._refresh_timer.timeout.connect(self._catch_up)
        self._reading.returned.connect(self._add)
        self._reading.refused.connect(self.run_bar.refuse)
        self.table.chosen.connect(self._show_note)
        self.table.opened.connect(self._open)
        self.run_bar.run_pressed.connect(self._run)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Let the tab key go from top to bottom."""
        super().showEvent(event)
        order_tabs(self, self._controls)

    def tear_down(self) -> None:
        """Stop, and listen to nothing any more: the dock is closed."""
        self.run_bar.cancel()
        self._finding.cancel()
        self._reading.cancel()
        self._waits_for_advice = False
        self.advice.cancel()
        self._refresh_timer.stop()

    # --- what is to be done -------------------------------------------------------------------

    def _suggest_target(self) -> None:
        """Propose a folder beside that of the images, until the user names another."""
        source = self.source.folder
        if source is not None and self.target.folder in (None, self._suggested):
            self._suggested = source.parent / "-".join(filter(None, (source.name, "upscaled")))
            self.target.folder = self._suggested

    def _find_files(self) -> None:
        """Show the files before anything is done to them."""
        if self.run_bar.running:
            return
        source, target = self.source.folder, self.target.folder
        if source is None or target is None:
            return self._show_record(BatchRecord())
        recursive = self.recursive.isChecked()
        if (source, recursive) != self._advised_for:
            self._advised_for = source, recursive
            self.advice.choose_by(partial(choice_for, source, target, recursive))
        try:
            wanted = self._wanted()
        except REFUSALS as error:
            self._show_problem(refusal_text(error))
        else:
            self._finding.start(partial(find_steps, wanted, source, target))

    def _wanted(self) -> FolderRequest:
        """Take from the form which files are wanted; raises where there is no model."""
        return FolderRequest(
            self.recursive.isChecked(),
            self.overwrite.isChecked(),
            self.models.model,
            self.value_range.value_range,
            common=self.common.isEnabled() and self.common.isChecked(),
            scale=self.scale.scale,
            missing_as_empty=self.missing_as_empty.isChecked(),
        )

    def _offer_common(self) -> None:
        """All but these hold for all files anyway."""
        self.common.setEnabled(self.value_range.value_range in (None, "auto", "data"))

    def _show_record(self, record: BatchRecord) -> None:
        self.table.rows.show_record(record, self.source.folder or Path())
        self._show_counts()
        self._show_note(None)

    def _show_problem(self, reason: str) -> None:
        self._show_record(BatchRecord())
        self.found.setText(reason)

    def _show_counts(self) -> None:
        files = self.table.record.files
        counts = f"{counted(len(files), 'file')}: {self.table.record.counts}"
        said = ". ".join(filter(None, (counts, self.table.record.remark)))
        self.found.setText(said if files else "")

    def _show_note(self, file: FileRecord | None) -> None:
        self.note.setText("" if file is None else file.note)
        self.note.setVisible(bool(self.note.text()))

    # --- doing it -----------------------------------------------------------------------------

    def _run(self) -> None:
        """Run; where the model is still being chosen for the folder, as soon as it is."""
        if self._settled.isActive():
            self._settled.stop()
            self._find_files()
        self._waits_for_advice = self.advice.choosing
        if self._waits_for_advice:
            self.run_bar.status.setText(CHOOSING.format("images"))
            return
        try:
            steps = self._prepared()
        except REFUSALS as error:
            self.run_bar.refuse(error)
            return
        self._settled.stop()
        self._finding.cancel()
        self.run_bar.start(steps, str)
        self._refresh_timer.start()

    def _prepared(self) -> Steps:
        """Take all that is needed from the form, and give the work on it."""
        source, target = self.source.folder, self.target.folder
        if source is None or target is None:
            raise ValueError("Choose a folder of images and a folder for the results first.")
        self._updates = updates = deque[Update]()
        return partial(run_steps, self._wanted(), source, target, updates)

    def _wait_no_more(self) -> None:
        self._waits_for_advice = False

    def _on_advised(self) -> None:
        if self._waits_for_advice:
            self._run()

    def _catch_up(self) -> None:
        """Show what has happened to the files since the last time."""
        if not self._updates:
            return
        while self._updates:
            update = self._updates.popleft()
            if isinstance(update, BatchRecord):
                self._show_record(update)
            elif update is None:
                self._refresh_timer.stop()
                self.log_button.refresh()
                self.table.rows.row_changed(self.table.record.stop())
            else:
                self._show_row(self.table.record.take(update))
        self._show_counts()

    def _show_row(self, row: int) -> None:
        self.table.rows.row_changed(row)
        if row == self.table.currentIndex().row():
            self._show_note(self.table.record.files[row])
        if not self.table.currentIndex().isValid():
            self.table.scrollTo(self.table.rows.index(row, 0))

    # --- showing a result ----------------------------------------------------------------------

    def _open(self, file: FileRecord) -> None:
        """Read a result beside the window, and show it."""
        if not file.has_result:
            name, why = file.item.source.name, file.note or f"it is {file.state.value}."
            self.run_bar.refuse(
                f"{name} has no result: {why.removeprefix(f'{file.item.source}: ')}"
            )
            return

        def steps() -> Generator[Progress, None, list[LayerData]]:
            yield Progress(0, 1)
            return file_layers(file.item.out)

        self._reading.start(steps)

    def _add(self, layers: list[LayerData]) -> None:
        for layer_data in layers:
            self._viewer.add_layer(Layer.create(*layer_data))
