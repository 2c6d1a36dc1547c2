"""A result that goes to an OME-Zarr region by region, whatever computes it; resumed after a kill.

Belongs here: which regions are left, their order and their progress. How they are stored is
``io/zarr``; what is upscaled or denoised is ``file_upscaling.py`` and ``file_denoising.py``.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays import Axes, Block, Progress
from napari_autolut.io import ImageFile, ImageFileError
from napari_autolut.io.zarr import is_zarr
from napari_autolut.io.zarr.result import ZarrResult
from napari_autolut.util.boxes import grid_boxes, whole

Compute = Callable[[Iterable[Block]], Iterator[tuple[Block, NDArray[Any]]]]
"""Computes blocks of the source, in any order."""


def fill(
    result: ZarrResult, source: ImageFile, scale: int, compute: Compute
) -> Generator[Progress, None, None]:
    """Compute and write what is not finished yet, then the coarser levels.

    Parameters
    ----------
    result : ZarrResult
        Open for writing.
    source : ImageFile
        What the blocks are of.
    scale : int
        How many rows of the result a row of the source becomes.
    compute : callable
        Gives the pixels of blocks: (rows, columns), with colours behind them.

    Yields
    ------
    Progress
        At each region, those finished before the start included.
    """
    plan = result.plan
    total = sum(plan.region_count(level) for level in range(len(plan.shapes)))
    regions = {
        block: result.region(_place(block), *block.box.times(scale).slices)
        for block in _blocks(source, plan.side // scale)
    }
    left = [block for block, region in regions.items() if not result.is_finished(region)]
    done = len(regions) - len(left)
    if done:
        yield Progress(done, total)
    with closing(_generator(compute(left))) as computed:
        for block, values in computed:
            result.write(regions[block], np.moveaxis(values, -1, 0) if source.rgb else values)
            done += 1
            yield Progress(done, total)
    for _ in result.coarser_levels():
        done += 1
        yield Progress(done, total)


def _generator(
    blocks: Iterator[tuple[Block, NDArray[Any]]],
) -> Generator[tuple[Block, NDArray[Any]], None, None]:
    yield from blocks


def _place(block: Block) -> tuple[int, ...]:
    return tuple(at for at in block.planes if isinstance(at, int))


def _blocks(source: ImageFile, side: int) -> Iterator[Block]:
    """Squares of all planes: plane after plane."""
    axes, shape = Axes(source.spatial_axes, source.rgb), source.data.shape
    boxes = list(grid_boxes(whole(axes.size(shape)), side))
    places = np.ndindex(*(shape[axis] for axis in axes.leading(len(shape))))
    return (Block(tuple(place), box) for place, box in product(places, boxes))


def source_identity(path: Path) -> dict[str, Any]:
    """What tells that a source is the same as before: its name, and sizes and times of its files.

    Parameters
    ----------
    path : pathlib.Path
        A file, or the folder of a Zarr.

    Returns
    -------
    dict
        Plain values.
    """
    seen = hashlib.sha256()
    for name in sorted(_files(path)):
        status = os.stat(name)  # noqa: PTH116
        seen.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\0".encode())
    return {"source": str(path.absolute()), "state": seen.hexdigest()}


def _files(path: Path) -> Iterator[str]:
    if not path.is_dir():
        yield str(path)
    for folder, _, names in os.walk(path):
        yield from (str(Path(folder, name)) for name in names)


def check_apart(source: Path, out: Path) -> None:
    """Refuse a result inside its source, and one that would replace a folder with it inside.

    Raises
    ------
    ImageFileError
        If one lies in the other; a Zarr may replace itself.
    """
    one, other = source.resolve(), out.resolve()
    if one == other:
        return
    if other.is_relative_to(one) and is_zarr(source):
        raise ImageFileError(out, f"lies in the source {source}; choose a name outside of it")
    if one.is_relative_to(other):
        raise ImageFileError(out, f"has the source {source} in it; choose another name")
