"""Images that show nothing: dark frames, and noise alone.

Belongs here: telling them by their pixels. Masks are ``arrays/label_images.py``.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

DARK, FAINT, FEW = 16, 3, 10
"""Most level of a dark frame of bytes, levels that it spans to either side, and its hot pixels."""

BLOCK, SIDE = 8, 512
"""Pixels a side of blocks, and of the corner that is looked at first."""

WHITE = 0.6, 1.6
"""Variance of means of blocks times their pixels over that within: 1 of white noise. Images of 27
sources have 2.7 and more, holograms 0.2."""

UNCORRELATED, DEVIATIONS = 0.01, 3.0
"""Correlation of neighbours in white noise at most, or so many standard errors of it."""

BRIGHT = 5.0
"""Deviations beyond the mean that two neighbours have in a spot, and in white noise never."""


def is_noise(planes: NDArray[Any]) -> bool:
    """Whether all planes show white noise alone.

    Parameters
    ----------
    planes : ndarray, shape (P, H, W)
        Finite values.
    """
    middle_first = sorted(range(len(planes)), key=lambda number: abs(number - len(planes) // 2))
    parts = ((slice(SIDE), slice(SIDE)), ())
    return all(_is_noise(planes[number][part]) for number in middle_first for part in parts)


def one_level(channel: NDArray[Any]) -> float | None:
    """The level of a dark frame of bytes: all but hot pixels are within a few levels; else None.

    Parameters
    ----------
    channel : ndarray of uint8
        All pixels.
    """
    counts = np.bincount(channel.reshape(-1), minlength=256)
    usual = int(np.searchsorted(counts.cumsum(), channel.size / 2))
    near = counts[max(0, usual - FAINT) : usual + FAINT + 1].sum()
    return usual if usual <= DARK and channel.size - near < FEW else None


def _is_noise(plane: NDArray[Any]) -> bool:
    """Whether neither blocks nor neighbours differ from white noise's, nor is there a spot."""
    rows, columns = (size // BLOCK for size in plane.shape)
    values = plane[: rows * BLOCK, : columns * BLOCK].astype(np.float64)
    if not values.size:
        return False
    blocks = values.reshape(rows, BLOCK, columns, BLOCK)
    within = blocks.var((1, 3)).mean()
    if not within or not WHITE[0] < blocks.mean((1, 3)).var() * BLOCK**2 / within < WHITE[1]:
        return False
    centred = values - values.mean()
    below, beside = centred[1:] * centred[:-1], centred[:, 1:] * centred[:, :-1]
    bright = centred > BRIGHT * centred.std()
    if (bright[1:] & bright[:-1]).any() or (bright[:, 1:] & bright[:, :-1]).any():
        return False
    max_covariance = max(UNCORRELATED, DEVIATIONS / math.sqrt(values.size)) * centred.var()
    return bool(max(abs(below.mean()), abs(beside.mean())) < max_covariance)
