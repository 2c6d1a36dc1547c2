"""The lens: the part of a layer that is seen, enlarged before anything is run.

Belongs here: which pixels of a layer a canvas shows, how much of them is computed, the work itself
in tiles on several threads, and where the enlarged piece lies. Plain numpy; what a viewer shows and
when is ``widgets/lens.py``.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_autolut.arrays import plan
from napari_autolut.engine import plane_engine
from napari_autolut.engine.blocks import enlarge_box, reach, upscale_box
from napari_autolut.engine.limits import thread_count
from napari_autolut.engine.tiles import Box, tile_boxes
from napari_autolut.geometry import linear_matrix
from napari_autolut.jobs import ALPHA, Job, Progress
from napari_autolut.layer_upscaling import LayerUpscaling
from napari_autolut.result_layers import placement

MOST_PIXELS = 2**20
"""Pixels of the source that are enlarged at most; of more, the middle is shown."""

TILE = 256
"""Longest side of a tile in source pixels: a lens that is asked for another part soon stops."""

LEAST_TILE = 64

Span = tuple[int, int]


@dataclass(frozen=True)
class Look:
    """What a canvas shows of a layer's world.

    Parameters
    ----------
    centre, size : (2,) world coordinates and lengths, in the order in which axes are displayed
    displayed : the layer's two axes that lie along them
    point : (ndim,) world coordinates of the slice; those of displayed axes do not count
    """

    centre: tuple[float, float]
    size: tuple[float, float]
    displayed: tuple[int, int]
    point: tuple[float, ...]


@dataclass(frozen=True)
class Part:
    """A block of a layer: (start, stop) for each axis without colours.

    ``whole`` says that it is all that was asked for.
    """

    spans: tuple[Span, ...]
    whole: bool = True

    @property
    def start(self) -> tuple[int, ...]:
        """The first pixel."""
        return tuple(first for first, _ in self.spans)

    @property
    def shape(self) -> tuple[int, ...]:
        """Pixels along each axis."""
        return tuple(stop - first for first, stop in self.spans)

    def holds(self, other: Part) -> bool:
        """Whether another block lies within this one."""
        return all(
            a <= c and d <= b for (a, b), (c, d) in zip(self.spans, other.spans, strict=True)
        )


def displayed_axes(order: Sequence[int], ndim: int) -> tuple[int, int]:
    """The two axes of a layer of ``ndim`` that a canvas shows when the viewer's order is this.

    A layer lies in the last axes of a viewer that has more of them.
    """
    beyond = len(order) - ndim
    first, second = [axis - beyond for axis in order if axis >= beyond][-2:]
    return first, second


def data_to_world(state: Mapping[str, Any], units: ArrayLike = 1.0) -> NDArray[np.float64]:
    """The (ndim + 1, ndim + 1) matrix from a layer's pixels to the world.

    ``units`` are (ndim,) world units per unit of the layer.
    """
    ndim = len(state["scale"])
    own = np.eye(ndim + 1)
    own[:-1, :-1] = linear_matrix(state["scale"], state["rotate"], state["shear"])
    own[:-1, -1] = state["translate"]
    outer = np.asarray(getattr(state["affine"], "affine_matrix", state["affine"]), np.float64)
    return np.diag([*np.broadcast_to(units, ndim), 1.0]) @ outer @ own


def seen_part(look: Look, matrix: NDArray[np.float64], shape: Sequence[int]) -> Part | None:
    """The pixels that a canvas shows; None where it shows none of the layer.

    Parameters
    ----------
    look : what the canvas shows
    matrix : from pixels to the world; napari uses its rows and columns of the displayed axes for
        the picture, and those of its inverse of the other axes for the slice
    shape : (ndim,) pixels of the layer
    """
    ndim = len(shape)
    shown = list(look.displayed)
    hidden = [axis for axis in range(ndim) if axis not in shown]
    spans = [(0, 0)] * ndim
    inverse = np.linalg.inv(matrix)
    at = inverse[np.ix_(hidden, hidden)] @ np.take(look.point, hidden) + inverse[hidden, -1]
    for axis, place in zip(hidden, at, strict=True):
        nearest = round(float(place))
        spans[axis] = nearest, nearest + 1
    to_pixels = np.linalg.inv(matrix[np.ix_(shown, shown)])
    corners = []
    for signs in itertools.product((-0.5, 0.5), repeat=2):
        world = np.add(look.centre, np.multiply(signs, look.size))
        corners.append(to_pixels @ (world - matrix[shown, -1]))
    low, high = np.min(corners, axis=0), np.max(corners, axis=0)
    for axis, first, last in zip(shown, low, high, strict=True):
        spans[axis] = max(0, math.floor(first + 0.5)), min(shape[axis], math.ceil(last + 0.5))
    inside = all(0 <= a < b <= n for (a, b), n in zip(spans, shape, strict=True))
    return Part(tuple(spans)) if inside else None


def capped(
    part: Part, displayed: tuple[int, int], spatial_axes: Sequence[int], margin: int
) -> Part:
    """The part, or as much of its middle as is quickly computed.

    A spatial axis that is not displayed costs ``margin`` pixels on both sides of the slice.
    """
    around = math.prod(2 * margin + 1 for axis in spatial_axes if axis not in displayed)
    most = max(1, MOST_PIXELS // around)
    if math.prod(part.shape) <= most:
        return part
    height, width = (part.shape[axis] for axis in displayed)
    side = math.isqrt(most)
    rows = min(height, max(side, most // width))
    sizes = rows, min(width, max(1, most // rows))
    spans = list(part.spans)
    for axis, size in zip(displayed, sizes, strict=True):
        first = (spans[axis][0] + spans[axis][1] - size) // 2
        spans[axis] = first, first + size
    return replace(part, spans=tuple(spans), whole=False)


@dataclass(frozen=True, eq=False)
class LensPiece:
    """An enlarged part: its array, where it lies, and the seconds it took."""

    part: Part
    pixels: NDArray[Any]
    placement: Mapping[str, Any]
    seconds: float


def lens_steps(upscaling: LayerUpscaling, part: Part) -> Generator[Progress, None, LensPiece]:
    """Enlarge a part of a layer: the very pixels that its whole result has there.

    Reads the part and what is around it, nothing else, and the range of values once for each
    ``upscaling``. Yields after every tile; closing it stops.
    """
    limits = upscaling.limits.lo, upscaling.limits.hi
    job = plan(
        upscaling.array,
        upscaling.model,
        spatial_axes=upscaling.spatial_axes,
        rgb=upscaling.rgb,
        value_range=limits,
    )
    begun = perf_counter()
    block, region = _read(upscaling, part, reach(job.model, upscaling.array.dtype))
    result = np.empty(job.result_shape(block.shape, region), block.dtype)
    yield from _tiles(job, block, region, result)
    scale = upscaling.model.scale
    factor = [scale if axis in upscaling.spatial_axes else 1 for axis in range(len(part.spans))]
    placed = placement(upscaling.state, start=part.start, factor=factor)
    return LensPiece(part, result, placed, perf_counter() - begun)


def _read(upscaling: LayerUpscaling, part: Part, margin: int) -> tuple[NDArray[Any], Box]:
    """The pixels of a part with what is around, and where among them the part is."""
    rows, columns = upscaling.spatial_axes
    shape = upscaling.array.shape
    wanted = Box(*part.spans[rows], *part.spans[columns])
    outer = wanted.grown(margin, (shape[rows], shape[columns]))
    cuts = [slice(first, stop) for first, stop in part.spans]
    cuts[rows], cuts[columns] = outer.slices
    return np.asarray(upscaling.array[tuple(cuts)]), wanted.within(outer)


def _tiles(
    job: Job, block: NDArray[Any], region: Box, result: NDArray[Any]
) -> Generator[Progress, None, None]:
    """Fill the result, several tiles at once: not only the model takes time."""
    planes = np.moveaxis(block, job.spatial_axes, (-2, -1))
    results = np.moveaxis(result, job.spatial_axes, (-2, -1))
    engine = plane_engine(threads=1)

    def compute(index: tuple[int, ...], box: Box) -> None:
        plane = planes[index]
        if job.rgb and index[-1] == ALPHA:
            values = enlarge_box(job.model, plane, box, job.alpha_range(block.dtype))
        else:
            values = upscale_box(job.model, plane, box, job.value_range, engine)
        results[index][box.within(region).times(job.model.scale).slices] = values

    threads = thread_count()
    pixels = (region.bottom - region.top) * (region.right - region.left)
    side = min(TILE, max(LEAST_TILE, math.isqrt(pixels // threads)))
    work = itertools.product(np.ndindex(*planes.shape[:-2]), tile_boxes(region, side))
    with ThreadPoolExecutor(threads) as pool:
        tiles = [pool.submit(compute, index, box) for index, box in work]
        try:
            for done, tile in enumerate(as_completed(tiles), 1):
                tile.result()
                yield Progress(done, len(tiles))
        finally:
            for tile in tiles:
                tile.cancel()
