"""A preview: a region of a layer, enlarged before anything is run, with what an earlier one has.

Belongs here: reading the source, the tiles on several threads, and where the result lies. Which
region is wanted is ``viewport.py``; when, and the layer that shows it, is ``widgets/layer_dock``.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping
from concurrent.futures import as_completed, wait
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays import ArrayTask, Block, Progress
from napari_autolut.engine import plane_engine
from napari_autolut.engine.threads import kept_pool, thread_count
from napari_autolut.layers.geometry import placement
from napari_autolut.layers.source import LayerSource
from napari_autolut.layers.viewport import Region, as_sliced, data_to_world
from napari_autolut.util.boxes import Box, even_parts

TILE_PIXELS = 2**16
"""Pixels of a tile, unless the caller knows better: work on a region that is left soon stops."""

MIN_TILE_PIXELS = 2**12
"""Pixels below which a tile is not divided for the sake of another thread."""


@dataclass(frozen=True, eq=False)
class SourcePixels:
    """Pixels of the source as they were when they were read, and which they are."""

    region: Region
    pixels: NDArray[Any]

    def still_in(self, array: Any) -> bool:
        """Whether an array in memory has these pixels yet; others are not read once more."""
        if not isinstance(array, np.ndarray):
            return True
        now = array[tuple(slice(*span) for span in self.region.spans)]
        return np.array_equal(now, self.pixels, equal_nan=array.dtype.kind == "f")


@dataclass(frozen=True, eq=False)
class Preview:
    """An enlarged region: its array, where it lies, and what it cost.

    Parameters
    ----------
    region : Region
        Which pixels of the layer it shows.
    pixels : numpy.ndarray
        Their result.
    placement : mapping
        Transform, as a layer takes it.
    computed : int
        Pixels of the source that were computed for it, not taken from an earlier preview.
    seconds : float
        How long that took, reading not counted.
    source : SourcePixels
        What was read for it.
    """

    region: Region
    pixels: NDArray[Any]
    placement: Mapping[str, Any]
    computed: int
    seconds: float
    source: SourcePixels


def preview_steps(
    layer_source: LayerSource,
    region: Region,
    *,
    view: Region | None = None,
    shown: Preview | None = None,
    tile_pixels: int = TILE_PIXELS,
    displayed: tuple[int, int] | None = None,
) -> Generator[Progress, None, Preview]:
    """Enlarge a region of a layer: the very pixels that its whole result has there.

    Reads the view and what is around it, nothing else, and the range of values once for each
    ``layer_source``. Closing the generator stops.

    Parameters
    ----------
    layer_source : LayerSource
        What is done.
    region : Region
        What is wanted now.
    view : Region, optional
        What will be wanted in the end, and is read at once; by default the region.
    shown : Preview, optional
        An earlier preview of the same task, whose pixels are taken where they are the same.
    tile_pixels : int
        Pixels of the source in a tile, at most.
    displayed : tuple of int, optional
        The two axes in which a canvas is to show it over its source; by default it lies where its
        source does in the world.

    Returns
    -------
    Preview
        Of the region.

    Yields
    ------
    Progress
        After every tile.
    """
    source = _source(layer_source, view or region, shown)
    begun = perf_counter()
    ndim, spatial = len(region.spans), layer_source.spatial_axes
    start = [(source.region if axis in spatial else region).start[axis] for axis in range(ndim)]
    task = layer_source.part(_same_planes(source, region, spatial), start)
    read, wanted = _box(source.region, spatial), _box(region, spatial)
    result = np.empty(task.result_shape(wanted.within(read)), source.pixels.dtype)
    cached = _copied(result, region, shown, layer_source)
    boxes = [wanted] if cached is None else around(cached, wanted)
    yield from _tiles(
        task, [box.within(read) for box in boxes], wanted.within(read), result, tile_pixels
    )
    computed = math.prod(region.shape) * sum(map(_area, boxes)) // _area(wanted)
    placed = _placed(layer_source, region, displayed)
    return Preview(region, result, placed, computed, perf_counter() - begun, source)


def around(inner: Box, outer: Box) -> list[Box]:
    """What is left of a box without one that lies in it: up to four boxes."""
    boxes = (
        Box(outer.top, inner.top, outer.left, outer.right),
        Box(inner.bottom, outer.bottom, outer.left, outer.right),
        Box(inner.top, inner.bottom, outer.left, inner.left),
        Box(inner.top, inner.bottom, inner.right, outer.right),
    )
    return [box for box in boxes if _area(box)]


def _source(layer_source: LayerSource, view: Region, shown: Preview | None) -> SourcePixels:
    """The pixels of a view with what is around; those of the earlier preview where they suffice."""
    margin, step = layer_source.task.halo_radius, layer_source.task.step
    spans = list(view.spans)
    for axis in layer_source.spatial_axes:
        first, stop = max(0, spans[axis][0] - margin), spans[axis][1] + margin
        spans[axis] = first - first % step, min(layer_source.array.shape[axis], stop + -stop % step)
    outer = Region(tuple(spans))
    if shown is not None and shown.source.region.holds(outer):
        return shown.source
    cuts = tuple(slice(first, stop) for first, stop in spans)
    return SourcePixels(outer, np.array(layer_source.array[cuts]))


def _same_planes(source: SourcePixels, region: Region, spatial: tuple[int, int]) -> NDArray[Any]:
    """The planes of a region, with all of their rows and columns that were read."""
    spans = zip(region.spans, source.region.start, strict=True)
    cuts = [slice(first - begin, stop - begin) for (first, stop), begin in spans]
    for axis in spatial:
        cuts[axis] = slice(None)
    return source.pixels[tuple(cuts)]


def _placed(
    layer_source: LayerSource, region: Region, displayed: tuple[int, int] | None
) -> Mapping[str, Any]:
    """Transform of the result of a region."""
    grid, spatial = layer_source.task.grid, layer_source.spatial_axes
    start, factor = np.array(region.start, np.float64), np.ones(len(region.start))
    origin = grid.origin(grid.result(_box(region, spatial)))
    for axis, first, times in zip(spatial, origin, (grid.rows, grid.columns), strict=True):
        start[axis], factor[axis] = float(first), float(times)
    if displayed is not None:
        centre = 0.5 / factor - 0.5
        start = as_sliced(start + centre, displayed, data_to_world(layer_source.state)) - centre
    return placement(layer_source.state, start=start, factor=factor)


def _box(region: Region, spatial: tuple[int, int]) -> Box:
    rows, columns = spatial
    return Box(*region.spans[rows], *region.spans[columns])


def _area(box: Box) -> int:
    return max(0, box.bottom - box.top) * max(0, box.right - box.left)


def _copied(
    result: NDArray[Any], region: Region, shown: Preview | None, layer_source: LayerSource
) -> Box | None:
    """Copy what an earlier preview has of the same planes; where that is."""
    common = None if shown is None else shown.region.common(region)
    if shown is None or common is None:
        return None
    axes, grid = layer_source.task.axes, layer_source.task.grid
    others = set(range(len(region.spans))) - set(axes.spatial)
    if any(shown.region.spans[axis] != region.spans[axis] for axis in others):
        return None
    box = _box(common, axes.spatial)
    there, here = (
        grid.result(box).within(grid.result(_box(each, axes.spatial)))
        for each in (shown.region, region)
    )
    target, source = (np.moveaxis(each, axes.spatial, (-2, -1)) for each in (result, shown.pixels))
    target[(..., *here.slices)] = source[(..., *there.slices)]
    return box


def _tiles(
    task: ArrayTask, boxes: list[Box], region: Box, result: NDArray[Any], tile_pixels: int
) -> Generator[Progress, None, None]:
    """Fill boxes of the result, several tiles at once: not only the model takes time."""
    threads = thread_count()
    max_pixels = min(tile_pixels, max(MIN_TILE_PIXELS, -(-sum(map(_area, boxes)) // threads)))
    blocks = list(task.blocks(boxes))
    alone = len(blocks) == 1 and _area(boxes[0]) <= tile_pixels
    # Neighbouring tiles compute what is around them twice; a tile for itself shares its rows.
    if not alone:
        blocks = list(task.blocks([tile for box in boxes for tile in _cut(box, max_pixels)]))
    engine = plane_engine(threads=threads if alone else 1)

    def compute(block: Block) -> None:
        task.compute(block, task.target(result, block, region), engine)

    futures = [kept_pool(threads).submit(compute, block) for block in blocks]
    try:
        for done, future in enumerate(as_completed(futures), 1):
            future.result()
            yield Progress(done, len(futures))
    finally:
        wait([future for future in futures if not future.cancel()])


def _cut(box: Box, max_pixels: int) -> list[Box]:
    """Cut a box across its longer side into equal tiles; what is around tiles is computed twice."""
    height, width = box.bottom - box.top, box.right - box.left
    count = min(max(height, width), -(-height * width // max_pixels))
    low, high = (box.top, box.bottom) if height >= width else (box.left, box.right)
    parts = even_parts(low, high, count)
    if height >= width:
        return [Box(a, b, box.left, box.right) for a, b in parts]
    return [Box(box.top, box.bottom, a, b) for a, b in parts]
