"""What is done to an image of a file, settled before its first pixel: the task, block by block.

Belongs here: from a file's axes and channels to those of a task. What computes its blocks is
``executors.py``; where results go is ``upscaling.py`` and those beside it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from napari_autolut.arrays import Axes, UpscalingTask, check_image, settled_task
from napari_autolut.batch.files.labels import axes_of
from napari_autolut.batch.files.options import AS_FOUND, FOUND_NOISE, DenoiseOptions, UpscaleOptions
from napari_autolut.batch.files.ranges import channel_ranges, with_views
from napari_autolut.denoising import DenoisingTask, find_noise
from napari_autolut.io import ImageFile, ImageFileError, check_intensities
from napari_autolut.model import LutModel
from napari_autolut.noise import NoiseModel, NoiseWarning
from napari_autolut.util.warning import warn


def file_task(
    path: Path, image: ImageFile, model: LutModel, how: UpscaleOptions = AS_FOUND
) -> UpscalingTask:
    """Settle what is to be done to an image from a file.

    Channels often differ by orders of magnitude, so each has a value range of its own; the slices
    and frames of a channel share one.

    Raises
    ------
    ImageFileError
        If the image, which came from ``path``, is of a type that has no intensities.
    ValueError
        If the value range does not fit.
    """
    data = image.data
    try:
        check_image(data.shape, data.dtype)
    except TypeError as error:
        raise ImageFileError(path, str(error)) from error
    axes, ranges = axes_of(image), channel_ranges(image, how.value_range)
    colour = how.colour if image.rgb else "channels"  # a folder holds grey images, too
    return settled_task(data, axes, ranges, model, noise=how.noise, scale=how.scale, colour=colour)


def denoising_task(
    path: Path,
    image: ImageFile,
    how: DenoiseOptions = FOUND_NOISE,
) -> tuple[DenoisingTask, tuple[NoiseModel, ...]]:
    """Settle how an image from a file is denoised; of one on disk only samples are read.

    Parameters
    ----------
    path : pathlib.Path
        Where the image is from, for messages.
    image : ImageFile
        The image.
    how : DenoiseOptions, optional
        Noise, strength and tables.

    Returns
    -------
    task : DenoisingTask
        Of the image's own pixels.
    noise : tuple of NoiseModel
        What is taken away, of each channel or colour.

    Raises
    ------
    ImageFileError
        If the image has no intensities, or no pixels that tell of noise.

    Warns
    -----
    NoiseWarning
        Where what was found may not be right, with the name of the file.
    """
    check_intensities(path, image)
    axes = axes_of(image)
    data = with_views(image)
    try:
        check_image(data.shape, data.dtype)
        found = _found(data, axes) if how.noise is None else (how.noise,)
        task = DenoisingTask.of(data, axes, how.noise or found, how.strength, how.model)
    except (TypeError, ValueError) as error:
        raise ImageFileError(path, str(error)) from error
    return replace(task, array=image.data), found


def _found(data: Any, axes: Axes) -> tuple[NoiseModel, ...]:
    """The noise of each channel or colour; ValueError where one does not tell of its own."""
    channels = find_noise(data, axes)
    for problem in filter(None, (each.problem for each in channels)):
        raise ValueError(f"{problem}; give the noise yourself")
    for doubt in dict.fromkeys(doubt for each in channels for doubt in each.doubts):
        warn(doubt, NoiseWarning)
    return tuple(each.model for each in channels)
