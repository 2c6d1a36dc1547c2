"""A first computation of a few pixels, so that nobody waits for the engine later.

Belongs here: what has to be computed for every kernel to be compiled. When that is done is the
docks' matter; compiling itself is ``compilation/kernels.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.array_task import ArrayTask
from napari_autolut.arrays.image import Axes
from napari_autolut.arrays.steps import finish, run
from napari_autolut.arrays.task import Task
from napari_autolut.arrays.value_range import Range
from napari_autolut.engine import plane_engine
from napari_autolut.model import LutModel
from napari_autolut.util.boxes import Box

SIDE = 16
"""Rows and columns that are computed."""

INSIDE = Box(4, SIDE - 4, 4, SIDE - 4)

USUAL_DTYPES = (np.uint8, np.uint16)


def few_pixels(image: Any, spatial: tuple[int, int], rgb: bool = False) -> NDArray[Any]:
    """Read a few pixels from the middle of an image, with all its axes; small ones are padded."""
    cuts = [slice(length // 2, length // 2 + 1) for length in image.shape]
    for axis in spatial:
        first = max(0, (image.shape[axis] - SIDE) // 2)
        cuts[axis] = slice(first, first + SIDE)
    if rgb:
        cuts[-1] = slice(None)
    few = np.asarray(image[tuple(cuts)])
    lacking = [(0, SIDE - few.shape[axis] if axis in spatial else 0) for axis in range(few.ndim)]
    return np.pad(few, lacking, "edge")


def warm_up(task: ArrayTask) -> None:
    """Compute a task on a few pixels: all of them, and a part, whose rows are apart in memory."""
    single = plane_engine("auto", threads=1)
    for region in (None, INSIDE):
        finish(run(task, single, region=region, warn=False))


def warm_up_model(model: LutModel) -> None:
    """Compile what upscaling with a model needs, for usual types, in and beyond the range."""
    for dtype in USUAL_DTYPES:
        few = np.arange(SIDE * SIDE, dtype=dtype).reshape(SIDE, SIDE)
        warm_up(Task(few, Axes((0, 1)), (Range(0, 127),), model))
