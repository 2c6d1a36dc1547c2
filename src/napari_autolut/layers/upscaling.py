"""Upscaling layers of napari: an image layer in, a larger one out.

Belongs here: the public functions. What is taken from a layer, and what a result inherits, is
``task.py``; where a result goes in a viewer ``placing.py``.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

from napari_autolut.arrays import ModelLike, Progress, finish
from napari_autolut.layers.labels import LabelsTask
from napari_autolut.layers.provenance import LayerData
from napari_autolut.layers.source import LayerSource
from napari_autolut.layers.taking import WHOLE, LayerPart
from napari_autolut.layers.task import LayerTask, ValueRange
from napari_autolut.storage import load_model_of_scale
from napari_autolut.util.grid import Scale

if TYPE_CHECKING:
    from napari.layers import Layer


def upscaled_layer_data(
    layer: Layer,
    model: ModelLike,
    part: LayerPart = WHOLE,
    *,
    scale: Scale | None = None,
    value_range: ValueRange = None,
    engine: str = "auto",
) -> LayerData:
    """Upscale an image layer into a layer that covers the same part of the world.

    A Labels layer is enlarged by nearest neighbour.

    Parameters
    ----------
    layer : napari.layers.Image or napari.layers.Labels
        2-D or more, grey or RGB(A), plain, dask or multiscale. Its last two axes (before the
        colours of an RGB layer) are enlarged.
    model : str, os.PathLike or LutModel
        Catalogue name, path or model.
    part : LayerPart, optional
        Which axes, slice and level, and whether the result is lazy; by default all of it, at once.
    scale : float, optional
        How many times as large the result is, as for :func:`~napari_autolut.upscale`; by default
        the model's factor.
    value_range : {"auto", "dtype", "data", "contrast"} or tuple of float, optional
        Which values the model sees as black and white: chosen by data type (``"auto"`` or None),
        all of the data type, minimum and maximum, the layer's contrast limits, or (lo, hi).
    engine : {"auto", "fast", "reference", "torch"}, default "auto"
        What runs the model.

    Returns
    -------
    tuple of (data, meta, "image" or "labels")
        ``napari.layers.Layer.create(*result)`` makes the layer. A dask layer gives a lazy array. A
        result of more than 4096 rows or columns comes as a pyramid above the source's own levels.

    Raises
    ------
    UnsupportedLayerError
        If it is not an image layer, or its data are not real numbers.
    UnknownModelError, ModelFileError
        If the model is not known or not valid.
    ValueError
        If the value range does not fit.
    """
    return finish(
        upscaled_layer_steps(
            layer, model, part, scale=scale, value_range=value_range, engine=engine
        )
    )


def upscaled_layer_steps(
    layer: Layer,
    model: ModelLike,
    part: LayerPart = WHOLE,
    *,
    scale: Scale | None = None,
    value_range: ValueRange = None,
    engine: str = "auto",
) -> Generator[Progress, None, LayerData]:
    """Do :func:`upscaled_layer_data` in steps: yields after every tile, returns the layer data.

    Closing the generator cancels. Parameters and errors are those of :func:`upscaled_layer_data`.
    """
    from napari.layers import Labels

    table = load_model_of_scale(model, scale)
    task: LayerSource
    if isinstance(layer, Labels):
        task = LabelsTask.of(layer, scale or table.scale, part)
    else:
        task = LayerTask.of(layer, table, part, value_range=value_range, scale=scale)
    return (yield from task.steps(engine))
