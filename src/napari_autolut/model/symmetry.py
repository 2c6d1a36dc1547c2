"""Branches that turn with the image, in as few values as they have.

Belongs here: stars, whose last four inputs are one filter in its four rotations around the pixel,
and their tables, in which turning the image moves those inputs on by one place and turns the block
that is answered. Three of four rows of such a table follow from others. Model files hold the rest.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

INPUTS, TURNS = 5, 4

Numbers = NDArray[np.int64]


def star_filters(mixture: NDArray[np.float32], quarter: NDArray[np.float32]) -> NDArray[np.float32]:
    """Filters of a star.

    Parameters
    ----------
    mixture : (S,) weights of the signals in the pixel
    quarter : (S, K, K) weights from the pixel to the right and down

    Returns
    -------
    (5, S, 2K - 1, 2K - 1): the mixed pixel, and the quarter turned by 0, 90, 180 and 270 degrees
    """
    count, size, _ = quarter.shape
    filters = np.zeros((INPUTS, count, 2 * size - 1, 2 * size - 1), np.float32)
    filters[0, :, size - 1, size - 1] = mixture
    filters[1, :, size - 1 :, size - 1 :] = quarter
    for turns in range(1, TURNS):
        filters[1 + turns] = np.rot90(filters[1], -turns, (1, 2))
    return filters


def star_of(
    filters: NDArray[np.float32],
) -> tuple[NDArray[np.float32], NDArray[np.float32]] | None:
    """What :func:`star_filters` makes these filters of; None if they are no star."""
    inputs, _, size, _ = filters.shape
    if inputs != INPUTS or size % 2 == 0:
        return None
    middle = size // 2
    mixture = np.ascontiguousarray(filters[0, :, middle, middle])
    quarter = np.ascontiguousarray(filters[1, :, middle:, middle:])
    same = np.array_equal(filters, star_filters(mixture, quarter))
    return (mixture, quarter) if same else None


def packed(values: NDArray[Any], grid_size: int, upscale: int) -> NDArray[Any] | None:
    """The rows that others follow from; None if a table (L ** 5, C) is not symmetric."""
    first, *_ = _orbits(grid_size)
    few: NDArray[Any] = np.ascontiguousarray(values[first])
    return few if np.array_equal(unpacked(few, grid_size, upscale), values) else None


def unpacked(few: NDArray[Any], grid_size: int, upscale: int) -> NDArray[Any]:
    """The whole table (L ** 5, C) of its :func:`packed` rows; blocks are of ``upscale ** 2``."""
    _, place, turns = _orbits(grid_size)
    values: NDArray[Any] = few[place]
    for turn in range(1, TURNS):
        rows = turns == turn
        values[rows] = values[rows][:, turned_columns(values.shape[1], upscale, turn)]
    return values


def turning(values: NDArray[Any], grid_size: int, upscale: int) -> NDArray[Any]:
    """A table that is symmetric but for rounding, symmetric to the last bit."""
    return unpacked(values[_orbits(grid_size)[0]], grid_size, upscale)


def packed_rows(grid_size: int) -> int:
    """How many rows :func:`packed` gives."""
    return len(_orbits(grid_size)[0])


def turned_columns(columns: int, upscale: int, turns: int) -> list[int]:
    """Where the columns of a row looked up on a turned plane belong when it is turned back.

    Entry *i* is the turned row's column that belongs at column *i*; blocks of ``upscale**2``
    columns turn on their own.
    """
    belongs = list(range(columns))
    for column in range(columns):
        block, inside = divmod(column, upscale**2)
        row, col = divmod(inside, upscale)
        for _ in range(turns):
            row, col = col, upscale - 1 - row
        belongs[block * upscale**2 + row * upscale + col] = column
    return belongs


@cache
def _orbits(grid_size: int) -> tuple[Numbers, Numbers, Numbers]:
    """The packed rows; for every row, the packed one that it follows from, and how far turned."""
    shape = (grid_size,) * INPUTS
    pixel, *around = np.indices(shape).reshape(INPUTS, -1)
    moved = [
        np.ravel_multi_index((pixel, *around[turns:], *around[:turns]), shape)
        for turns in range(TURNS)
    ]
    turns = np.argmin(moved, 0)
    first, place = np.unique(np.min(moved, 0), return_inverse=True)
    return first, place, turns
