"""A result among a viewer's layers: where it goes, what is hidden for it, and how that is undone.

Belongs here: which layers were made of which, and changes to a viewer's list of layers. What a
result is, is ``task.py``; buttons are in ``widgets/``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4
from weakref import WeakKeyDictionary

from napari_autolut._compat import insert_quietly, share_contrast
from napari_autolut.layers.provenance import METADATA_KEY, LayerData

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Layer

SHINING_THROUGH = ("additive", "minimum", "multiplicative")
"""Blendings in which what lies below is seen, too."""

ALPHA_COLOURS = 4

OF_LABELS = ("contour", "selected_label", "show_selected_label")
"""How a labels layer is seen, beyond what its constructor takes."""

_ids: WeakKeyDictionary[Any, str] = WeakKeyDictionary()


def layer_id(layer: Layer) -> str:
    """Give a layer's own id, by which results know their source whatever it is called."""
    bare = getattr(layer, "__wrapped__", layer)  # napari wraps what it hands to plugins, each time
    return _ids.setdefault(bare, uuid4().hex)


def source_id_of(layer: Layer) -> str:
    """Give the id of the layer that this one was made of; empty where it is no result."""
    made = layer.metadata.get(METADATA_KEY)
    return str(made.get("source_id", "")) if isinstance(made, dict) else ""


def family(viewer: ViewerModel, source: Layer) -> list[Layer]:
    """Give an image and all results that were made of it, or of one of these, from below."""
    known = {layer_id(source)}
    while True:
        made = {layer_id(each) for each in viewer.layers if source_id_of(each) in known}
        if made <= known:
            return [each for each in viewer.layers if layer_id(each) in known]
        known |= made


def above_all(viewer: ViewerModel, source: Layer) -> int:
    """Give the place in the list of layers right above an image and all its results."""
    places: list[int] = [viewer.layers.index(each) for each in family(viewer, source)]
    return 1 + max(places)


def lets_through(layer: Layer) -> bool:
    """Whether what lies below a layer is seen through it, and so would mislead."""
    transparent = getattr(layer, "rgb", False) and layer.data[-1].shape[-1] == ALPHA_COLOURS
    return bool(layer.blending in SHINING_THROUGH or layer.opacity < 1 or transparent)


def take_away(viewer: ViewerModel, layer: Layer) -> None:
    """Remove a layer and stay at the slice that is looked at.

    Where the layer had finer steps, napari's sliders would keep their count of steps: they would
    jump to a slice far away, or to the last one.
    """
    dims = viewer.dims
    before = dims.point
    viewer.layers.remove(layer)
    if dims.ndim == len(before):
        moved = [axis for axis in dims.not_displayed if dims.point[axis] != before[axis]]
        if moved:  # else nothing is sliced again, which takes long where slices are large
            dims.set_point(moved, [before[axis] for axis in moved])


@dataclass(eq=False)
class PlacedResult:
    """A result in a viewer, and what was changed for it.

    Parameters
    ----------
    viewer : napari.components.ViewerModel
        Where it is.
    source, result : napari.layers.Layer
        What it was made of, and what was made.
    hidden : list of napari.layers.Layer
        Layers of the same place that would be seen through the result.
    unseen : list of napari.layers.Layer
        Those of them that the replaced result hid before.
    replaced : tuple of (napari.layers.Layer, int), optional
        The earlier result that was taken away, and where it was.
    """

    viewer: ViewerModel
    source: Layer
    result: Layer
    hidden: list[Layer] = field(default_factory=list)
    unseen: list[Layer] = field(default_factory=list)
    replaced: tuple[Layer, int] | None = None

    def show_hidden(self) -> None:
        """Show again what was hidden, as far as it is still there."""
        for layer in self.hidden:
            if layer in self.viewer.layers:
                layer.visible = True
        self.hidden = []

    def undo(self) -> PlacedResult | None:
        """Take the result away, make all as it was before, and give the result that is back."""
        if self.result in self.viewer.layers:
            take_away(self.viewer, self.result)
        back = None
        if self.replaced is not None:
            (layer, index), self.replaced = self.replaced, None
            self.viewer.layers.insert(min(index, len(self.viewer.layers)), layer)
            back = PlacedResult(self.viewer, self.source, layer, self.unseen)
            self.hidden = [each for each in self.hidden if each not in self.unseen]
        self.show_hidden()
        return back


def created_layer(layer_data: LayerData) -> Layer:
    """Create the layer of a result; napari never waits for a lazy one."""
    data, meta, kind = layer_data
    if hasattr(data[0] if meta.get("multiscale") else data, "dask"):
        from napari_autolut.layers.lazy_result import created_at_once  # loads dask

        return created_at_once(data, meta, kind)
    from napari.layers import Layer

    return Layer.create(data, meta, kind)


def place_result(
    viewer: ViewerModel, source: Layer, layer_data: LayerData, *, replaced: Layer | None = None
) -> PlacedResult:
    """Add a result to a viewer so that it is what is seen; what is selected stays so.

    It lies above its source and all earlier results of that. Where these would be seen through it,
    as with the additive blending of channels, they are hidden.

    Parameters
    ----------
    viewer : napari.components.ViewerModel
        Gets the layer.
    source : napari.layers.Layer
        What the result was made of; its ``metadata`` should say so by ``source_id``.
    layer_data : tuple of (data, meta, "image" or "labels")
        The result.
    replaced : napari.layers.Layer, optional
        An earlier result that is taken away.

    Returns
    -------
    PlacedResult
        With the layer, and the way to undo it.
    """
    result = created_layer(layer_data)
    index = above_all(viewer, source)
    members = family(viewer, source)
    before = [each for each in members if each.visible]
    insert_quietly(viewer, index, result)
    if layer_data[2] == "image":
        share_contrast(source, result)
    else:
        for attribute in OF_LABELS:
            setattr(result, attribute, getattr(source, attribute))
    placed = PlacedResult(viewer, source, result)
    if replaced is not None and replaced is not source and replaced in viewer.layers:
        placed.replaced = replaced, viewer.layers.index(replaced)
        take_away(viewer, replaced)  # and what it hid is shown again by those who know of it
        result.name = layer_data[1].get("name", result.name)  # that of the replaced one is free
    if lets_through(result):
        placed.hidden = [each for each in members if each in viewer.layers and each.visible]
        placed.unseen = [each for each in placed.hidden if each not in before]
        for layer in placed.hidden:
            layer.visible = False
    return placed
