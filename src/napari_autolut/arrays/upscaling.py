"""Whole images: which axes grow, which range holds, what is refused.

Belongs here: the public functions and everything that is settled before a pixel is computed. The
work itself is ``jobs.py``, and ``lazy.py`` for dask; napari's layers are ``layers.py``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from napari_autolut.arrays.blocks import suited_to
from napari_autolut.arrays.jobs import Job, Progress, Steps, finish, run
from napari_autolut.arrays.value_range import ValueRange, check_dtype, resolve_range
from napari_autolut.engine import plane_engine
from napari_autolut.engine.threads import limits
from napari_autolut.model.graph import LutModel
from napari_autolut.storage.catalogue import DEFAULT_MODEL, load_model
from napari_autolut.util.boxes import tile_count

__all__ = ["Progress", "Steps", "upscale", "upscale_steps"]

ModelLike = str | os.PathLike[str] | LutModel


def upscale(
    image: Any,
    model: ModelLike = DEFAULT_MODEL,
    *,
    channel_axis: int | None = None,
    rgb: bool | None = None,
    value_range: ValueRange = None,
    engine: str = "auto",
) -> Any:
    """Enlarge the two spatial axes of an image with look-up tables.

    Parameters
    ----------
    image : array of whole or real numbers, at least 2-D
        numpy, dask, or anything ``numpy.asarray`` takes. The spatial axes are the last two that
        are neither ``channel_axis`` nor colours; every plane along the others is enlarged alone.
    model : name in the catalogue, path of a model file, or a model
    channel_axis : an axis that is not spatial
    rgb : whether the last axis holds 3 or 4 colours
        By default it does when it is 3 or 4 long, the image has 3 axes or more and there is no
        ``channel_axis``. A fourth colour is alpha: bicubic interpolation enlarges it.
    value_range : what the model's 0 to 255 stand for, one range for the whole image
        ``"dtype"``, ``"data"`` (finite minimum and maximum) or (lo, hi). By default the dtype for
        uint8, (0, 1) for RGB floats in it, else the data; for dask the dtype, as the data are not
        known. Values outside are enlarged by bicubic interpolation, not cut off.
    engine : ``"auto"``, ``"fast"`` or ``"reference"``

    Returns
    -------
    array of the same dtype, the spatial axes ``model.scale`` times as long; lazy for dask. NaN and
    infinite pixels become blocks of the same. Whole numbers above 2**53 are approximated.

    Raises
    ------
    TypeError
        for bool, complex, object and text arrays
    ValueError
        for empty arrays, fewer than 2 axes, axes that do not fit, and impossible value ranges
    UnknownModelError, ModelFileError
        if there is no such model

    Warns
    -----
    IntensityWarning
        if pixels are NaN or infinite; not for dask, which is computed later
    """
    lazy = _is_dask(image)
    array = image if lazy else np.asarray(image)
    check_image(array.shape, array.dtype)
    axes, colours = _split_axes(array.shape, channel_axis, rgb)
    job = plan(array, model, spatial_axes=axes, rgb=colours, value_range=value_range)
    if lazy:
        from napari_autolut.arrays.lazy import upscale_lazily

        return upscale_lazily(array, job, engine)
    return finish(run(job, array, plane_engine(engine)))


def upscale_steps(
    image: Any,
    model: ModelLike = DEFAULT_MODEL,
    *,
    spatial_axes: tuple[int, int],
    rgb: bool,
    value_range: ValueRange = None,
    contrast_limits: Sequence[float] | None = None,
    engine: str = "auto",
    tile_size: int | None = None,
) -> Steps:
    """Enlarge an image in steps that can be watched and stopped.

    Parameters
    ----------
    image, model, value_range, engine : as for :func:`upscale`; a lazy image is computed first
    spatial_axes : rows and columns
    rgb : whether the last axis holds 3 or 4 colours
    contrast_limits : for ``value_range="contrast"``, and the default for lazy images
    tile_size : side of a tile in input pixels, by default that of ``engine/limits.py``; no result
        depends on it

    Returns
    -------
    generator of Progress, one for each tile of planes that go together (colours do), that returns
    the numpy array; closing it cancels.
    What can be wrong with the arguments is raised here, before the first step.
    """
    array = image if _is_dask(image) else np.asarray(image)
    check_image(array.shape, array.dtype)
    job = plan(
        array,
        model,
        spatial_axes=spatial_axes,
        rgb=rgb,
        value_range=value_range,
        contrast_limits=contrast_limits,
    )
    chosen = plane_engine(engine)
    side = limits().tile_size if tile_size is None else tile_size
    tile_count((1, 1), side)
    return run(job, array, chosen, tile_size=side)


def plan(
    image: Any,
    model: ModelLike,
    *,
    spatial_axes: tuple[int, int],
    rgb: bool,
    value_range: ValueRange = None,
    contrast_limits: Sequence[float] | None = None,
) -> Job:
    """Check axes, get the model and settle the range; a lazy image is not computed for it.

    Raises
    ------
    ValueError
        if the axes do not exist or are the same, ``rgb`` does not fit, or the range is impossible
    """
    ndim = len(image.shape)
    rows, columns = (_axis(axis, ndim, "spatial axis") for axis in spatial_axes)
    taken = {rows, columns} | ({ndim - 1} if rgb else set())
    if len(taken) != 2 + rgb:
        raise ValueError(
            f"spatial axes: found {spatial_axes}, expected two different axes"
            + (" that are not the last one, which holds colours" if rgb else "")
        )
    if rgb and image.shape[-1] not in (3, 4):
        raise ValueError(f"rgb: found a last axis of {image.shape[-1]}, expected 3 or 4 colours")
    limits = resolve_range(image, value_range, contrast_limits, rgb=rgb)
    return Job(suited_to(load_model(model), limits), (rows, columns), rgb, limits)


def check_image(shape: Sequence[int], dtype: np.dtype[Any]) -> None:
    """Refuse what is no image.

    Raises
    ------
    TypeError
        for bool, complex, object and text arrays
    ValueError
        for fewer than 2 axes, axes without pixels, and dask axes of unknown length
    """
    check_dtype(dtype)
    if len(shape) < 2:
        raise ValueError(f"image: found {len(shape)} axes, expected at least 2 (rows and columns)")
    if any(side != side for side in shape):
        raise ValueError(
            f"image: found a dask array of unknown shape {tuple(shape)}, expected a known one; "
            "call its compute_chunk_sizes() first"
        )
    if 0 in shape:
        raise ValueError(f"image: found shape {tuple(shape)}, expected at least 1 pixel an axis")


def _split_axes(
    shape: Sequence[int], channel_axis: int | None, rgb: bool | None
) -> tuple[tuple[int, int], bool]:
    """Spatial axes, and whether the last axis holds colours."""
    ndim = len(shape)
    others = set()
    if channel_axis is not None:
        others.add(_axis(channel_axis, ndim, "channel_axis"))
    if rgb is None:
        rgb = ndim >= 3 and channel_axis is None and shape[-1] in (3, 4)
    if rgb:
        if ndim - 1 in others:
            raise ValueError(
                "channel_axis: found the last axis, which rgb=True says holds colours; give one "
                "of the two"
            )
        others.add(ndim - 1)
    spatial = [axis for axis in range(ndim) if axis not in others]
    if len(spatial) < 2:
        raise ValueError(
            f"image: found shape {tuple(shape)} with {len(spatial)} spatial axes (channel_axis="
            f"{channel_axis}, rgb={rgb}), expected at least 2"
        )
    return (spatial[-2], spatial[-1]), rgb


def _axis(axis: int, ndim: int, what: str) -> int:
    if not -ndim <= axis < ndim:
        raise ValueError(f"{what}: found {axis}, expected {-ndim} to {ndim - 1}")
    return axis % ndim


def _is_dask(image: Any) -> bool:
    """Whether it is a dask array, without importing dask for it."""
    dask_array = sys.modules.get("dask.array")
    return dask_array is not None and isinstance(image, dask_array.Array)
