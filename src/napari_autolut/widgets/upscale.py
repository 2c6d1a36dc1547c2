"""The Upscale dock: an image layer, a model and a value range in, a larger layer out.

Belongs here: wiring of the forms to ``layers.py``. The parts of the form have their own files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent
from qtpy.QtWidgets import QLabel, QWidget

from napari_autolut.layers import LayerData, LayerUpscaling, add_above
from napari_autolut.widgets.background import REFUSALS
from napari_autolut.widgets.connections import Connections
from napari_autolut.widgets.form import dock_form
from napari_autolut.widgets.layer_picker import ImageLayerPicker
from napari_autolut.widgets.model_card import ModelCard
from napari_autolut.widgets.model_picker import ModelPicker
from napari_autolut.widgets.run_bar import RunBar
from napari_autolut.widgets.text import result_text
from napari_autolut.widgets.value_range import ValueRangePicker

if TYPE_CHECKING:
    import napari
    from napari.layers import Layer


class UpscaleWidget(QWidget):
    """Dock that upscales a layer of the viewer; the result appears right above its source."""

    def __init__(self, viewer: napari.viewer.Viewer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._source: Layer | None = None
        self.layers = ImageLayerPicker(viewer)
        self.models = ModelPicker()
        self.card = ModelCard()
        self.value_range = ValueRangePicker(self._contrast_limits)
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        self.run_bar = RunBar()
        self._lay_out()
        self._connections = Connections(self)
        self._connections.connect(viewer.layers.events.removed, self._on_removed)
        self.layers.layer_changed.connect(self._summarise)
        self.models.model_changed.connect(self._show_model)
        self.value_range.range_changed.connect(self._summarise)
        self.run_bar.run_pressed.connect(self._run)
        self.run_bar.running_changed.connect(self._forget_source)
        self._show_model()

    def _lay_out(self) -> None:
        self.layers.setToolTip("The image layer to upscale; follows the selection in the viewer")
        self.models.setToolTip("The look-up tables to use, shipped ones and your own")
        self.value_range.choice.setToolTip("The values that the model sees as black and white")
        form = dock_form(self, (self.layers, self.models, self.value_range.choice))
        form.addRow("&Image", self.layers)
        form.addRow("&Model", self.models)
        form.addRow(self.card)
        form.addRow("Ran&ge", self.value_range)
        form.addRow(self.summary)
        form.addRow(self.run_bar)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Stop and let go of the viewer when napari takes the widget out of its closed dock."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ParentChange and self.parent() is None:
            self.run_bar.cancel()
            self._connections.undo()
            self.layers.connections.undo()

    def _upscaling(self) -> LayerUpscaling:
        return LayerUpscaling.of(
            self.layers.layer, self.models.model, value_range=self.value_range.value_range
        )

    def _show_model(self) -> None:
        self.card.show_model(self.models.loaded)
        self._summarise()

    def _summarise(self) -> None:
        try:
            self.summary.setText(f"Result: {result_text(self._upscaling())}")
        except REFUSALS:
            self.summary.clear()
        self.summary.setVisible(bool(self.summary.text()))
        self.run_bar.status.clear()

    def _run(self) -> None:
        try:
            upscaling = self._upscaling()
        except REFUSALS as error:
            self.run_bar.refuse(error)
        else:
            self._source = self.layers.layer
            self.run_bar.start(upscaling.steps, self._add)

    def _add(self, layer_data: LayerData) -> str:
        added = add_above(self._viewer, self._source, layer_data)
        self.layers.pick(self._source)
        return f"Added {added.name!r}"

    def _on_removed(self, _event: object) -> None:
        if self._source is not None and self._source not in self._viewer.layers:
            self.run_bar.cancel(f"Stopped: {self._source.name!r} was removed.")

    def _forget_source(self, running: bool) -> None:
        if not running:
            self._source = None

    def _contrast_limits(self) -> tuple[float, float]:
        limits = getattr(self.layers.layer, "contrast_limits", (0, 255))
        return float(limits[0]), float(limits[1])
