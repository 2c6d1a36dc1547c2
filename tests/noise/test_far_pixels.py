"""Pixels far from all eight around them, by every pixel's own neighbours."""

from __future__ import annotations

import numpy as np
import pytest

from napari_autolut.noise.far_pixels import far_places

LIMIT, RANGES = 20.0, 3.0


def far_one_by_one(plane: np.ndarray, but_one: bool) -> list[int]:
    """The same, without a look for steep rows first."""
    padded, found = np.pad(plane.astype(np.float64), 1, mode="reflect"), []
    for row, column in np.ndindex(plane.shape):
        around = np.delete(padded[row : row + 3, column : column + 3], 4)
        around.sort()
        low, high = (around[1], around[-2]) if but_one else (around[0], around[-1])
        own = float(plane[row, column])
        if max(own - high, low - own) > RANGES * (high - low) + LIMIT:
            found.append(row * plane.shape[1] + column)
    return found


@pytest.mark.parametrize("but_one", [False, True])
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32])
def test_they_are_found_in_edges_and_corners_pairs_and_lines(dtype, but_one):
    plane = np.random.default_rng(2).integers(100, 104, (23, 31)).astype(dtype)
    plane[[0, 0, 22, 11, 7, 8], [0, 30, 15, 0, 9, 9]] = 250
    plane[[3, 15, 15], [4, 20, 21]] = 0
    plane[18, 5:20] = 240
    found = far_places(plane, LIMIT, RANGES, but_one=but_one)
    assert found.tolist() == far_one_by_one(plane, but_one)
    assert len(found) >= 5


def test_pixels_that_are_no_numbers_are_none_and_hide_those_beside_them():
    plane = np.full((9, 9), 10.0, np.float32)
    plane[4, 4], plane[1, 1], plane[1, 7], plane[2, 7] = 900.0, np.inf, 900.0, np.nan
    assert far_places(plane, LIMIT).tolist() == [4 * 9 + 4]
