"""Which image layer to work on: a box that follows the viewer's layers and its selection.

Belongs here: which layers are offered and picked. What is taken from one is ``layers.task``.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from napari.layers import Image, Labels, Layer
from qtpy.QtCore import QSignalBlocker, Qt, Signal
from qtpy.QtWidgets import QComboBox

from napari_autolut._compat import axis_labels
from napari_autolut.layers import is_preview, pixel_sizes
from napari_autolut.widgets.shared.connections import Connections
from napari_autolut.widgets.shared.plain_text import plain

if TYPE_CHECKING:
    from napari.components import ViewerModel


OF_A_KIND = ("data", "scale", "affine", "units", "axis_labels")
"""What may make another kind of image of a layer."""


class ImageLayerPicker(QComboBox):
    """The viewer's image layers, the topmost first as in the layer list.

    Selecting an image in the layer list picks it here; other layers are ignored. ``layer_changed``
    says that another one is picked, or that a picked one has another shape, type, pixel size or
    other axes.

    Parameters
    ----------
    viewer : napari.components.ViewerModel
        Whose layers are listed.
    several : bool, default False
        Whether an entry for all selected images comes first, while they are more than one.
    labels : bool, default False
        Whether Labels layers are listed, too.
    """

    layer_changed = Signal()

    def __init__(
        self,
        viewer: ViewerModel,
        *,
        several: bool = False,
        labels: bool = False,
    ) -> None:
        super().__init__()
        self._viewer = viewer
        self._several, self._labels = several, labels
        self._choices: list[tuple[Image, ...]] = []
        self._names: list[str] = []
        self._picked: tuple[Image, ...] = ()
        self._selected: tuple[Image, ...] = ()
        self._kinds: list[Hashable] = []
        self.setPlaceholderText("No image")  # as short as it is: Qt makes room for it
        self.setEnabled(False)
        self.currentIndexChanged.connect(self._pick)
        self.connections = Connections(self)
        self._layer_links = Connections(self, self.connections)
        self.connections.connect_layers(viewer.layers, self._refresh)
        self.connections.connect(viewer.layers.selection.events.active, self._follow)
        if several:
            self.connections.connect(viewer.layers.selection.events.changed, self._select)
        self._follow()
        if several:
            self._select()

    @property
    def layer(self) -> Layer | None:
        """The picked image; where none is open, the layer that is selected instead of one."""
        return self._picked[0] if self._picked else self._viewer.layers.selection.active

    @property
    def layers(self) -> list[Image]:
        """All picked images, from below; more than one only with ``several``."""
        return list(self._picked)

    def contrast_limits(self) -> tuple[float, float]:
        """Those of the picked image, to start a range from; 0 to 255 where there is none."""
        low, high = getattr(self.layer, "contrast_limits", (0, 255))
        return float(low), float(high)

    def pick(self, layer: Layer) -> None:
        """Choose an image, whatever the viewer has selected."""
        if (layer,) in self._choices:
            self.setCurrentIndex(self._choices.index((layer,)))

    def _refresh(self, _event: object = None) -> None:
        images = [each for each in self._viewer.layers if self._offers(each)]
        choices = [(image,) for image in reversed(images)]
        names = [image.name for image in reversed(images)]
        together = self._selected_together(images)
        if together:
            choices.insert(0, together)
            names.insert(0, f"{len(together)} selected layers")
        if choices == self._choices and names == self._names:
            return
        with QSignalBlocker(self):
            self.clear()
            self.addItems(names)
            if together:
                tip = "\n".join(image.name for image in reversed(together))
                self.setItemData(0, plain(tip), Qt.ItemDataRole.ToolTipRole)
            self._names = names
            self._choices = choices
            topmost = (1 if together else 0) if images else -1
            known = self._picked in choices
            self.setCurrentIndex(choices.index(self._picked) if known else topmost)
        self.setEnabled(bool(images))
        self._pick(self.currentIndex())

    def _offers(self, layer: Layer) -> bool:
        return is_source(layer) or (self._labels and isinstance(layer, Labels))

    def _selected_together(self, images: list[Image]) -> tuple[Image, ...]:
        """Images that are selected in the layer list, if there are several, from below."""
        if not self._several:
            return ()
        selected = tuple(each for each in images if each in self._viewer.layers.selection)
        return selected if len(selected) > 1 else ()

    def _follow(self, _event: object = None) -> None:
        self._refresh()
        active = self._viewer.layers.selection.active
        if active is not None:
            self.pick(active)

    def _select(self, _event: object = None) -> None:
        """Take all that is selected, as soon as it is more than one.

        napari says so, too, where a layer comes or goes and the selection stays as it was.
        """
        self._refresh()
        first = self._choices[0] if self._choices else ()
        before, self._selected = self._selected, first if len(first) > 1 else ()
        if self._selected and self._selected != before:
            self.setCurrentIndex(0)

    def _pick(self, index: int) -> None:
        picked = self._choices[index] if index >= 0 else ()
        if picked != self._picked:
            self._picked = picked
            self._watch()
            self.layer_changed.emit()

    def _watch(self) -> None:
        """Listen to what is picked."""
        self._layer_links.undo()
        self._kinds = [_kind(layer) for layer in self._picked]
        for layer in self._picked:
            for name in OF_A_KIND:
                if hasattr(layer.events, name):  # of units not in every version of napari
                    self._layer_links.connect(getattr(layer.events, name), self._on_layer)

    def _on_layer(self, _event: object = None) -> None:
        """Say that a layer has become another kind of image; the next frame of a camera is none."""
        before, self._kinds = self._kinds, [_kind(layer) for layer in self._picked]
        if self._kinds != before:
            self.layer_changed.emit()


def _kind(layer: Image) -> Hashable:
    finest = layer.data[0] if layer.multiscale else layer.data
    place = (tuple(pixel_sizes(layer)), tuple(layer.units), axis_labels(layer))
    return tuple(finest.shape), finest.dtype, *place


def is_source(layer: Layer) -> bool:
    """Whether a layer is an image of the user's, not the lens."""
    return isinstance(layer, Image) and not is_preview(layer.metadata)
