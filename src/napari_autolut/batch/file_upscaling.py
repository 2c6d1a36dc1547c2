"""One image file in, a larger one out.

Belongs here: the task that a file asks for, where the result goes, and what is held in memory
meanwhile. What computes the blocks is ``executors.py``; file formats are ``io/``.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import numpy as np

from napari_autolut.arrays import Axes, ModelLike, Progress, Task, check_image, resolve_range
from napari_autolut.batch.executors import BlockExecutor, InProcess
from napari_autolut.engine.threads import limits
from napari_autolut.io import (
    TIFF_SUFFIXES,
    ImageFile,
    ImageFileError,
    check_output_path,
    read_image,
)
from napari_autolut.io.files import check_holds, encode_image
from napari_autolut.model import LutModel
from napari_autolut.storage import load_model
from napari_autolut.util.atomic import atomic_write
from napari_autolut.util.boxes import grid_boxes

IN_PROCESS = InProcess()

LARGE = 2**29
"""Results of more bytes than this go to disk tile by tile, where the file is a TIFF."""


@dataclass(frozen=True)
class UpscaledFile:
    """What was made of a file.

    Parameters
    ----------
    out : pathlib.Path
        The new file.
    before, after : mapping of str to int
        Lengths by axis of the source and of the result.
    model : str
        Name of the model.
    """

    out: Path
    before: Mapping[str, int]
    after: Mapping[str, int]
    model: str


def upscale_file_steps(
    source: Path,
    out: Path,
    model: ModelLike,
    *,
    value_range: str | tuple[float, float] | None = None,
    executor: BlockExecutor = IN_PROCESS,
    overwrite: bool = False,
) -> Generator[Progress, None, UpscaledFile]:
    """Upscale a file into another one, in steps that can be watched and stopped.

    Parameters
    ----------
    source, out : pathlib.Path
        Image files; the second is written whole at the end, or not at all.
    model : str, os.PathLike or LutModel
        Name, path or model; loaded when the name of the output is found good.
    value_range : {"auto", "dtype", "data"} or tuple of float, optional
        As for :func:`~napari_autolut.upscale`, with a range for each channel.
    executor : BlockExecutor
        What computes the blocks; by default this process.
    overwrite : bool, default False
        Replace ``out`` if it exists.

    Returns
    -------
    UpscaledFile
        Closing the generator cancels.

    Yields
    ------
    Progress

    Raises
    ------
    ImageFileError
        If the source cannot be read, or a file like ``out`` cannot hold the result.
    FileExistsError
        If ``out`` exists and ``overwrite`` is false.
    UnknownModelError, ModelFileError
        If there is no such model.
    """
    check_output_path(out, overwrite=overwrite)
    loaded = load_model(model)
    scale, tiff = loaded.scale, out.suffix.lower() in TIFF_SUFFIXES
    image = read_image(source, memmap_above=LARGE / scale**2 if tiff else math.inf)
    check_holds(out, image, factor=scale)
    task = file_task(source, image, loaded, value_range)
    # Shape and type without the memory.
    shape, dtype = task.result_shape(task.whole), image.data.dtype.newbyteorder("=")
    result = image.enlarged(np.broadcast_to(np.zeros((), dtype), shape), scale)
    if tiff and result.data.nbytes > LARGE and image.axes.endswith(("YX", "YXS")):
        yield from _into_tiles(task, result, executor, out, overwrite)
    else:
        result = yield from _into_memory(task, result, executor)
        with atomic_write(out, overwrite=overwrite) as temporary:
            encode_image(temporary, result)
    return UpscaledFile(out, image.lengths, result.lengths, loaded.name)


def file_task(
    path: Path,
    image: ImageFile,
    model: LutModel,
    value_range: str | tuple[float, float] | None = None,
) -> Task:
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
    channel = image.axes.find("C") if "C" in image.axes else None
    channels = [data] if channel is None else list(np.moveaxis(data, channel, 0))
    ranges = [resolve_range(each, value_range, rgb=image.rgb) for each in channels]
    return Task(data, Axes(image.spatial_axes, image.rgb, channel), tuple(ranges), model)


def _into_memory(
    task: Task, result: ImageFile, executor: BlockExecutor
) -> Generator[Progress, None, ImageFile]:
    """Compute all of the result."""
    data = np.empty(result.data.shape, result.data.dtype)
    blocks = list(task.blocks(list(grid_boxes(task.whole, limits().tile_size))))
    with closing(executor.run(task, blocks)) as computed:
        for done, (block, values) in enumerate(computed, 1):
            task.target(data, block, task.whole)[...] = values
            yield Progress(done, len(blocks))
    return replace(result, data=data)


def _into_tiles(
    task: Task, result: ImageFile, executor: BlockExecutor, out: Path, overwrite: bool
) -> Generator[Progress, None, None]:
    """Compute tiles of the result and write each at once."""
    from napari_autolut.io.tiff.tiles import TiledTiff, tile_side  # tifffile takes its time

    side = tile_side(task.scale)
    blocks = list(task.blocks(list(grid_boxes(task.whole, side // task.scale))))
    with (
        atomic_write(out, overwrite=overwrite) as temporary,
        TiledTiff(temporary, result, side) as tiles,
        closing(executor.run(task, blocks)) as computed,
    ):
        for done, (block, values) in enumerate(computed, 1):
            tiles.write(cast("tuple[int, ...]", block.planes), block.box.times(task.scale), values)
            yield Progress(done, len(blocks))
