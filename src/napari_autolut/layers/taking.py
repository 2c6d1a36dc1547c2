"""From a layer of napari's to plain values: which layers are refused, and what is taken.

Belongs here: reading a layer, in the thread of the user interface. What is done with it is
``source.py`` and those that build on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_autolut.arrays.image import MASKED, is_masked, plain_array
from napari_autolut.layers.pixels import fingerprint, layer_array
from napari_autolut.layers.placing import layer_id
from napari_autolut.util.text import quoted

if TYPE_CHECKING:
    from napari.layers import Layer


LABELS_UPSCALED = (
    "it lines up with a larger image as it is, and Run of the Upscale dock enlarges it by nearest "
    "neighbour."
)


class UnsupportedLayerError(TypeError):
    """A layer that cannot be worked on: what it is, and what to do instead, in one sentence."""


@dataclass(frozen=True)
class LayerPart:
    """What of a layer is wanted, and when.

    Parameters
    ----------
    spatial_axes : tuple of int, optional
        Rows and columns; by default the last two axes that hold no colours.
    index : mapping of int to int, optional
        Position on other axes of the one slice that is wanted, in pixels of the level; all of an
        axis without one, and of a spatial one.
    level : int, default 0
        Which level of a multiscale layer to start from.
    lazy : bool, default False
        Whether the result is computed only where it is looked at; that of a lazy layer is in any
        case.
    """

    spatial_axes: tuple[int, int] | None = None
    index: Mapping[int, int] | None = None
    level: int = 0
    lazy: bool = False


WHOLE = LayerPart()
"""All of a layer, at once."""


def taken_from(
    layer: Layer | None, part: LayerPart = WHOLE, *, verb: str = "upscale", labels: bool = False
) -> dict[str, Any]:
    """Take the fields of a ``LayerSource`` from a layer.

    Parameters
    ----------
    layer : napari.layers.Layer, optional
        An image.
    part : LayerPart, optional
        What of it is wanted.
    verb : str, default "upscale"
        What is to be done, for messages.
    labels : bool, default False
        Whether a Labels layer is taken, too.

    Returns
    -------
    dict
        By name.

    Raises
    ------
    UnsupportedLayerError
        If it is not an image layer, or its data are not real numbers.
    ValueError
        If there is no such level or slice, or the axes do not fit.
    """
    image = require_image(layer, verb, labels=labels, masked=True)
    levels = list(image.data) if image.multiscale else [image.data]
    if not 0 <= part.level < len(levels):
        raise ValueError(f"level: found {part.level}, expected 0 to {len(levels) - 1}")
    array = layer_array(levels[part.level])
    axes = part.spatial_axes or (image.ndim - 2, image.ndim - 1)
    if len(set(axes)) != 2 or not set(axes) <= set(range(image.ndim)):
        raise ValueError(
            f"spatial axes: found {axes}, expected two different ones from 0 to "
            f"{image.ndim - 1}; choose two axes of {image.name!r}"
        )
    index = {axis: at for axis, at in (part.index or {}).items() if axis not in axes}
    for axis, at in index.items():
        if not (0 <= axis < image.ndim and 0 <= at < array.shape[axis]):
            raise ValueError(
                f"index: found {at} on axis {axis}, expected a slice of {image.name!r}, which has "
                f"the shape {tuple(array.shape)}"
            )
    if np.ma.is_masked(array):
        array = plain_array(array, axes)
    return {
        "array": array,
        "rgb": bool(getattr(image, "rgb", False)),
        "coarser": tuple(layer_array(each) for each in levels[part.level + 1 :]),
        "full_shape": tuple(levels[0].shape),
        "state": dict(image.as_layer_data_tuple()[1]),
        "spatial_axes": axes,
        "index": index,
        "lazy": hasattr(array, "dask") or part.lazy,
        "source_id": layer_id(image),
        "fingerprint": fingerprint(array),
    }


def require_image(
    layer: Layer | None, verb: str = "upscale", *, labels: bool = False, masked: bool = False
) -> Any:
    """Refuse what is neither an image of real numbers nor, where ``labels`` are taken, labels.

    Arrays in memory may be ``masked`` where the caller minds the mask.
    """
    from napari.layers import Image, Labels, Layer

    if layer is None:
        raise UnsupportedLayerError(f"No layer to {verb}: open an image and select its layer.")
    if isinstance(layer, Labels):
        if labels:
            return layer
        raise UnsupportedLayerError(
            f"{layer.name!r} is a Labels layer, and label numbers cannot be interpolated; "
            + (LABELS_UPSCALED if verb == "upscale" else f"select an Image layer to {verb}.")
        )
    if not isinstance(layer, Image):
        kind = type(getattr(layer, "__wrapped__", layer))  # napari wraps what it hands to plugins
        if not isinstance(layer, Layer):
            raise UnsupportedLayerError(f"layer: found {quoted(layer)}, expected one of napari")
        raise UnsupportedLayerError(
            f"{layer.name!r} is a {kind.__name__} layer; select an Image layer to {verb}."
        )
    if is_masked(layer.data) and not (masked and np.ma.is_masked(layer.data)):
        raise UnsupportedLayerError(f"{layer.name!r} cannot be taken: {MASKED}")
    if np.dtype(layer.dtype).kind not in "uif":
        raise UnsupportedLayerError(
            f"{layer.name!r} holds {layer.dtype} values; convert it to integers or floats first."
        )
    return layer
