"""Which image layer to work on: a box that follows the viewer's layers and its selection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari.layers import Image, Layer
from qtpy.QtCore import QSignalBlocker, Signal
from qtpy.QtWidgets import QComboBox, QWidget

from napari_autolut._compat import renamed
from napari_autolut.widgets.connections import Connections

if TYPE_CHECKING:
    from napari.components import ViewerModel


class ImageLayerPicker(QComboBox):
    """The viewer's image layers, the topmost first as in the layer list.

    Selecting an image in the layer list picks it here; other layers are ignored.
    """

    layer_changed = Signal()

    def __init__(self, viewer: ViewerModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._layers: list[Image] = []
        self._names: list[str] = []
        self._picked: Image | None = None
        self.setPlaceholderText("No image layer is open")
        self.setEnabled(False)
        self.currentIndexChanged.connect(self._pick)
        self.connections = Connections(self)
        events = viewer.layers.events
        changes = (events.inserted, events.removed, events.reordered, renamed(viewer.layers))
        for signal in changes:
            self.connections.connect(signal, self._refresh)
        self.connections.connect(viewer.layers.selection.events.active, self._follow)
        self._follow()

    @property
    def layer(self) -> Layer | None:
        """The picked image; where none is open, the layer that is selected instead of one."""
        return self._viewer.layers.selection.active if self._picked is None else self._picked

    def pick(self, layer: Layer) -> None:
        """Choose an image, whatever the viewer has selected."""
        if layer in self._layers:
            self.setCurrentIndex(self._layers.index(layer))

    def _refresh(self, _event: object = None) -> None:
        layers = [layer for layer in reversed(self._viewer.layers) if isinstance(layer, Image)]
        names = [layer.name for layer in layers]
        if layers == self._layers and names == self._names:
            return
        with QSignalBlocker(self):
            self.clear()
            self.addItems(names)
            self._names = names
            self._layers = layers
            topmost = 0 if layers else -1
            self.setCurrentIndex(layers.index(self._picked) if self._picked in layers else topmost)
        self.setEnabled(bool(layers))
        self._pick(self.currentIndex())

    def _follow(self, _event: object = None) -> None:
        self._refresh()
        self.pick(self._viewer.layers.selection.active)

    def _pick(self, index: int) -> None:
        picked = self._layers[index] if index >= 0 else None
        if picked is not self._picked:
            self._picked = picked
            self.layer_changed.emit()
