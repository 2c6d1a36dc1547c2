"""A task whose result goes into a store region by region, and is resumed where it was stopped.

Belongs here: which regions are left, their order and their progress. What a store is, such as an
OME-Zarr, and where it remembers what is finished, is its own matter (``io/zarr``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.array_task import ArrayTask, Block
from napari_autolut.arrays.patches import Computed
from napari_autolut.arrays.steps import Progress

Region = tuple[slice, ...]

COMPUTED = 8
"""How many times as long as a region of a coarser level one takes that is computed."""

Compute = Callable[[ArrayTask, Iterable[Block]], Computed]
"""Computes blocks of a task, in any order."""


class RegionStore(Protocol):
    """What takes a result region by region."""

    @property
    def side(self) -> int:
        """Rows and columns of a region."""
        ...

    @property
    def region_count(self) -> int:
        """Number of all regions, those of coarser levels included."""
        ...

    def region(self, planes: Sequence[int], rows: slice, columns: slice) -> Region:
        """Where a part of a plane lies, given its index along the other axes."""
        ...

    def is_finished(self, region: Region) -> bool:
        """Whether a region was written before."""
        ...

    def write(self, region: Region, values: NDArray[Any]) -> None:
        """Write a region: (rows, columns), with colours before them."""
        ...

    def coarser_levels(self) -> Iterator[None]:
        """Make what is shown from afar of what is written; yields at each region."""
        ...


def fill(
    store: RegionStore, task: ArrayTask, compute: Compute, mirrored: Collection[int] = ()
) -> Generator[Progress, None, None]:
    """Compute and write what is not finished yet, then the coarser levels.

    Parameters
    ----------
    store : RegionStore
        Open for writing.
    task : ArrayTask
        What is to be done to a whole array.
    compute : callable
        Gives the pixels of blocks.
    mirrored : collection of int, optional
        Axes of the array along which the store gets the result the other way round.

    Yields
    ------
    Progress
        At each region, as long as it takes; those finished before are counted.
    """
    flips = [axis in mirrored for axis in task.axes.spatial]
    mirrors = tuple(slice(None, None, -1 if flip else 1) for flip in flips)
    extent = task.result_box(task.whole)
    squares = dict(task.squares(store.side, flips))
    regions = {
        block: store.region(_place(task, block, mirrored), *square.mirrored(extent, flips).slices)
        for block, square in squares.items()
    }
    left = [block for block, region in regions.items() if not store.is_finished(region)]
    done = COMPUTED * (len(regions) - len(left))
    total = store.region_count + (COMPUTED - 1) * len(regions)
    if done:
        yield Progress(done, total)
    with closing(compute(task, left)) as computed:
        for block, values in computed:
            values = task.cut_to(squares[block], block, values)[mirrors]
            store.write(regions[block], np.moveaxis(values, -1, 0) if task.axes.rgb else values)
            done += COMPUTED
            yield Progress(done, total)
    for _ in store.coarser_levels():
        done += 1
        yield Progress(done, total)


def _place(task: ArrayTask, block: Block, mirrored: Collection[int]) -> tuple[int, ...]:
    """Which plane of the store a block is."""
    shape = task.array.shape
    places = zip(task.axes.leading(len(shape)), block.planes, strict=True)
    whole = [(axis, at) for axis, at in places if isinstance(at, int)]
    return tuple(shape[axis] - 1 - at if axis in mirrored else at for axis, at in whole)
