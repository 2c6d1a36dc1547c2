"""A settled job on a numpy array: a few planes at a time, tile by tile, with progress.

Belongs here: what a job is and the loop that does it. What is settled, and how, is ``arrays.py``;
what happens to a tile is ``engine/blocks.py``.
"""

from __future__ import annotations

import warnings
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.blocks import enlarge_box, upscale_box
from napari_autolut.arrays.value_range import IntensityWarning, Range, dtype_range, missing
from napari_autolut.engine import PlaneEngine
from napari_autolut.model.graph import LutModel
from napari_autolut.util.boxes import (
    TILE_SIZE,
    Box,
    even_parts,
    tile_boxes,
    tile_count,
    whole,
)

ALPHA = 3
"""Place of alpha among the colours."""

STEPS = 16
"""A stack of as many planes is worked on in so many steps at least, for progress to be seen."""

Pixels = NDArray[Any]


class Progress(NamedTuple):
    """Tiles that are done, and all there are.

    Of :func:`run`, those of single planes: several are done at once where planes go together.
    """

    done: int
    total: int


class Bundle(NamedTuple):
    """Planes that are worked on together: (N, H, W) of an image and (N, h, w) of its result."""

    planes: Pixels
    results: Pixels
    is_alpha: bool


Steps = Generator[Progress, None, NDArray[Any]]
"""Yields after every tile of planes that go together; closing it stops the work."""


@dataclass(frozen=True, eq=False)
class Job:
    """What is to be done to an image, decided before its first pixel is computed.

    Parameters
    ----------
    model : the look-ups to do
    spatial_axes : rows and columns, counted from 0
    rgb : the last axis holds colours, of which a fourth one is alpha
    value_range : pixel values that stand for the model's 0 and 255
    """

    model: LutModel
    spatial_axes: tuple[int, int]
    rgb: bool
    value_range: Range

    def result_shape(self, shape: tuple[int, ...], region: Box) -> tuple[int, ...]:
        """Shape of the result of a region of all planes of an image."""
        enlarged = region.times(self.model.scale)
        result = list(shape)
        rows, columns = self.spatial_axes
        result[rows] = enlarged.bottom - enlarged.top
        result[columns] = enlarged.right - enlarged.left
        return tuple(result)

    def alpha_range(self, dtype: np.dtype[Any]) -> Range:
        """What enlarged alpha is clipped to; that of floats goes to 1, or as far as colours do."""
        if dtype.kind != "f":
            return dtype_range(dtype)
        return Range(min(0, self.value_range.lo), max(1, self.value_range.hi))


def run(
    job: Job,
    image: Any,
    engine: PlaneEngine,
    *,
    tile_size: int = TILE_SIZE,
    region: Box | None = None,
    warn: bool = True,
) -> Steps:
    """Compute the result of a job, or of a region (in input pixels) of all its planes.

    ``warn`` says once when pixels are NaN or infinite.
    """
    array = np.asarray(image)
    height, width = (array.shape[axis] for axis in job.spatial_axes)
    region = region or whole((height, width))
    result = np.empty(job.result_shape(array.shape, region), array.dtype)
    rows, columns = region.bottom - region.top, region.right - region.left
    together = max(1, tile_size**2 // (rows * columns))
    done, total = 0, array.size // (height * width) * tile_count((rows, columns), tile_size)
    for bundle in bundles(job, array, result, engine, together):
        for box in tile_boxes(region, tile_size):
            if warn and missing(bundle.planes[:, *box.slices]) is not None:
                warn = False
                warn_of_missing()
            fill_box(job, bundle, box, box.within(region), engine)
            done += len(bundle.planes)
            yield Progress(done, total)
    return result


def bundles(
    job: Job, image: Pixels, result: Pixels, engine: PlaneEngine, together: int = 1
) -> Iterator[Bundle]:
    """All planes of an image: colours together, else up to ``together`` neighbours along an axis.

    Each alone where the engine has no use for several.
    """
    planes, results = (
        np.moveaxis(each, job.spatial_axes, (-2, -1))[None] for each in (image, result)
    )
    *others, length = planes.shape[:-2]
    parts = list(even_parts(0, length, length))
    if engine.stream and job.rgb:
        parts[:ALPHA] = [(0, ALPHA)]
    elif engine.stream:
        together = min(together, -(-length // STEPS))
        parts = list(even_parts(0, length, -(-length // together)))
    for index in np.ndindex(*others):
        for first, last in parts:
            here = (*index, slice(first, last))
            yield Bundle(planes[here], results[here], job.rgb and first == ALPHA)


def fill_box(job: Job, bundle: Bundle, box: Box, place: Box, engine: PlaneEngine) -> None:
    """Compute one box of a bundle; ``place`` is where it would lie in the result, not enlarged."""
    planes, out = bundle.planes, bundle.results[:, *place.times(job.model.scale).slices]
    if bundle.is_alpha:
        enlarge_box(job.model, planes, box, job.alpha_range(planes.dtype), out)
    else:
        upscale_box(job.model, planes, box, job.value_range, engine, out)


def finish(steps: Steps) -> NDArray[Any]:
    """Take all steps and give the result."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: NDArray[Any] = end.value
            return result


def warn_of_missing() -> None:
    """Say that an image has pixels that no model can enlarge."""
    warnings.warn(
        "the image has NaN or infinite pixels; they become blocks of the same in the result, "
        "and pixels around them are computed as if they were smooth",
        IntensityWarning,
        stacklevel=5,  # the caller of upscale(), beyond run() and finish()
    )
