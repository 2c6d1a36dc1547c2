"""Planes with a border, for kernels that look beyond the edge."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.engine.jit import kernel
from napari_autolut.model.graph import Padding


def put_with_border(plane: NDArray[np.float32], target: NDArray[Any], padding: Padding) -> None:
    """Write a plane into the middle of an array, and what lies beyond its edges around it.

    Parameters
    ----------
    plane : (H, W)
    target : (H + 2 * reach, W + 2 * reach or more), of any type that holds the values
    padding : ``"edge"`` or ``"reflect"``
    """
    height, width = plane.shape
    reach = (target.shape[0] - height) // 2
    if padding == "edge":
        target[reach : reach + height, reach : reach + width] = plane
        repeat_edges(target[None], reach, width, 0, height)
    else:
        target[:, : width + 2 * reach] = np.pad(plane, reach, mode=padding)


@kernel
def repeat_edges(planes: Any, reach: int, width: int, first: int, last: int) -> None:
    """Repeat the edges of what is in the middle of planes, ``width`` values a row.

    Only those of the rows ``first`` to ``last`` of it; the first and the last row have edges above
    and below.
    """
    rows = planes.shape[1]
    for target in planes:
        for y in range(reach + first, reach + last):
            row = target[y]
            for x in range(reach):
                row[x] = row[reach]
                row[reach + width + x] = row[reach + width - 1]
        for y in range(reach):
            for x in range(width + 2 * reach):
                if first == 0:
                    target[y, x] = target[reach, x]
                if last == rows - 2 * reach:
                    target[rows - 1 - y, x] = target[rows - 1 - reach, x]


@kernel
def is_whole(plane: Any) -> bool:
    """Whether a plane holds nothing but whole numbers from 0 to 255."""
    height, width = plane.shape
    for y in range(height):
        row = plane[y]
        others = 0
        for x in range(width):  # without a way out of it, so that it becomes vector code
            within = row[x] if (row[x] >= 0) & (row[x] <= 255) else np.float32(0)
            others += np.float32(np.int32(within)) != row[x]
        if others:
            return False
    return True
