"""Rotation-equivariant (C4) branches, and their tables in as few values as they have.

Belongs here: the filters of a C4 branch (Cohen and Welling 2016), and the symmetry of its table.
The last four of its five inputs are one quadrant kernel in its four rotations around the pixel.
Rotating the image moves those inputs on by one place and rotates the block of outputs. Three of
four rows of such a table follow from the others; model files hold the rest.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

INPUTS, ROTATIONS = 5, 4

Numbers = NDArray[np.int64]


def c4_filters(
    centre_weights: NDArray[np.float32], quadrant: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Filters of a C4 branch.

    Parameters
    ----------
    centre_weights : ndarray of float32, shape (S,)
        Weights of the S signals in the pixel itself.
    quadrant : ndarray of float32, shape (S, K, K)
        Weights from the pixel to the right and down.

    Returns
    -------
    ndarray of float32, shape (5, S, 2K - 1, 2K - 1)
        The weighted pixel, and the quadrant kernel rotated by 0, 90, 180 and 270 degrees.
    """
    count, size, _ = quadrant.shape
    filters = np.zeros((INPUTS, count, 2 * size - 1, 2 * size - 1), np.float32)
    filters[0, :, size - 1, size - 1] = centre_weights
    filters[1, :, size - 1 :, size - 1 :] = quadrant
    for rotation in range(1, ROTATIONS):
        filters[1 + rotation] = np.rot90(filters[1], -rotation, (1, 2))
    return filters


def c4_parts(
    filters: NDArray[np.float32],
) -> tuple[NDArray[np.float32], NDArray[np.float32]] | None:
    """Find what ``c4_filters`` makes some filters of.

    Parameters
    ----------
    filters : ndarray of float32, shape (inputs, S, K, K)
        Filters of any branch.

    Returns
    -------
    tuple of ndarray, or None
        Centre weights and quadrant kernel; None for filters that are not rotation-equivariant.
    """
    inputs, _, size, _ = filters.shape
    if inputs != INPUTS or size % 2 == 0:
        return None
    middle = size // 2
    centre_weights = np.ascontiguousarray(filters[0, :, middle, middle])
    quadrant = np.ascontiguousarray(filters[1, :, middle:, middle:])
    same = np.array_equal(filters, c4_filters(centre_weights, quadrant))
    return (centre_weights, quadrant) if same else None


def packed(values: NDArray[Any], grid_size: int, upscale: int) -> NDArray[Any] | None:
    """Rows that the others follow from; None if a table (L ** 5, C) is not symmetric."""
    first, *_ = _orbits(grid_size)
    rows: NDArray[Any] = np.ascontiguousarray(values[first])
    return rows if np.array_equal(unpacked(rows, grid_size, upscale), values) else None


def unpacked(rows: NDArray[Any], grid_size: int, upscale: int) -> NDArray[Any]:
    """Full table (L ** 5, C) of its ``packed`` rows; blocks are of ``upscale ** 2`` columns."""
    _, place, rotations = _orbits(grid_size)
    values: NDArray[Any] = rows[place]
    for rotation in range(1, ROTATIONS):
        which = rotations == rotation
        values[which] = values[which][:, rotated_columns(values.shape[1], upscale, rotation)]
    return values


def symmetrised(values: NDArray[Any], grid_size: int, upscale: int) -> NDArray[Any]:
    """Make a table that is symmetric but for rounding symmetric to the last bit."""
    return unpacked(values[_orbits(grid_size)[0]], grid_size, upscale)


def packed_rows(grid_size: int) -> int:
    """Number of rows that ``packed`` gives."""
    return len(_orbits(grid_size)[0])


def rotated_columns(columns: int, upscale: int, rotations: int) -> list[int]:
    """Order of the columns of a row that was looked up on a rotated plane.

    Parameters
    ----------
    columns : int
        Number of columns: blocks of ``upscale ** 2``, each of which is rotated on its own.
    upscale : int
        Side of a block.
    rotations : int
        Number of quarter turns of the plane.

    Returns
    -------
    list of int
        Entry *i* is the rotated row's column that belongs at column *i* of the upright block.
    """
    order = list(range(columns))
    for column in range(columns):
        block, inside = divmod(column, upscale**2)
        row, col = divmod(inside, upscale)
        for _ in range(rotations):
            row, col = col, upscale - 1 - row
        order[block * upscale**2 + row * upscale + col] = column
    return order


@cache
def _orbits(grid_size: int) -> tuple[Numbers, Numbers, Numbers]:
    """Packed rows; for every row, the packed one that it follows from, and the rotation."""
    shape = (grid_size,) * INPUTS
    pixel, *around = np.indices(shape).reshape(INPUTS, -1)
    moved = [
        np.ravel_multi_index((pixel, *around[rotation:], *around[:rotation]), shape)
        for rotation in range(ROTATIONS)
    ]
    rotations = np.argmin(moved, 0)
    first, place = np.unique(np.min(moved, 0), return_inverse=True)
    return first, place, rotations
