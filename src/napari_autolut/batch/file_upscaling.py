"""One image file in, a larger one out.

Belongs here: what is read, where the result goes, and what is held in memory meanwhile. Which
piece is computed how is ``file_blocks.py``; file formats are ``imagefiles.py``.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from napari_autolut.arrays.jobs import Progress
from napari_autolut.batch.file_blocks import BlockRunner, FilePlan, Here, plan_file
from napari_autolut.engine.threads import limits
from napari_autolut.io.files import (
    TIFF_SUFFIXES,
    check_holds,
    check_output_path,
    read_image,
    write_image,
)
from napari_autolut.io.image_file import ImageFile
from napari_autolut.model.graph import LutModel
from napari_autolut.util.atomic import atomic_write

HERE = Here()

LARGE = 2**29
"""Results of more bytes than this go to disk piece by piece, where the file is a TIFF."""


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
    runner: BlockRunner = HERE,
    overwrite: bool = False,
) -> Generator[Progress, None, Enlarged]:
    """Enlarge a file into another one, in steps that can be watched and stopped.

    Parameters
    ----------
    source, out : image files; the second is written whole at the end, or not at all
    model, value_range : as for `upscale`, with a range for each channel
    runner : what computes the pieces; by default this process
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
    tiff = out.suffix.lower() in TIFF_SUFFIXES
    image = read_image(source, map_above=LARGE / model.scale**2 if tiff else math.inf)
    check_holds(out, image, factor=model.scale)
    plan = plan_file(source, image, model, value_range)
    if tiff and plan.result.data.nbytes > LARGE and image.axes.endswith(("YX", "YXS")):
        yield from _into_tiles(plan, runner, out, overwrite)
    else:
        result = yield from _into_memory(plan, runner)
        write_image(out, result, overwrite=overwrite)
    return Enlarged(out, image.lengths, plan.result.lengths)


def _into_memory(plan: FilePlan, runner: BlockRunner) -> Generator[Progress, None, ImageFile]:
    """Compute all of the result."""
    data = np.empty(plan.result.data.shape, plan.result.data.dtype)
    pictures = plan.pictures_of(data)
    blocks = list(plan.blocks(limits().tile_size))
    with closing(runner.run(plan, blocks)) as computed:
        for done, (block, values) in enumerate(computed, 1):
            pictures[block.place][block.box.times(plan.scale).slices] = values
            yield Progress(done, len(blocks))
    return replace(plan.result, data=data)


def _into_tiles(
    plan: FilePlan, runner: BlockRunner, out: Path, overwrite: bool
) -> Generator[Progress, None, None]:
    """Compute tiles of the result and write each at once."""
    from napari_autolut.io.tiff.tiles import TiledTiff, tile_side  # tifffile takes its time

    side = tile_side(plan.scale)
    blocks = list(plan.blocks(side // plan.scale))
    with (
        atomic_write(out, overwrite=overwrite) as temporary,
        TiledTiff(temporary, plan.result, side) as tiles,
        closing(runner.run(plan, blocks)) as computed,
    ):
        for done, (block, values) in enumerate(computed, 1):
            tiles.write(block.place, block.box.times(plan.scale), values)
            yield Progress(done, len(blocks))
