"""What is done to an image, settled before its first pixel: noise, colours, and the exact factor.

Belongs here: which kinds of tasks are put together. What each of them does is ``task.py``,
``noisy.py``, ``colour.py`` and ``resampled.py``.
"""

from __future__ import annotations

from typing import Any

from napari_autolut.arrays.axes import Axes
from napari_autolut.arrays.colour import Colour, LumaTask, through_luma
from napari_autolut.arrays.noisy import Noise, task_for
from napari_autolut.arrays.resampled import ResampledTask
from napari_autolut.arrays.task import Task
from napari_autolut.arrays.value_range import Range
from napari_autolut.model import LutModel
from napari_autolut.util.grid import Scale

UpscalingTask = Task | ResampledTask
"""An upscaling, by the model's factor or by another one."""


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
        As for :func:`~napari_autolut.arrays.colour.through_luma`.

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


def by_table(task: UpscalingTask) -> Task:
    """The part of an upscaling that is the model's: all of it, or what is resampled then."""
    return task.inner if isinstance(task, ResampledTask) else task
