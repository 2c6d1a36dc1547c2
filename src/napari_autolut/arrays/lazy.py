"""Dask arrays: lazy in, lazy out, chunk by chunk with the pixels around each.

Belongs here: how a task is spread over the chunks of a dask array. A chunk is computed by the same
code as a numpy array, and gives the same bits. The model is one node of the graph, so that a
cluster's workers get it once and not with every chunk.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import Any

import dask.array as da
import numpy as np
from dask.array.overlap import overlap
from dask.delayed import delayed
from numpy.typing import NDArray

from napari_autolut.arrays.array_task import ArrayTask
from napari_autolut.arrays.steps import finish, run
from napari_autolut.engine import plane_engine
from napari_autolut.util.boxes import Box
from napari_autolut.util.dask_graphs import flat
from napari_autolut.util.grid import Grid

MAX_CHUNK = 2048
"""Longest side of a chunk in input pixels: a result's chunks must still fit into memory."""


def computed_lazily(task: ArrayTask, engine: str) -> da.Array:
    """Make the graph of the result of a task on a dask array; computes nothing.

    Chunks along other than the spatial axes stay as they are. Those along the spatial axes are
    joined where they are smaller than what a tile depends on, and cut where they are very large.
    """
    image, spatial, margin = flat(task.array), task.axes.spatial, task.halo_radius
    wanted = {axis: _chunks(image.chunks[axis], margin, task.step) for axis in spatial}
    if task.axes.rgb:
        wanted[image.ndim - 1] = (image.shape[-1],)
    source = image.rechunk(wanted)
    depth = {axis: margin for axis in spatial if source.numblocks[axis] > 1}
    chunks = list(source.chunks)
    for axis, sides in zip(
        spatial, _result_chunks(task.grid, *(source.chunks[a] for a in spatial)), strict=True
    ):
        chunks[axis] = sides
    empty = np.empty((0,) * image.ndim, image.dtype)
    result: da.Array = da.map_blocks(
        _computed_chunk,
        overlap(source, depth, "none", allow_rechunk=False),
        delayed(task.on(empty), traverse=False),
        engine=engine,
        depth=depth,
        starts=tuple(tuple(accumulate(sides, initial=0)) for sides in source.chunks),
        block_counts=source.numblocks,
        chunks=tuple(chunks),
        dtype=task.dtype,
        meta=empty.astype(task.dtype),
    )
    return result


def _result_chunks(grid: Grid, *spatial: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Rows and columns of the result that chunks of rows and columns become."""
    rows, columns = ([*accumulate(sides, initial=0)] for sides in spatial)
    down = [grid.result(Box(0, row, 0, 1)).bottom for row in rows]
    right = [grid.result(Box(0, 1, 0, column)).right for column in columns]
    for ends in (down, right):
        yield tuple(stop - start for start, stop in pairwise(ends))


def _chunks(chunks: tuple[int, ...], margin: int, step: int) -> tuple[int, ...]:
    """Chunks of one spatial axis, long enough to lend their neighbours ``margin`` pixels.

    They begin at multiples of ``step``.
    """
    longest = max(MAX_CHUNK, 2 * margin)
    ends = [0]
    for side in chunks:
        pieces, start = max(1, -(-side // longest)), ends[-1]
        ends += [start + side * (n + 1) // pieces for n in range(pieces)]
    aligned = {end - end % step for end in ends[:-1]} | {ends[-1]}
    cut = tuple(stop - start for start, stop in pairwise(sorted(aligned)))
    if ends[-1] <= margin:
        return (ends[-1],)
    return _long_enough(cut, margin)


def _long_enough(chunks: tuple[int, ...], margin: int) -> tuple[int, ...]:
    """Join chunks that are shorter than ``margin`` with what follows, or with what comes before."""
    joined = [0]
    for side in chunks:
        if joined[-1] < max(1, margin):
            joined[-1] += side
        else:
            joined.append(side)
    if len(joined) > 1 and joined[-1] < margin:
        joined[-2:] = [joined[-2] + joined[-1]]
    return tuple(joined)


def _computed_chunk(
    chunk: NDArray[Any],
    task: ArrayTask,
    *,
    engine: str,
    depth: dict[int, int],
    starts: tuple[tuple[int, ...], ...],
    block_counts: tuple[int, ...],
    block_id: tuple[int, ...],
) -> NDArray[Any]:
    """One chunk and the pixels around it in; the enlarged chunk alone out."""
    spans = []
    start = [ends[number] for ends, number in zip(starts, block_id, strict=True)]
    for axis in task.axes.spatial:
        before = depth.get(axis, 0) if block_id[axis] > 0 else 0
        after = depth.get(axis, 0) if block_id[axis] < block_counts[axis] - 1 else 0
        spans.append((before, chunk.shape[axis] - after))
        start[axis] -= before
    (top, bottom), (left, right) = spans
    region = Box(top, bottom, left, right)
    # Dask computes several chunks at once; more threads inside each would only queue.
    single = plane_engine(engine, threads=1)
    return finish(run(task.on(chunk, start), single, region=region, warn=False))
