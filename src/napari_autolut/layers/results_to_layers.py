"""Upscaling layers of napari: an image layer in, a larger one out.

Belongs here: the public functions and adding a result to a viewer. What is taken from a layer, and
what a result inherits, is ``layer_upscaling.py``; what the user presses is in ``widgets/``.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING

from napari_autolut._compat import share_contrast
from napari_autolut.arrays.upscaling import Progress
from napari_autolut.layers.provenance import METADATA_KEY
from napari_autolut.layers.upscaling import (
    LayerData,
    LayerUpscaling,
    UnsupportedLayerError,
    ValueRange,
    require_image,
)
from napari_autolut.model.graph import LutModel
from napari_autolut.storage.catalogue import load_model

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Image, Layer

__all__ = [
    "METADATA_KEY",
    "LayerData",
    "LayerUpscaling",
    "UnsupportedLayerError",
    "add_above",
    "require_image",
    "upscaled_layer_data",
    "upscaled_layer_steps",
]

ModelLike = str | os.PathLike[str] | LutModel


def upscaled_layer_data(
    layer: Layer,
    model: ModelLike,
    *,
    value_range: ValueRange = None,
    level: int = 0,
    spatial_axes: tuple[int, int] | None = None,
    index: Mapping[int, int] | None = None,
    lazy: bool = False,
    engine: str = "auto",
) -> LayerData:
    """Upscale an image layer into a layer that covers the same part of the world.

    Parameters
    ----------
    layer : napari image layer, 2-D or more, grey or RGB(A), plain, dask or multiscale
        Its last two axes (before the colours of an RGB layer) are enlarged.
    model : catalogue name, path or model
    value_range : which values the model sees as black and white
        None (chosen by data type), ``"dtype"``, ``"data"`` (its minimum and maximum),
        ``"contrast"`` (the layer's contrast limits) or (lo, hi) in the layer's own units.
    level : which level of a multiscale layer to start from
    spatial_axes : the two axes that grow, by default the last two
    index : position on other axes of the one slice that is wanted; all of an axis without one
    lazy : whether the result of an array in memory is computed only where it is looked at
    engine : ``"auto"``, ``"fast"`` or ``"reference"``

    Returns
    -------
    (data, meta, "image")
        ``napari.layers.Layer.create(*result)`` makes the layer. A dask layer gives a lazy array. A
        result of more than 4096 rows or columns comes as a pyramid above the source's own levels.

    Raises
    ------
    UnsupportedLayerError
        if it is not an image layer, or its data are not real numbers
    UnknownModelError, ModelFileError
        if the model is not known or not valid
    ValueError
        if the value range does not fit
    """
    steps = upscaled_layer_steps(
        layer,
        model,
        value_range=value_range,
        level=level,
        spatial_axes=spatial_axes,
        index=index,
        lazy=lazy,
        engine=engine,
    )
    while True:
        try:
            next(steps)
        except StopIteration as finished:
            result: LayerData = finished.value
            return result


def upscaled_layer_steps(
    layer: Layer,
    model: ModelLike,
    *,
    value_range: ValueRange = None,
    level: int = 0,
    spatial_axes: tuple[int, int] | None = None,
    index: Mapping[int, int] | None = None,
    lazy: bool = False,
    engine: str = "auto",
) -> Generator[Progress, None, LayerData]:
    """Do :func:`upscaled_layer_data` in steps: yields after every tile, returns the layer data.

    Closing the generator cancels. Parameters and errors are those of :func:`upscaled_layer_data`.
    """
    upscaling = LayerUpscaling.of(
        layer,
        load_model(model),
        value_range=value_range,
        level=level,
        spatial_axes=spatial_axes,
        index=index,
        lazy=lazy,
    )
    return (yield from upscaling.steps(engine))


def add_above(viewer: ViewerModel, source: Layer, layer_data: LayerData) -> Image:
    """Add a result to the viewer right above its source, and select it."""
    from napari.layers import Layer

    result = Layer.create(*layer_data)
    viewer.layers.insert(viewer.layers.index(source) + 1, result)
    share_contrast(source, result)
    viewer.layers.selection.active = result
    return result
