"""Blocks of a task in this process, also of arrays that are on disk: read patch by patch.

Belongs here: what is in memory while a block is computed. Where results go is for those who run the
blocks: ``regions.py``, and files in ``batch/``.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.array_task import ArrayTask, Block
from napari_autolut.arrays.steps import finish, run, side_by_side, warn_of_non_finite
from napari_autolut.engine import plane_engine
from napari_autolut.engine.threads import limits
from napari_autolut.util.memmap import release

Computed = Generator[tuple[Block, NDArray[Any]], None, None]
"""Blocks, in any order, with their pixels."""


def computed_blocks(task: ArrayTask, blocks: Iterable[Block], engine: str = "auto") -> Computed:
    """Compute blocks in their order, with the threads that the engine uses.

    Where the engine is a card, the next blocks are read and prepared meanwhile.

    Parameters
    ----------
    task : ArrayTask
        Of an array in memory, a memory map, or one on disk with basic indexing alone.
    blocks : iterable of Block
        Of the task.
    engine : {"auto", "fast", "reference", "torch"}, default "auto"
        What runs tables.

    Yields
    ------
    tuple of Block and ndarray
        Each block with its pixels.
    """
    planes = plane_engine(engine)
    at_once = planes.blocks_at_once
    if isinstance(task.array, np.ndarray):
        compute = partial(task.computed, engine=planes)
        yield from side_by_side(compute, _looked_at(task, blocks), at_once)
        return

    def of_patch(read: tuple[Block, NDArray[Any], Block]) -> NDArray[Any]:
        block, patch, place = read
        here, side = task.on_patch(block, patch, place), limits().tile_size
        return finish(run(here, planes, tile_size=side, region=place.box, warn=False))

    for (block, *_), pixels in side_by_side(of_patch, patches(task, blocks), at_once):
        yield block, pixels


def _looked_at(task: ArrayTask, blocks: Iterable[Block]) -> Iterator[Block]:
    """Blocks of an array in memory or a memory map, before they are computed."""
    warning = WarnOnce()
    for block in blocks:
        warning.look_at(task, block)
        if block.box.left == 0:
            release(task.array)
        yield block


def patches(
    task: ArrayTask, blocks: Iterable[Block]
) -> Iterator[tuple[Block, NDArray[Any], Block]]:
    """Give each block with its patch, read into memory, and its place there."""
    warning = WarnOnce()
    for block in blocks:
        patch, place = task.patch(block)
        warning.look_at(task.on_patch(block, patch, place), place)
        yield block, patch, place


class WarnOnce:
    """Warns at the first block with NaN or infinite pixels."""

    def __init__(self) -> None:
        self._warned = False

    def look_at(self, task: ArrayTask, block: Block) -> None:
        """Look at the pixels of one block."""
        if not self._warned and task.has_non_finite(block):
            self._warned = True
            warn_of_non_finite()
