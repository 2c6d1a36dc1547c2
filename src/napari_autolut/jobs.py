"""A settled job on a numpy array: plane by plane, tile by tile, with progress.

Belongs here: what a job is and the loop that does it. What is settled, and how, is ``arrays.py``;
what happens to a tile is ``engine/blocks.py``.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.engine import PlaneEngine
from napari_autolut.engine.blocks import enlarge_box, upscale_box
from napari_autolut.engine.intensity import IntensityWarning, Range, dtype_range, missing
from napari_autolut.engine.tiles import TILE_SIZE, Box, tile_boxes, tile_count, whole
from napari_autolut.model import LutModel

ALPHA = 3
"""Place of alpha among the colours."""


class Progress(NamedTuple):
    """Tiles that are done, and all there are."""

    done: int
    total: int


Steps = Generator[Progress, None, NDArray[Any]]
"""Yields after every tile and returns the result; closing it stops the work."""


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
    planes = np.moveaxis(array, job.spatial_axes, (-2, -1))
    *others, height, width = planes.shape
    region = region or whole((height, width))
    result = np.empty(job.result_shape(array.shape, region), array.dtype)
    results = np.moveaxis(result, job.spatial_axes, (-2, -1))
    size = (region.bottom - region.top, region.right - region.left)
    done, total = 0, math.prod(others) * tile_count(size, tile_size)
    for index in np.ndindex(*others):
        plane = planes[index]
        for box in tile_boxes(region, tile_size):
            if warn and missing(plane[box.slices]) is not None:
                warn = False
                warn_of_missing()
            out = results[index][box.within(region).times(job.model.scale).slices]
            if job.rgb and index[-1] == ALPHA:
                enlarge_box(job.model, plane, box, job.alpha_range(array.dtype), out)
            else:
                upscale_box(job.model, plane, box, job.value_range, engine, out)
            done += 1
            yield Progress(done, total)
    return result


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
