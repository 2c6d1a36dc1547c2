"""The Denoise dock: image layers and their noise in, layers without it out.

Belongs here: the form's fields, and what they say is to be done. What all docks do that make layers
is ``layer_dock``; which noise it is, is ``noise/field.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari.layers import Image
from qtpy.QtCore import QSignalBlocker
from qtpy.QtGui import QShowEvent
from qtpy.QtWidgets import QComboBox, QWidget

from napari_autolut._compat import axis_labels
from napari_autolut.arrays.denoiser import LIGHT
from napari_autolut.layers import DenoiseTask, LayerPart, LayerSource, channel_axis_of
from napari_autolut.widgets.denoise.noise import (
    SEARCHING,
    NoiseField,
    StillSearchingError,
)
from napari_autolut.widgets.layer_dock import LayerDock
from napari_autolut.widgets.shared import REFUSALS, Connections, axis_name, scrolled_form
from napari_autolut.widgets.shared.number_field import NumberField

if TYPE_CHECKING:
    import napari

MAX_STRENGTH = 3.0


class DenoiseWidget(LayerDock):
    """Dock that takes the noise out of layers; each result appears right above its source."""

    verb = "denoise"

    def __init__(self, viewer: napari.viewer.Viewer, parent: QWidget | None = None) -> None:
        super().__init__(viewer, parent)
        self.noise = NoiseField(viewer)
        self.strength = NumberField(2)
        self.strength.setRange(0.1, MAX_STRENGTH)
        self.strength.setSingleStep(0.1)
        self.strength.setValue(1.0)
        self.strength.setKeyboardTracking(False)
        self.strength.setToolTip(
            "1 takes away as much noise as was found; less keeps some grain, and with it the "
            "faintest detail"
        )
        self.tables = QComboBox()
        self.tables.addItem("Best", None)
        self.tables.addItem("Light (quicker)", LIGHT)
        self.tables.setToolTip(
            "Light tables take about half of the time, and are about 0.1 dB worse"
        )
        self.channels = QComboBox()
        self.channels.setToolTip("The axis along which noise differs, such as that of channels")
        self._data_links = Connections(self)
        self._lay_out()
        self.noise.changed.connect(self.on_settings)
        self.strength.valueChanged.connect(self.on_settings)
        self.tables.currentIndexChanged.connect(self.on_settings)
        self.channels.currentIndexChanged.connect(self._on_axes)
        self.options.axes.currentIndexChanged.connect(self._on_axes)
        self.on_layers()

    def _lay_out(self) -> None:
        boxes = (
            self.layers,
            self.noise.choice,
            self.noise.other,
            self.tables,
            self.channels,
            *self.options.boxes,
        )
        form = scrolled_form(self, boxes, below=(self.engine, self.run_bar, self.placed))
        form.addRow("&Image", self.layers)
        form.addRow("N&oise", self.noise)
        form.addRow(self.noise.line)
        form.addRow("Stren&gth", self.strength)
        form.addRow(self.lens_row)
        form.addRow("Ta&bles", self.tables)
        form.addRow("Ch&annels", self.channels)
        self.options.add_to(form)
        form.addRow(self.placed.replace)
        form.addRow(self.summary)
        self._form = form
        self.set_up(
            (
                self.noise.choice,
                self.noise.other,
                *self.noise.numbers.fields,
                self.strength,
                self.lens_box,
                self.lens_row.peek,
                self.tables,
                self.channels,
                *self.options.boxes,
                self.options.folder.line,
                self.options.folder.browse,
                self.placed.replace,
            )
        )

    def tear_down(self) -> None:
        """Stop, and listen to nothing any more: the dock is closed."""
        super().tear_down()
        self.noise.search.cancel()
        self.noise.connections.undo()
        self._data_links.undo()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Show the lens again if it was on, and look for noise if that was not done yet."""
        super().showEvent(event)
        self._find_noise()

    # --- what is to be done ---------------------------------------------------------------------

    def task_of(self, image: Image, part: LayerPart) -> DenoiseTask:
        """Take what is to be done to a part of an image."""
        whole = self._whole(image)
        return DenoiseTask.of(
            image,
            part,
            noise=self.noise.models_for(image, whole),
            strength=self.strength.value(),
            channel_axis=self.channels.currentData(),
            model=self.tables.currentData(),
        )

    def _whole(self, image: Image) -> DenoiseTask:
        """All of an image, whose noise is looked for."""
        axes = LayerPart(self.options.spatial_axes)
        return DenoiseTask.of(image, axes, channel_axis=self.channels.currentData())

    def wanted_by_lens(self) -> tuple[Image, LayerSource]:
        """Give the image that the lens shows, when its noise is known."""
        if self.noise.searching:
            raise StillSearchingError(SEARCHING)
        return super().wanted_by_lens()

    # --- what the user changes ------------------------------------------------------------------

    def on_layers(self) -> None:
        """Another image was picked."""
        self._offer_channels()
        self._data_links.undo()
        for image in self.layers.layers:
            self._data_links.connect(image.events.data, self._find_noise)
        super().on_layers()
        self._find_noise()

    def _on_axes(self) -> None:
        self._find_noise()
        self.on_settings()

    def _find_noise(self, _event: object = None) -> None:
        """Look for the noise of the picked images, while the dock is seen."""
        if not self.isVisible():
            return
        try:
            picked = [(image, self._whole(image)) for image in self.layers.layers]
        except REFUSALS:
            picked = []
        self.noise.find_noise(picked)

    def _offer_channels(self) -> None:
        """Offer the axes of the picked images, that of channels first."""
        images = self.layers.layers
        labels = {axis_labels(image) for image in images if not image.rgb}
        alike = len(labels) == 1 and not any(image.rgb for image in images)
        names = labels.pop() if alike else ()
        with QSignalBlocker(self.channels):
            self.channels.clear()
            self.channels.addItem("One noise for all", None)
            chosen = channel_axis_of(images[0]) if names else None
            for axis, name in enumerate(names):
                each = "channel" if axis == chosen else f"slice of {axis_name(name, axis)}"
                self.channels.addItem(f"One for each {each}", axis)
            self.channels.setCurrentIndex(0 if chosen is None else 1 + chosen)
        self._form.setRowVisible(self.channels, len(names) > 2)
