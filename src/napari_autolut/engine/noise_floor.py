"""The noise floor: where an image has no noise, a denoiser leaves it as it is.

Belongs here: what that means, in numpy. Rows in the fast engine are ``kernels.py``.

Tables that learned from noisy images have never seen a constant image or a ramp, and answer one
with a level or two that are their own. Second differences of such images are 0, along rows, along
columns and along both diagonals; those of white noise are not all four small at once. Where the
largest is below the model's noise floor, so much less is made of the table's difference from the
image. On its border an image has them from the pixels next to that.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_autolut.model import Padding

Floats = NDArray[np.float32]

DIRECTIONS = ((0, 1), (1, 0), (1, 1), (1, -1))
"""Rows and columns from a pixel to a neighbour; the other one lies opposite."""


def without_changes_below(
    result: Floats, plane: Floats, noise_floor: float, padding: Padding
) -> Floats:
    """A denoiser's result that is the image itself where that has no noise.

    Parameters
    ----------
    result : ndarray of float32, shape (H, W)
        What look-ups gave, in [0, 255].
    plane : ndarray of float32, shape (H, W)
        What they were given.
    noise_floor : float
        The model's noise floor, in levels; 0 for none.
    padding : {"edge", "reflect"}
        How the plane goes on beyond its border.

    Returns
    -------
    ndarray of float32, shape (H, W)
        Values in [0, 255].
    """
    if not noise_floor:
        return result
    padded = np.pad(plane, 1, mode=padding)
    height, width = plane.shape
    largest, twice = np.zeros_like(plane), plane + plane
    for row, column in DIRECTIONS:
        one, other = (
            padded[1 + r : 1 + r + height, 1 + c : 1 + c + width]
            for r, c in ((row, column), (-row, -column))
        )
        largest = np.maximum(largest, np.abs((one + other) - twice))
    largest = largest[np.ix_(inner(height), inner(width))]
    share: Floats = np.minimum(largest / np.float32(noise_floor), np.float32(1))
    return plane + (result - plane) * share


def inner(size: int) -> NDArray[np.intp]:
    """For each row or column itself, or the one next to it if that is not on the border."""
    border = min(1, (size - 1) // 2)
    return np.arange(size).clip(border, size - 1 - border)
