"""One image file in, a larger one out.

Belongs here: what an upscaled *file* is: each channel alone, every other axis kept, pixels smaller
by the factor. Arrays are ``arrays.py``, file formats ``imagefiles.py``.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from napari_autolut.arrays import Progress, upscale_steps
from napari_autolut.imagefiles import (
    ImageFile,
    ImageFileError,
    check_holds,
    check_output_path,
    read_image,
    write_image,
)
from napari_autolut.model import LutModel

FileSteps = Generator[Progress, None, ImageFile]


@dataclass(frozen=True)
class Enlarged:
    """What was made of a file: the new one, and lengths by axis before and after."""

    out: Path
    before: Mapping[str, int]
    after: Mapping[str, int]


def upscale_file_steps(
    source: Path,
    out: Path,
    model: LutModel,
    *,
    value_range: str | tuple[float, float] | None = None,
    engine: str = "auto",
    overwrite: bool = False,
) -> Generator[Progress, None, Enlarged]:
    """Enlarge a file into another one, in steps that can be watched and stopped.

    Parameters
    ----------
    source, out : image files; the second is written whole at the end, or not at all
    model, value_range, engine : as for `upscale`, with a range for each channel
    overwrite : replace ``out`` if it exists

    Returns
    -------
    generator of Progress that returns what was done; closing it cancels

    Raises
    ------
    ImageFileError
        if the source cannot be read, or a file like ``out`` cannot hold the result
    FileExistsError
        if ``out`` exists and ``overwrite`` is false
    """
    check_output_path(out, overwrite=overwrite)
    image = read_image(source)
    check_holds(out, image, factor=model.scale)
    result = yield from upscaled_file_steps(
        source, image, model, value_range=value_range, engine=engine
    )
    write_image(out, result, overwrite=overwrite)
    return Enlarged(out, image.lengths, result.lengths)


def upscaled_file_steps(
    path: Any,
    image: ImageFile,
    model: LutModel,
    *,
    value_range: str | tuple[float, float] | None = None,
    engine: str = "auto",
) -> FileSteps:
    """Enlarge what was read from a file, in steps that can be watched and stopped.

    Channels often differ by orders of magnitude, so each has a value range of its own; the slices
    and frames of a channel share one.

    Parameters
    ----------
    path : where the image came from, for messages
    image : what `imagefiles.read_image` gave
    model, value_range, engine : as for `upscale`

    Returns
    -------
    generator of Progress that returns the enlarged image; closing it cancels

    Raises
    ------
    ImageFileError
        if the image is of a type that has no intensities
    ValueError
        if the value range does not fit
    """
    channel_axis = image.axes.find("C")
    if channel_axis < 0:
        data = yield from _plane_steps(path, image.data, image.axes, model, value_range, engine)
        return image.enlarged(data, model.scale)
    channels = []
    count = image.data.shape[channel_axis]
    axes = image.axes.replace("C", "")
    for number in range(count):
        channel = np.take(image.data, number, channel_axis)
        steps = _plane_steps(path, channel, axes, model, value_range, engine)
        channels.append((yield from _shifted(steps, number, count)))
    return image.enlarged(np.stack(channels, channel_axis), model.scale)


def _plane_steps(
    path: Any,
    data: Any,
    axes: str,
    model: LutModel,
    value_range: str | tuple[float, float] | None,
    engine: str,
) -> Generator[Progress, None, Any]:
    try:
        steps = upscale_steps(
            data,
            model,
            spatial_axes=(axes.index("Y"), axes.index("X")),
            rgb=axes.endswith("S"),
            value_range=value_range,
            engine=engine,
        )
    except TypeError as error:
        raise ImageFileError(path, str(error)) from error
    return (yield from steps)


def _shifted(
    steps: Generator[Progress, None, Any], number: int, count: int
) -> Generator[Progress, None, Any]:
    """Progress of one channel as progress of all."""
    with closing(steps):
        while True:
            try:
                done, total = next(steps)
            except StopIteration as end:
                return end.value
            yield Progress(number * total + done, count * total)
