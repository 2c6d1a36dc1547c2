"""The Make isotropic dock: a stack in, a stack with slices as close as pixels out.

Belongs here: wiring of the fields, the preview and the run. What is learned and computed is
``isotropic``; parts of the form have their own files.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari.utils.notifications import show_info
from qtpy.QtCore import QSignalBlocker, Qt
from qtpy.QtGui import QHideEvent, QShowEvent
from qtpy.QtWidgets import QCheckBox, QComboBox, QSlider, QWidget

from napari_autolut._compat import axis_labels
from napari_autolut.arrays import Progress
from napari_autolut.isotropic import save_axial_tables
from napari_autolut.isotropic.layer import LayerStack
from napari_autolut.layers import LayerData
from napari_autolut.widgets.isotropic.fields import BlurField, TableField
from napari_autolut.widgets.isotropic.preview import RowPictures, shown_volume
from napari_autolut.widgets.isotropic.work import (
    Learned,
    Learning,
    Previewed,
    kept,
    learning_steps,
    preview_steps,
    run_steps,
    words,
)
from napari_autolut.widgets.shared import (
    REFUSALS,
    Dock,
    ImageLayerPicker,
    LatestRun,
    PlacedResults,
    RunBar,
    RunSources,
    axis_name,
    order_tabs,
    scrolled_form,
    size_text,
    wrapped_label,
)
from napari_autolut.widgets.shared.number_field import NumberField
from napari_autolut.widgets.shared.plain_text import plain

if TYPE_CHECKING:
    import napari

LEARNING = "Learning on the slices of this stack\N{HORIZONTAL ELLIPSIS}"


class IsotropicWidget(Dock):
    """Dock that fills in the slices of a stack; the result appears right above its source."""

    def __init__(self, viewer: napari.viewer.Viewer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._own_factor = 1.0
        self._learned: Learned | None = None
        self.layers = ImageLayerPicker(viewer)
        self.axis = QComboBox()
        self.factor = NumberField(3)
        self.blur = BlurField()
        self.table = TableField()
        self.summary = wrapped_label()
        self.preview_box = QCheckBox("Pr&eview of one row, in all slices")
        self.row = QSlider(Qt.Orientation.Horizontal)
        self.pictures = RowPictures()
        self.preview_line = wrapped_label()
        self.run_bar = RunBar(tip="Fill in the slices; the result lies above its image")
        self.sources = RunSources(viewer, self.run_bar)
        self.placed = PlacedResults(viewer)
        self._preview_run = LatestRun(self)
        self._lay_out()
        self._connect()
        self._on_layer()

    def _lay_out(self) -> None:
        self.layers.setToolTip("The stack to work on; follows the selection in the viewer")
        self.axis.setToolTip("The axis along which slices are filled in")
        self.factor.setRange(0.01, 1000)
        self.factor.setKeyboardTracking(False)
        self.factor.setSuffix(" px")
        self.factor.setToolTip(
            "Distance of slices in pixels of the plane: as the layer's scale says, or type it"
        )
        self.preview_box.setToolTip("Learn now, and show what will come before all is computed")
        self.row.setToolTip("The row that the preview shows")
        self.row.setAccessibleName("Row of the preview")
        boxes = (self.layers, self.axis, self.blur.choice, self.table.choice)
        form = scrolled_form(self, boxes, below=(self.run_bar, self.placed))
        form.addRow("&Image", self.layers)
        form.addRow("Slices alon&g", self.axis)
        form.addRow("&Slice distance", self.factor)
        form.addRow("Axial &blur", self.blur)
        form.addRow("&Table", self.table)
        form.addRow(self.summary)
        form.addRow(self.preview_box)
        form.addRow(self.row)
        form.addRow(self.pictures)
        form.addRow(self.preview_line)
        form.addRow("", self.placed.replace)
        self._form = form
        self._controls = (
            self.layers, self.axis, self.factor, self.blur.choice, self.blur.sigma,
            self.table.choice, self.table.open, self.table.save, self.preview_box, self.row,
            self.placed.replace, self.run_bar.button, self.placed.peek, self.placed.button,
        )  # fmt: skip

    def _connect(self) -> None:
        self.layers.layer_changed.connect(self._on_layer)
        self.axis.currentIndexChanged.connect(self._on_axis)
        self.factor.valueChanged.connect(self._on_settings)
        self.blur.changed.connect(self._on_settings)
        self.table.changed.connect(self._on_settings)
        self.table.save_pressed.connect(self._save)
        self.preview_box.toggled.connect(self._renew_preview)
        self.row.valueChanged.connect(self._renew_preview)
        self._preview_run.advanced.connect(self._on_preview_progress)
        self._preview_run.returned.connect(self._show_preview)
        self._preview_run.refused.connect(self._say_in_preview)
        self.run_bar.run_pressed.connect(self._run)
        self.placed.undone.connect(self.run_bar.status.clear)

    # --- the dock comes and goes ----------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Let the tab key go from top to bottom."""
        super().showEvent(event)
        order_tabs(self, self._controls)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Learn nothing for a preview that is not seen."""
        super().hideEvent(event)
        if not event.spontaneous():
            self._preview_run.cancel()

    def tear_down(self) -> None:
        """Stop, and listen to nothing any more: the dock is closed."""
        self.run_bar.cancel()
        self._preview_run.cancel()
        for each in (self.sources.connections, self.layers.connections):
            each.undo()
        self.placed.tear_down()

    # --- what is to be done ---------------------------------------------------------------------

    def _taken(self) -> LayerStack:
        """Take the picked stack, as it is set; raises one of `REFUSALS` where it lacks none."""
        axis, factor = self.axis.currentData(), self.factor.value()
        if factor == self._own_factor:  # which has more digits than are shown
            factor = None
        taken = LayerStack.of(self.layers.layer, z_axis=axis, factor=factor)
        taken.sampling  # noqa: B018 - read for its error
        return taken

    def _settings(self, taken: LayerStack) -> tuple[Any, ...]:
        """What a learned plan depends on."""
        layer = self.layers.layer
        data = None if layer is None else id(layer.data)
        return taken.source_id, data, taken.stack.axes, taken.factor, self.blur.psf, self.table.path

    def _learning(self, taken: LayerStack) -> Learning:
        """Learn, unless that was done with the same settings; read now, done in another thread."""
        settings, known = self._settings(taken), self._learned
        if known is not None and known.settings == settings:
            return kept(known)
        return learning_steps(taken, settings, self.blur.psf, self.table.path)

    # --- what the user changes ------------------------------------------------------------------

    def _on_layer(self) -> None:
        layer = self.layers.layer
        stack = layer is not None and getattr(layer, "ndim", 0) > 2
        labels = axis_labels(layer) if stack and layer is not None else ()
        with QSignalBlocker(self.axis):
            self.axis.clear()
            for number in reversed(range(len(labels) - 2)):
                self.axis.addItem(axis_name(labels[number], number), number)
        self._form.setRowVisible(self.axis, self.axis.count() > 1)
        if stack and layer is not None:
            rows = (layer.data[0] if layer.multiscale else layer.data).shape[layer.ndim - 2]
            with QSignalBlocker(self.row):
                self.row.setRange(0, rows - 1)
                self.row.setValue(rows // 2)
        self._on_axis()

    def _on_axis(self) -> None:
        try:
            found = LayerStack.of(self.layers.layer, z_axis=self.axis.currentData()).factor
        except REFUSALS:
            found = 1.0
        with QSignalBlocker(self.factor):
            self.factor.setValue(found)
        self._own_factor = self.factor.value()
        self._on_settings()

    def _on_settings(self) -> None:
        self.run_bar.status.clear()
        self.table.save.setEnabled(False)
        self._summarise()
        self._renew_preview()

    def _summarise(self) -> None:
        try:
            taken = self._taken()
        except REFUSALS as error:
            self.summary.setText(str(error) if self.layers.layer is not None else "")
            return
        sampling = taken.sampling
        where = ", computed when shown" if taken.lazy else f", {size_text(taken.result_nbytes)}"
        table = f"the table makes {sampling.whole} slices of each"
        if sampling.result_slices != sampling.slices * sampling.whole:
            table += ", the rest interpolated"
        self.summary.setText(
            f"Result: {sampling.slices} slices become {sampling.result_slices}{where}; {table}"
        )

    # --- the preview ----------------------------------------------------------------------------

    def _renew_preview(self, _value: object = None) -> None:
        on = self.preview_box.isChecked()
        self._form.setRowVisible(self.row, on)
        self._form.setRowVisible(self.preview_line, on)
        if not on or self.run_bar.running:
            self._preview_run.cancel()
            self.pictures.setVisible(on and self.pictures.isVisible())
            return
        try:
            taken = self._taken()
        except REFUSALS as error:
            self._preview_run.cancel()
            self._say_in_preview(str(error))
            return
        row, leading = self.row.value(), shown_volume(self._viewer, self.layers.layer, taken)
        learning = self._learning(taken)
        self._preview_run.start(lambda: preview_steps(taken, learning, row, leading))

    def _on_preview_progress(self, progress: Progress) -> None:
        self.preview_line.setText(f"{LEARNING} {100 * progress.done // max(1, progress.total)} %")

    def _show_preview(self, previewed: Previewed) -> None:
        self._keep(previewed.learned)
        layer: Any = self.layers.layer
        limits = (0.0, 255.0) if layer.rgb else tuple(layer.contrast_limits)
        self.pictures.show_preview(previewed.preview, limits)
        self.preview_line.setText(words(previewed.learned.plan))

    def _say_in_preview(self, reason: str) -> None:
        self.pictures.hide()
        self.preview_line.setText(reason)

    def _keep(self, learned: Learned) -> None:
        self._learned = learned
        self.table.save.setEnabled(self.table.path is None)

    def _save(self, path: Path) -> None:
        if self._learned is None:
            return
        try:
            save_axial_tables(self._learned.plan.tables, path, overwrite=True)
        except REFUSALS as error:
            self.run_bar.refuse(error)
        else:
            self.table.use(path)
            show_info(plain(f"The table was saved as {path}."))

    # --- a run ----------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            taken = self._taken()
        except REFUSALS as error:
            self.run_bar.refuse(error)
            return
        self._preview_run.cancel()
        self.sources.take([self.layers.layer])
        learning = self._learning(taken)
        self.run_bar.start(
            lambda: run_steps(taken, learning), lambda result: self._add(result, taken)
        )

    def _add(self, result: tuple[Learned, LayerData], taken: LayerStack) -> str:
        learned, layer_data = result
        self._keep(learned)
        (source,) = self.sources.layers
        if outdated := taken.outdated(source):
            self.run_bar.say_also(outdated)
        (added,) = self.placed.add([(source, *self.sources.followed([layer_data], [taken]))])
        self.layers.pick(source)
        return f"Added {added.name!r}: {words(learned.plan)},"
