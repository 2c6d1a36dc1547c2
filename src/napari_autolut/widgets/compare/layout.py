"""Where views lie on a canvas: cells of a grid and lanes of a curtain, in plain numbers.

Belongs here: functions of sizes alone. What is laid out is ``canvas.py``.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import QPointF, QRectF

Size = tuple[float, float]
"""Height and width."""

BAR_LENGTHS = (1, 2, 5, 10, 15, 20, 25, 50, 75, 100, 125, 150, 200, 500, 750)
"""Lengths of scale bars, as napari chooses them."""


def scale_bar_length(zoom: float, room: float) -> float:
    """Length in world units of the scale bar that napari shows at a zoom, in so many pixels."""
    longest = room / zoom
    thousands = 1000.0 ** math.floor(math.log(longest, 1000))
    return thousands * max(each for each in BAR_LENGTHS if each == 1 or each < longest / thousands)


def best_grid(count: int, canvas: Size, image: Size) -> tuple[int, int]:
    """Rows and columns in which ``count`` images are largest; of equal ones, the fewest rows."""
    candidates = [(rows, math.ceil(count / rows)) for rows in range(1, count + 1)] or [(1, 1)]

    def zoom(shape: tuple[int, int]) -> float:
        return min(canvas[axis] / shape[axis] / max(image[axis], 1e-12) for axis in (0, 1))

    return max(candidates, key=zoom)


def cells(count: int, shape: tuple[int, int], canvas: Size, spacing: float) -> list[QRectF]:
    """Rectangles of the first ``count`` cells of a grid, row by row."""
    rows, columns = shape
    height = (canvas[0] - spacing * (rows - 1)) / rows
    width = (canvas[1] - spacing * (columns - 1)) / columns
    return [
        QRectF(
            (cell % columns) * (width + spacing), (cell // columns) * (height + spacing),
            width, height,
        )
        for cell in range(count)
    ]  # fmt: skip


def outlines(
    corners: NDArray[np.float64], centre: Sequence[float], zoom: float, places: Sequence[QRectF]
) -> list[list[QPointF]]:
    """Where corners in the world, rows first, lie on the canvas, once for each place.

    ``centre`` is the point of the world in the middle of every place.
    """
    away = (corners - np.asarray(centre)[-2:]) * zoom
    return [[place.center() + QPointF(x, y) for y, x in away.tolist()] for place in places]


def lanes(splits: Sequence[float], width: float) -> list[tuple[float, float]]:
    """Left and right end of each lane between borders at fractions of the width."""
    borders = [0.0, *(split * width for split in splits), width]
    return list(itertools.pairwise(borders))


def moved_split(splits: Sequence[float], number: int, to: float, margin: float) -> list[float]:
    """The borders after one was moved, which stays between its neighbours by a margin."""
    low = splits[number - 1] if number else 0.0
    high = splits[number + 1] if number + 1 < len(splits) else 1.0
    moved = list(splits)
    moved[number] = min(max(to, low + margin), high - margin)
    return moved
