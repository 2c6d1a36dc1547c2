"""Numpy arrays: a task computed now in this process, block by block, with progress.

Belongs here: the loop, and its warning. Threads are the engine's: it spreads a block over them.
Dask arrays are ``lazy.py``.
"""

from __future__ import annotations

import warnings
from collections.abc import Generator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.array_task import ArrayTask, Block
from napari_autolut.arrays.progress import Progress, side_by_side
from napari_autolut.arrays.value_range import IntensityWarning
from napari_autolut.engine import PlaneEngine
from napari_autolut.util.boxes import TILE_SIZE, Box, tile_boxes

Steps = Generator[Progress, None, NDArray[Any]]
"""Yields after every block and returns the result; closing it stops the work."""


def run(
    task: ArrayTask,
    engine: PlaneEngine,
    *,
    tile_size: int = TILE_SIZE,
    region: Box | None = None,
    warn: bool = True,
) -> Steps:
    """Compute the result of a task, or of a region of all its planes.

    Parameters
    ----------
    task : ArrayTask
        A lazy array is computed first.
    engine : PlaneEngine
        What runs the model.
    tile_size : int
        Side of a block in input pixels, approximately; no result depends on it.
    region : Box, optional
        Rows and columns in input pixels; all of them by default.
    warn : bool, default True
        Whether to warn, once, of pixels that are NaN or infinite.

    Returns
    -------
    numpy.ndarray
        Of the array's dtype.

    Yields
    ------
    Progress
        After every block.
    """
    task = task.on(np.asarray(task.array))
    region = region or task.whole
    result = np.empty(task.result_shape(region), task.dtype)
    pixels = (region.bottom - region.top) * (region.right - region.left)
    together = max(1, tile_size**2 // pixels)
    boxes = list(tile_boxes(region, tile_size))
    done, total = 0, task.plane_count * len(boxes)

    def compute(block: Block) -> None:
        task.compute(block, task.target(result, block, region), engine)

    blocks = task.blocks(boxes, together)
    for block, _ in side_by_side(compute, blocks, engine.blocks_at_once):
        if warn and task.has_non_finite(block):
            warn = False
            warn_of_non_finite()
        done += task.planes_in(block)
        yield Progress(done, total)
    return result


def warn_of_non_finite() -> None:
    """Say that an image has pixels that no model can enlarge."""
    warnings.warn(
        "the image has NaN or infinite pixels; they become blocks of the same in the result, "
        "and pixels around them are computed as if they were smooth",
        IntensityWarning,
        stacklevel=5,  # the caller of upscale(), beyond run() and finish()
    )
