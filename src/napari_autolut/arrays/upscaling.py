"""The public functions: an image in, a larger one out.

Belongs here: what is settled before a pixel is computed (model, range, noise, colours, the exact
factor), and whether numpy or dask does the work. The settled work is a task: ``task.py``,
``noisy/task.py``, ``luma.py`` or ``resampled.py``. A range that is kept for later frames is
``upscaler.py``, progress ``upscaling_steps.py``; napari's layers are ``layers/``.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_autolut.arrays.expected_error import ErrorTask
from napari_autolut.arrays.image import Axes, image_and_axes, is_dask
from napari_autolut.arrays.luma import Colour, LumaTask, through_luma
from napari_autolut.arrays.masks import masked_like
from napari_autolut.arrays.model_choice import AUTO, choose_model_for
from napari_autolut.arrays.noisy import Noise, task_for
from napari_autolut.arrays.resampled import ResampledTask, UpscalingTask
from napari_autolut.arrays.steps import finish, run
from napari_autolut.arrays.task import Task
from napari_autolut.arrays.value_range import Range, ValueRange, resolve_range, warn_of_rounding
from napari_autolut.engine import plane_engine
from napari_autolut.model import LutModel
from napari_autolut.storage import load_model_of_scale
from napari_autolut.util.arguments import checked_flag
from napari_autolut.util.grid import Scale

if TYPE_CHECKING:
    import dask.array as da

ModelLike = str | os.PathLike[str] | LutModel


@overload
def upscale(
    image: da.Array, model: ModelLike | None = None, *, scale: Scale | None = None,
    channel_axis: int | None = None, rgb: bool | None = None, value_range: ValueRange = "auto",
    noise: Noise = "auto", colour: Colour = "channels", engine: str = "auto",
    expected_error: Literal[False] = False,
) -> da.Array: ...  # fmt: skip


@overload
def upscale(
    image: da.Array, model: ModelLike | None = None, *, scale: Scale | None = None,
    channel_axis: int | None = None, rgb: bool | None = None, value_range: ValueRange = "auto",
    noise: Noise = "auto", colour: Colour = "channels", engine: str = "auto",
    expected_error: Literal[True],
) -> tuple[da.Array, da.Array]: ...  # fmt: skip


@overload
def upscale(
    image: da.Array, model: ModelLike | None = None, *, scale: Scale | None = None,
    channel_axis: int | None = None, rgb: bool | None = None, value_range: ValueRange = "auto",
    noise: Noise = "auto", colour: Colour = "channels", engine: str = "auto",
    expected_error: bool,
) -> da.Array | tuple[da.Array, da.Array]: ...  # fmt: skip


@overload
def upscale(
    image: ArrayLike, model: ModelLike | None = None, *, scale: Scale | None = None,
    channel_axis: int | None = None, rgb: bool | None = None, value_range: ValueRange = "auto",
    noise: Noise = "auto", colour: Colour = "channels", engine: str = "auto",
    expected_error: Literal[False] = False,
) -> NDArray[Any]: ...  # fmt: skip


@overload
def upscale(
    image: ArrayLike, model: ModelLike | None = None, *, scale: Scale | None = None,
    channel_axis: int | None = None, rgb: bool | None = None, value_range: ValueRange = "auto",
    noise: Noise = "auto", colour: Colour = "channels", engine: str = "auto",
    expected_error: Literal[True],
) -> tuple[NDArray[Any], NDArray[np.float32]]: ...  # fmt: skip


@overload
def upscale(
    image: ArrayLike, model: ModelLike | None = None, *, scale: Scale | None = None,
    channel_axis: int | None = None, rgb: bool | None = None, value_range: ValueRange = "auto",
    noise: Noise = "auto", colour: Colour = "channels", engine: str = "auto",
    expected_error: bool,
) -> NDArray[Any] | tuple[NDArray[Any], NDArray[np.float32]]: ...  # fmt: skip


def upscale(
    image: Any,
    model: ModelLike | None = None,
    *,
    scale: Scale | None = None,
    channel_axis: int | None = None,
    rgb: bool | None = None,
    value_range: ValueRange = "auto",
    noise: Noise = "auto",
    colour: Colour = "channels",
    engine: str = "auto",
    expected_error: bool = False,
) -> Any:
    """Enlarge the two spatial axes of an image with look-up tables.

    Parameters
    ----------
    image : array_like, shape (..., H, W) or (..., H, W, 3 or 4)
        Numpy or dask array of integers or floats. The spatial axes are the last two that are
        neither ``channel_axis`` nor colours; every plane along the others is enlarged alone.
    model : str, os.PathLike or LutModel, optional
        Name in the catalogue, path of a model file, or a model. By default ``"natural-x4"``, or the
        shipped table for natural images of ``scale``. ``"auto"`` chooses a shipped table by what is
        seen of the image, micrographs twice as large where no ``scale`` is given; a few planes of a
        dask array are computed for it.
    scale : float, optional
        How many times as large the result is, from 1 to 8; by default what the model does. Where no
        table has the scale, that of the next whole one (above 4 that of 4) is resampled by what is
        left; sides are rounded to the nearest number of pixels.
    channel_axis : int, optional
        An axis that is not spatial.
    rgb : bool, optional
        Whether the last axis holds 3 or 4 colours. By default it does when it is 3 or 4 long, the
        image has 3 axes or more and there is no ``channel_axis``. A fourth colour is alpha: bicubic
        interpolation enlarges it.
    value_range : {"auto", "dtype", "data"} or tuple of float, default "auto"
        Pixel values that stand for the model's 0 and 255, one range for the whole image. ``"data"``
        is the finite minimum and maximum. ``"auto"``, like None, is the dtype for uint8 and (0, 1)
        for RGB floats in it. Else it is percentiles 0.1 and 99.9 of a sample of all. Of a dask
        array that sample, at most 64 chunks of 128 MiB, is computed in this call: all its blocks
        have one range. Two numbers or ``"dtype"`` compute nothing. Values outside are enlarged by
        bicubic interpolation, not cut off; so are all where both limits are the same.
    noise : "auto", None, NoiseModel or sequence of NoiseModel, default "auto"
        For models that know of noise, such as ``"micro-x2"``: the noise, or one for each channel or
        colour. "auto" finds it, in a sample of a dask array; None takes the image as it is.
    colour : {"channels", "luma", "auto"}, default "channels"
        Of RGB: "luma" sends luma alone through the table, in about half the time, and has the
        colours follow it; "channels" sends each colour. "auto" takes luma for photographs: 8 bits,
        colours whose detail is common (looked at in a small sample), no stained slide.
    engine : {"auto", "fast", "reference", "torch"}, default "auto"
        What runs the model.
    expected_error : bool, default False
        Whether to give a map beside the result: for every pixel the error, in the image's own
        units, that nine of ten pixels like it stay below.

    Returns
    -------
    numpy.ndarray or dask.array.Array
        Of the image's dtype, the spatial axes ``scale`` times as long; lazy for dask. NaN and
        infinite pixels become blocks of the same. Of a masked array a masked one; what is masked
        has no influence on the rest. Integers above 2**53 are approximated. With
        ``expected_error`` a tuple of it and the map, float32 of the same shape; 0 in alpha.

    Raises
    ------
    TypeError
        For what is no array, and for bool, complex, object and text arrays.
    ValueError
        For empty arrays, fewer than 2 axes, axes that do not fit and impossible value ranges; for a
        model that does not serve ``scale`` or has no expected error when it is asked for; for noise
        given to a model that knows none, and luma of an image without colours.
    UnknownModelError, ModelFileError
        If there is no such model.

    Warns
    -----
    IntensityWarning
        If pixels are NaN, infinite or masked; not for dask, which is computed later. If integers
        are beyond 2**53.

    Examples
    --------
    >>> import numpy as np
    >>> from napari_autolut import upscale
    >>> frame = np.arange(12 * 16, dtype=np.uint8).reshape(12, 16)
    >>> upscale(frame).shape
    (48, 64)
    >>> upscale(frame, scale=2).shape
    (24, 32)
    >>> upscale(frame, scale=2.5).shape
    (30, 40)
    """
    if expected_error is not False:
        expected_error = checked_flag(expected_error, "expected_error")
    array, axes = image_and_axes(image, channel_axis, rgb)
    chosen = model_for_array(model, scale, array, axes)
    limits_of_range = resolve_range(axes.spatial_last(array), value_range, rgb=axes.rgb)
    warn_of_rounding(array.dtype, limits_of_range)
    task = settled_task(
        array, axes, (limits_of_range,), chosen, noise=noise, scale=scale, colour=colour
    )
    tasks = (task, ErrorTask.of(task)) if expected_error else (task,)
    results: list[Any] = []
    for each in tasks:
        if is_dask(array):
            from napari_autolut.arrays.lazy import computed_lazily

            results.append(computed_lazily(each, engine))
        else:
            result = finish(run(each, plane_engine(engine), warn=each is task))
            masked = isinstance(image, np.ma.MaskedArray)
            results.append(masked_like(result, image) if masked else result)
    return tuple(results) if expected_error else results[0]


def settled_task(
    array: Any,
    axes: Axes,
    ranges: tuple[Range, ...],
    model: LutModel,
    *,
    noise: Noise = "auto",
    scale: Scale | None = None,
    colour: Colour = "channels",
) -> UpscalingTask:
    """Settle how an array is upscaled.

    Parameters
    ----------
    array : array_like
        Of a real dtype; of a lazy one samples are computed where noise is to be found.
    axes, ranges, model : Axes, tuple of Range, LutModel
        As for :class:`Task`.
    noise : "auto", None, NoiseModel or sequence of NoiseModel or None
        As for :func:`~napari_autolut.arrays.noisy.task_for`.
    scale : float, optional
        How many times as large the result is to be; by default the model's factor.
    colour : {"channels", "luma", "auto"}, default "channels"
        As for :func:`~napari_autolut.arrays.luma.through_luma`.

    Returns
    -------
    Task or ResampledTask
        For executors.

    Raises
    ------
    ValueError
        If the noise does not fit the model or the channels, or the colours do not fit.
    """
    if model.noisy or noise != "auto":
        task = task_for(array, axes, ranges, model, noise)
    else:
        task = Task(array, axes, ranges, model)
    if colour != "channels" and through_luma(array, axes, model, colour):
        task = LumaTask(array, axes, ranges, model)
    if scale is None or scale == model.scale:
        return task
    return ResampledTask.of(task, scale)


def model_for_array(
    model: ModelLike | None, scale: Scale | None, array: Any, axes: Axes
) -> LutModel:
    """Get the model that is meant for an array: by name, by scale, or chosen by the array itself.

    Parameters
    ----------
    model : str, os.PathLike or LutModel, optional
        As for :func:`upscale`.
    scale : float, optional
        How many times as large the result is to be.
    array : array_like
        The image.
    axes : Axes
        What its axes are.

    Returns
    -------
    LutModel
        Loaded and validated.

    Raises
    ------
    ValueError
        If the model does not serve the scale.
    UnknownModelError, ModelFileError
        If there is no such model.
    """
    if isinstance(model, str) and model == AUTO:
        model = choose_model_for(array, axes, scale=scale).name
    return load_model_of_scale(model, scale)
