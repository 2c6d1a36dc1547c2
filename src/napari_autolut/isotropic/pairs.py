"""What a stack's own slices teach: each blurred and thinned along rows or columns, and as it was.

Belongs here: pairs of volumes for the kernels. What is learned from them is ``learning.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.isotropic.blur import AxialBlur, thinned
from napari_autolut.isotropic.kernels import PAD_X, PAD_Z

MAX_OFFSETS = 4
"""Places at which thinning begins: more say little that is new."""

MIN_ROWS = 4
"""Rows that must be left of a slice."""

HALF_WAY = np.array([3, -25, 150, 150, -25, 3], np.float32) / np.float32(256)
"""Weights of six rows for what lies in their middle: exact where they follow a polynomial of degree
five."""

Slices = NDArray[np.float32]


class Pair(NamedTuple):
    """A thinned volume with what kernels need around it, and what it was made of.

    Parameters
    ----------
    volume : ndarray of float32, shape (slices + 16, planes, pixels + 8)
        Rows of the stack's slices stand for slices.
    target : ndarray of float32, shape (slices, factor, planes, pixels)
        What stood for them.
    """

    volume: NDArray[np.float32]
    target: NDArray[np.float32]


class Loss(NamedTuple):
    """What slices go through: a factor, a blur, and detail that is taken away for good.

    Where several may have been, ``worth`` says how much a gain for each counts;
    what has none is learned from all the same.
    """

    factor: int
    blur: AxialBlur
    detail: float = 0.0
    worth: float = 1.0


def padded(volume: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mirror a (slices, planes, pixels) volume at its borders as far as kernels look."""
    pads = ((PAD_Z, PAD_Z), (0, 0), (PAD_X, PAD_X))
    return np.ascontiguousarray(np.pad(volume, pads, mode="symmetric"))


def offsets_of(factor: int) -> list[int]:
    """Rows at which thinning begins, evenly spread over the factor."""
    count = min(factor, MAX_OFFSETS)
    return [factor * i // count for i in range(count)]


def pairs_of(slices: Slices, loss: Loss) -> Iterator[Pair]:
    """Make pairs of slices, along rows and along columns, from every offset."""
    for along_columns in (False, True):
        for offset in offsets_of(loss.factor):
            pair = pair_of(slices, loss, offset, along_columns=along_columns)
            if pair is not None:
                yield pair


def pair_of(slices: Slices, loss: Loss, offset: int, *, along_columns: bool) -> Pair | None:
    """Make one pair.

    Parameters
    ----------
    slices : ndarray of float32, shape (n, H, W)
        Levels of a range of 255.
    loss : Loss
        What they lose.
    offset : int
        The first row that is used.
    along_columns : bool
        Whether columns are thinned, not rows.

    Returns
    -------
    Pair or None
        None where too few rows would be left.
    """
    whole = np.moveaxis(slices, 2 if along_columns else 1, 0)
    if loss.detail:
        from scipy.ndimage import gaussian_filter1d  # takes its time to import

        whole = gaussian_filter1d(whole, loss.detail, axis=0, mode="reflect")
    # A single plane of an even number of fine slices lies on one of them, not in their middle.
    is_between = loss.blur.is_plane and loss.factor % 2 == 0
    fine = half_way(whole) if is_between else whole
    rows = (len(fine) - offset) // loss.factor
    if rows < MIN_ROWS:
        return None
    part = slice(offset, offset + rows * loss.factor)
    volume = padded(thinned(whole[part], loss.factor, loss.blur))
    target = np.ascontiguousarray(fine[part])
    return Pair(volume, target.reshape(rows, loss.factor, *target.shape[1:]))


def half_way(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Values half-way between each row and the next, one less than there are rows."""
    around = len(HALF_WAY) // 2 - 1
    wide = np.pad(rows, ((around, around), (0, 0), (0, 0)), mode="symmetric")
    between = np.zeros((len(rows) - 1, *rows.shape[1:]), np.float32)
    for first, weight in enumerate(HALF_WAY):
        between += weight * wide[first : first + len(between)]
    return between
