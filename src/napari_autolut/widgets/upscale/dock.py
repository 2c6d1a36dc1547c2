"""The Upscale dock: image layers, a model and a value range in, larger layers out.

Belongs here: wiring of the form to ``layers.plan``, and what happens to a run. The parts of the
form have their own files.
"""

from __future__ import annotations

from itertools import pairwise
from time import perf_counter
from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent
from qtpy.QtGui import QHideEvent, QShowEvent
from qtpy.QtWidgets import QWidget

from napari_autolut.layers import (
    LayerData,
    LayerTask,
    Provenance,
    UpscalePlan,
    index_at,
    require_image,
    speeds,
)
from napari_autolut.widgets.models import ModelPanel
from napari_autolut.widgets.shared import (
    REFUSALS,
    Connections,
    ImageLayerPicker,
    PlacedResults,
    RunBar,
    ValueRangePicker,
    scrolled_form,
    wrapped_label,
)
from napari_autolut.widgets.upscale.again import ReuseBar, look_at_slice, source_of
from napari_autolut.widgets.upscale.lens_row import LensRow
from napari_autolut.widgets.upscale.options import UpscaleOptions
from napari_autolut.widgets.upscale.speed_meter import SpeedMeter
from napari_autolut.widgets.upscale.text import plan_text, unit_text

if TYPE_CHECKING:
    import napari
    from napari.layers import Image, Layer


