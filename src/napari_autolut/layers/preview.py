"""The enlarged piece that a lens shows: computed in tiles, with what an earlier piece already has.

Belongs here: reading the source, the tiles on several threads, and where the piece lies. Which part
of a layer is wanted is ``lens.py``, when ``widgets/lens.py``.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.blocks import reach
from napari_autolut.arrays.jobs import Bundle, Job, Progress, bundles, fill_box
from napari_autolut.engine import plane_engine
from napari_autolut.engine.threads import thread_count
from napari_autolut.layers.provenance import placement
from napari_autolut.layers.seen import Part
from napari_autolut.layers.upscaling import LayerUpscaling
from napari_autolut.util.boxes import Box, even_parts

TILE_PIXELS = 2**16
"""Pixels of a tile, unless the caller knows better: a lens asked for another part soon stops."""

LEAST_PIXELS = 2**12
"""Pixels below which a tile is not divided for the sake of another thread."""


@dataclass(frozen=True, eq=False)
class Block:
    """Pixels of the source in memory, and which they are."""

    part: Part
    pixels: NDArray[Any]


@dataclass(frozen=True, eq=False)
class LensPiece:
    """An enlarged part: its array, where it lies, and what it cost.

    Parameters
    ----------
    part : which part it is
    pixels : its result
    placement : transform, as a layer takes it
    computed : pixels of the source that were computed for it, not taken from an earlier piece
    seconds : how long that took, reading not counted
    block : what was read for it
    """

    part: Part
    pixels: NDArray[Any]
    placement: Mapping[str, Any]
    computed: int
    seconds: float
    block: Block


def lens_steps(
    upscaling: LayerUpscaling,
    part: Part,
    *,
    view: Part | None = None,
    shown: LensPiece | None = None,
    tile_pixels: int = TILE_PIXELS,
) -> Generator[Progress, None, LensPiece]:
    """Enlarge a part of a layer: the very pixels that its whole result has there.

    Reads the view and what is around it, nothing else, and the range of values once for each
    ``upscaling``. Yields after every tile; closing it stops.

    Parameters
    ----------
    upscaling : what is done
    part : what is wanted now
    view : what will be wanted in the end, and is read at once; by default the part
    shown : an earlier piece of the same upscaling, whose pixels are taken where they are the same
    tile_pixels : most pixels of the source in a tile
    """
    job = upscaling.job
    block = _block(upscaling, view or part, shown)
    begun = perf_counter()
    ndim = len(part.spans)
    factor = [job.model.scale if axis in job.spatial_axes else 1 for axis in range(ndim)]
    colours = block.pixels.shape[ndim:]
    result = np.empty((*np.multiply(part.shape, factor), *colours), block.pixels.dtype)
    wanted = _box(part, job)
    known = _take_over(result, part, shown, job)
    boxes = [wanted] if known is None else around(known, wanted)
    yield from _tiles(job, block, part, result, boxes, tile_pixels)
    computed = math.prod(part.shape) * sum(map(_area, boxes)) // _area(wanted)
    placed = placement(upscaling.state, start=part.start, factor=factor)
    return LensPiece(part, result, placed, computed, perf_counter() - begun, block)


def around(inner: Box, outer: Box) -> list[Box]:
    """What is left of a box without one that lies in it: up to four boxes."""
    boxes = (
        Box(outer.top, inner.top, outer.left, outer.right),
        Box(inner.bottom, outer.bottom, outer.left, outer.right),
        Box(inner.top, inner.bottom, outer.left, inner.left),
        Box(inner.top, inner.bottom, inner.right, outer.right),
    )
    return [box for box in boxes if _area(box)]


def _block(upscaling: LayerUpscaling, view: Part, shown: LensPiece | None) -> Block:
    """The pixels of a view with what is around; those of the earlier piece where they suffice."""
    margin = reach(upscaling.job.model, upscaling.array.dtype)
    spans = list(view.spans)
    for axis in upscaling.spatial_axes:
        first, stop = spans[axis]
        spans[axis] = max(0, first - margin), min(upscaling.array.shape[axis], stop + margin)
    outer = Part(tuple(spans))
    if shown is not None and shown.block.part.holds(outer):
        return shown.block
    cuts = tuple(slice(first, stop) for first, stop in spans)
    return Block(outer, np.asarray(upscaling.array[cuts]))


def _box(part: Part, job: Job) -> Box:
    rows, columns = job.spatial_axes
    return Box(*part.spans[rows], *part.spans[columns])


def _area(box: Box) -> int:
    return max(0, box.bottom - box.top) * max(0, box.right - box.left)


def _take_over(result: NDArray[Any], part: Part, shown: LensPiece | None, job: Job) -> Box | None:
    """Copy what an earlier piece has of the same planes; where that is."""
    common = None if shown is None else shown.part.common(part)
    if shown is None or common is None:
        return None
    others = set(range(len(part.spans))) - set(job.spatial_axes)
    if any(shown.part.spans[axis] != part.spans[axis] for axis in others):
        return None
    box, scale = _box(common, job), job.model.scale
    source = np.moveaxis(shown.pixels, job.spatial_axes, (-2, -1))
    target = np.moveaxis(result, job.spatial_axes, (-2, -1))
    here = (..., *box.within(_box(part, job)).times(scale).slices)
    target[here] = source[(..., *box.within(_box(shown.part, job)).times(scale).slices)]
    return box


def _tiles(
    job: Job, block: Block, part: Part, result: NDArray[Any], boxes: list[Box], tile_pixels: int
) -> Generator[Progress, None, None]:
    """Fill boxes of the result, several tiles at once: not only the model takes time."""
    spans = zip(part.spans, block.part.start, strict=True)
    cuts = [slice(first - begin, stop - begin) for (first, stop), begin in spans]
    for axis in job.spatial_axes:
        cuts[axis] = slice(None)
    read, wanted = _box(block.part, job), _box(part, job)
    threads = thread_count()
    single = plane_engine(threads=1)
    bundled = list(bundles(job, block.pixels[tuple(cuts)], result, single))
    most = min(tile_pixels, max(LEAST_PIXELS, -(-sum(map(_area, boxes)) // threads)))
    alone = len(boxes) == len(bundled) == 1 and _area(boxes[0]) <= tile_pixels
    # Neighbouring tiles compute what is around them twice; a tile for itself shares its rows.
    tiles = boxes if alone else [tile for box in boxes for tile in _stretches(box, most)]
    engine = plane_engine(threads=threads) if alone else single

    def compute(bundle: Bundle, tile: Box) -> None:
        fill_box(job, bundle, tile.within(read), tile.within(wanted), engine)

    with ThreadPoolExecutor(threads) as pool:
        work = itertools.product(bundled, tiles)
        futures = [pool.submit(compute, *each) for each in work]
        try:
            for done, future in enumerate(as_completed(futures), 1):
                future.result()
                yield Progress(done, len(futures))
        finally:
            for future in futures:
                future.cancel()


def _stretches(box: Box, most: int) -> list[Box]:
    """Cut a box across its longer side into equal tiles; what is around tiles is computed twice."""
    height, width = box.bottom - box.top, box.right - box.left
    count = min(max(height, width), -(-height * width // most))
    low, high = (box.top, box.bottom) if height >= width else (box.left, box.right)
    parts = even_parts(low, high, count)
    if height >= width:
        return [Box(a, b, box.left, box.right) for a, b in parts]
    return [Box(box.top, box.bottom, a, b) for a, b in parts]
