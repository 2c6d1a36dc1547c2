"""The Make isotropic dock: a stack in, a stack with slices as close as pixels out.

Belongs here: wiring of the fields, the preview and the run. What is learned and computed is
``isotropic``; parts of the form have their own files.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari.utils.notifications import show_info
from qtpy.QtCore import QSignalBlocker
from qtpy.QtGui import QHideEvent, QShowEvent
from qtpy.QtWidgets import QComboBox, QWidget

from napari_autolut._compat import axis_labels
from napari_autolut.isotropic import save_axial_tables
from napari_autolut.isotropic.layer import LayerStack
from napari_autolut.layers import LayerData, fingerprint
from napari_autolut.widgets.isotropic.fields import BlurField, TableField
from napari_autolut.widgets.isotropic.live_preview import LivePreview
from napari_autolut.widgets.isotropic.preview import shown_volume
from napari_autolut.widgets.isotropic.work import (
    Learned,
    Learning,
    kept,
    learning_steps,
    run_steps,
    words,
)
from napari_autolut.widgets.shared import (
    REFUSALS,
    Connections,
    Dock,
    ImageLayerPicker,
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
        self.preview = LivePreview(self)
        self.run_bar = RunBar(tip="Fill in the slices; the result lies above its image")
        self.sources = RunSources(viewer, self.run_bar)
        self.placed = PlacedResults(viewer)
        self._connections = Connections(self)
        self._layer_links = Connections(self, self._connections)
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
        boxes = (self.layers, self.axis, self.blur.choice, self.table.choice)
        form = scrolled_form(self, boxes, below=(self.run_bar, self.placed))
        form.addRow("&Image", self.layers)
        form.addRow("Slices alon&g", self.axis)
        form.addRow("Di&stance", self.factor)
        form.addRow("Axial &blur", self.blur)
        form.addRow("&Table", self.table)
        form.addRow(self.summary)
        self.preview.add_to(form)
        form.addRow(self.placed.replace)
        self._form = form
        self._controls = (
            self.layers, self.axis, self.factor, self.blur.choice, self.blur.sigma,
            self.table.choice, self.table.open, self.table.save, self.preview.box, self.preview.row,
            self.placed.replace, self.run_bar.button, self.placed.peek, self.placed.button,
        )  # fmt: skip

    def _connect(self) -> None:
        self.layers.layer_changed.connect(self._on_layer)
        self.axis.currentIndexChanged.connect(self._on_axis)
        self.factor.valueChanged.connect(self._on_settings)
        self.blur.changed.connect(self._on_settings)
        self.table.changed.connect(self._on_settings)
        self.table.save_pressed.connect(self._save)
        self.preview.box.toggled.connect(self._renew_preview)
        self.preview.row.valueChanged.connect(self._renew_preview)
        self.preview.learned.connect(self._keep)
        self._connections.connect(self._viewer.dims.events.point, self._on_point)
        self.run_bar.run_pressed.connect(self._run)
        self.run_bar.running_changed.connect(self._renew_preview)
        self.placed.undone.connect(self.run_bar.status.clear)

    # --- the dock comes and goes ----------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Let the tab key go from top to bottom, and show the preview again if it was on."""
        super().showEvent(event)
        order_tabs(self, self._controls)
        self._renew_preview()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Learn nothing for a preview that is not seen."""
        super().hideEvent(event)
        if not event.spontaneous():
            self.preview.stop()

    def tear_down(self) -> None:
        """Stop, and listen to nothing any more: the dock is closed."""
        self.run_bar.cancel()
        self.preview.stop()
        for each in (self._connections, self.sources.connections, self.layers.connections):
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
        pixels = _pixels(self.layers.layer)
        same = id(pixels), getattr(pixels, "name", ""), fingerprint(pixels)
        return same, taken.stack.axes, taken.factor, self.blur.psf, self.table.path

    def _learning(self, taken: LayerStack) -> Learning:
        """Learn, unless that was done with the same settings; read now, done in another thread."""
        settings, known = self._settings(taken), self._learned
        if known is not None and known.settings == settings:
            return kept(known)
        return learning_steps(taken, settings, self.blur.psf, self.table.path)

    # --- what the user changes ------------------------------------------------------------------

    def _on_layer(self) -> None:
        image = next(iter(self.layers.layers), None)
        labels: tuple[str, ...] = ()
        rows = 1
        self._layer_links.undo()
        if image is not None:
            self._layer_links.connect(image.events.data, self._on_settings)
            self._layer_links.connect(image.events.contrast_limits, self.preview.draw)
            labels, rows = axis_labels(image), _pixels(image).shape[image.ndim - 2]
        with QSignalBlocker(self.axis):
            self.axis.clear()
            for number in reversed(range(len(labels) - 2)):
                self.axis.addItem(axis_name(labels[number], number), number)
        self._form.setRowVisible(self.axis, self.axis.count() > 1)
        with QSignalBlocker(self.preview.row):
            self.preview.begin_with(image, rows)
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

    def _on_settings(self, _event: object = None) -> None:
        self.run_bar.advise()
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

    def _renew_preview(self, _event: object = None) -> None:
        if not (self.preview.box.isChecked() and self.isVisible()) or self.run_bar.running:
            self.preview.stop()
            return
        try:
            taken = self._taken()
        except REFUSALS as error:
            self.preview.say(str(error))
            return
        place = self.preview.row.value(), shown_volume(self._viewer, self.layers.layer, taken)
        self.preview.ask(taken, self._learning(taken), self._settings(taken), place)

    def _on_point(self, _event: object = None) -> None:
        """Another volume may be shown in the viewer, such as the next time point."""
        if self.preview.box.isChecked() and getattr(self.layers.layer, "ndim", 0) > 3:
            self._renew_preview()

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
        self.preview.stop()
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
        return f"Added {added.name!r}: {words(learned.plan, warned=True)},"


def _pixels(layer: Any) -> Any:
    return layer.data[0] if layer.multiscale else layer.data