class UpscaleWidget(QWidget):
    """Dock that upscales layers of the viewer; each result appears right above its source."""

    def __init__(self, viewer: napari.viewer.Viewer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._sources: list[Layer] = []
        self._plan: UpscalePlan | None = None
        self._seen: LayerTask | None = None
        self._begun = 0.0
        self.layers = ImageLayerPicker(viewer, several=True)
        self.panel = ModelPanel()
        self.models, self.card = self.panel.models, self.panel.card
        self.lens_row = LensRow(viewer, self._wanted_by_lens)
        self.lens, self.lens_box = self.lens_row.lens, self.lens_row.box
        self.lens_line = self.lens_row.line
        self.value_range = ValueRangePicker(self.layers.contrast_limits)
        self.options = UpscaleOptions(self)
        self.summary = wrapped_label()
        self.reuse = ReuseBar(viewer, self._is_set)
        self.run_bar = RunBar(tip="Upscale the picked images; each result lies above its source")
        self.placed = PlacedResults(viewer)
        self.meter = SpeedMeter(self)
        self._lay_out()
        self._connections = Connections(self)
        self._connect()
        self._on_layers()
        self._on_model()

    def _lay_out(self) -> None:
        self.layers.setToolTip(
            "The image layer to upscale; follows the selection in the viewer. Select several "
            "layers there to upscale them together"
        )
        self.value_range.choice.setToolTip("The values that the model sees as black and white")
        boxes = (self.layers, self.models, self.value_range.choice, *self.options.boxes)
        form = scrolled_form(self, boxes, below=(self.reuse, self.run_bar, self.placed))
        form.addRow("&Image", self.layers)
        form.addRow("&Model", self.models)
        form.addRow(self.panel)
        form.addRow(self.lens_row)
        form.addRow("Ran&ge", self.value_range)
        self.options.add_to(form)
        form.addRow("", self.placed.replace)
        form.addRow(self.summary)
        controls = (
            self,
            self.layers,
            self.models,
            self.panel.add,
            self.panel.remove,
            self.lens_box,
            self.lens_row.peek,
            self.value_range.choice,
            self.value_range.low,
            self.value_range.high,
            *self.options.boxes,
            self.placed.replace,
            self.reuse.button,
            self.run_bar.button,
            self.placed.peek,
            self.placed.button,
        )
        for before, after in pairwise(controls):
            QWidget.setTabOrder(before, after)

    def _connect(self) -> None:
        self._connections.connect(self._viewer.layers.events.removed, self._on_removed)
        self._connections.connect(self._viewer.dims.events.ndim, self._summarise)
        self.layers.layer_changed.connect(self._on_layers)
        self.models.model_changed.connect(self._on_model)
        self.models.lost.connect(self._on_lost)
        self.value_range.range_changed.connect(self._on_settings)
        self.options.changed.connect(self._on_settings)
        self.meter.measured.connect(self._on_measured)
        self.reuse.use_pressed.connect(self.use)
        self.run_bar.run_pressed.connect(self._run)
        self.run_bar.running_changed.connect(self._forget_sources)
        self.placed.undone.connect(self.run_bar.status.clear)

    # --- the dock comes and goes --------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Stop and let go of the viewer when napari takes the widget out of its closed dock."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ParentChange and self.parent() is None:
            self.run_bar.cancel()
            self.meter.drop()
            self.lens_box.setChecked(False)
            for connections in (
                self._connections,
                self.layers.connections,
                self.models.connections,
                self.reuse.connections,
                self.placed.connections,
            ):
                connections.undo()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Show the lens again if it was on, and time the model."""
        super().showEvent(event)
        self.lens.switch(self.lens_box.isChecked())
        self._measure()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Take the lens away with the dock, but not with a window that is only minimised."""
        super().hideEvent(event)
        if not event.spontaneous():
            self.lens.switch(False)

    # --- what is to be done -------------------------------------------------------------------

    def _upscaling(self, layer: Layer | None) -> LayerTask:
        image, axes = require_image(layer), self.options.spatial_axes
        index = None
        if self.options.current_slice:
            point = image.world_to_data(tuple(self._viewer.dims.point)[-image.ndim :])
            shape = (image.data[0] if image.multiscale else image.data).shape
            index = index_at(point, shape, axes or (image.ndim - 2, image.ndim - 1))
        return LayerTask.of(
            image,
            self.models.model,
            value_range=self.value_range.value_range,
            spatial_axes=axes,
            index=index,
        )

    def _planned(self) -> UpscalePlan:
        layers = self.layers.layers or [self.layers.layer]
        upscalings = [self._upscaling(layer) for layer in layers]
        return UpscalePlan.of(upscalings, self.options.output.currentData())

    def _wanted_by_lens(self) -> tuple[Image, LayerTask]:
        layer = (self.layers.layers or [self.layers.layer])[-1]
        self._seen = self._upscaling(layer).sharing_limits(self._seen)
        return layer, self._seen

    # --- what the user changes ----------------------------------------------------------------

    def _on_layers(self) -> None:
        self.options.suit(self.layers.layers)
        self._on_settings()

    def _on_model(self) -> None:
        self._on_measured()
        self._measure()
        self.run_bar.status.clear()
        self.lens.renew()

    def _on_settings(self) -> None:
        self._summarise()
        self.run_bar.status.clear()
        self.lens.renew()

    def _on_measured(self) -> None:
        model = self.models.loaded
        known = None if isinstance(model, Exception) else speeds.of(model)
        self.card.show_model(model, known)
        self._summarise()

    def _measure(self) -> None:
        if self.isVisible() and not isinstance(self.models.loaded, Exception):
            self.meter.measure(self.models.loaded)

    def _summarise(self, _event: object = None) -> None:
        try:
            self.summary.setText(plan_text(self._planned()))
        except REFUSALS:
            self.summary.clear()
        self.summary.setVisible(bool(self.summary.text()))
        self.reuse.refresh()

    def _on_lost(self, name: str) -> None:
        instead = self.models.currentText()
        self.run_bar.status.setText(
            f"The model {name} is gone: its file was removed. "
            + (f"{instead} is chosen now." if instead else "No other one is left.")
        )

    # --- as another result was made -----------------------------------------------------------

    def _is_set(self, made: Provenance) -> bool:
        entry = self.models.entry
        same_model = entry is not None and entry.name == made.model
        axes = self.options.spatial_axes
        return (
            same_model
            and made.value_range == self.value_range.value_range
            and (axes is None or axes == made.spatial_axes)
            and self.options.current_slice == bool(made.index)
        )

    def use(self, made: Provenance) -> bool:
        """Set all as a result was made, on its source where that is open; needs its model."""
        if not self.models.pick_name(made.model):
            self.run_bar.refuse(f"No model {made.model!r} is in the list; add its file first.")
            return False
        source = source_of(self._viewer, made)
        if source is not None:
            self.layers.pick(source)
            look_at_slice(self._viewer, made, source)
        self.value_range.choose(made.value_range)
        self.options.choose(made.spatial_axes, current_slice=bool(made.index), lazy=made.lazy)
        return True

    # --- a run --------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            plan = self._planned()
            plan.check_memory()
        except REFUSALS as error:
            self.run_bar.refuse(error)
        else:
            self._plan, self._begun = plan, perf_counter()
            self._sources = self.layers.layers
            self.run_bar.start(plan.steps, self._add, progress=f"%v of %m {unit_text(plan)}")

    def _add(self, results: list[LayerData]) -> str:
        plan, sources = self._plan, self._sources
        if plan is not None and not plan.lazy:
            speeds.ran(plan.model, plan.pixels, perf_counter() - self._begun)
        self.lens_box.setChecked(False)
        added = self.placed.add(zip(sources, results, strict=True))
        if len(added) == 1:
            self.layers.pick(sources[0])
            return f"Added {added[0].name!r}"
        self._viewer.layers.selection = set(sources)
        return f"Added {len(added)} layers"

    def _on_removed(self, _event: object) -> None:
        gone = [source for source in self._sources if source not in self._viewer.layers]
        if gone:
            self.run_bar.cancel(f"Stopped: {gone[0].name!r} was removed.")

    def _forget_sources(self, running: bool) -> None:
        if not running:
            self._sources, self._plan = [], None
