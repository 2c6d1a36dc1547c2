"""Line noise: rows or columns that are brighter or darker than their neighbours by chance.

Belongs here: how strong it is, and the words for it and for slow bands, which are measured in
``bands.py``. Scanning microscopes give each row an offset, sCMOS cameras each column. All pixels of
a line share it: it is no noise which can be averaged away, but stays, and is seen the better.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.noise.bands import slow_bands
from napari_autolut.noise.counting import SIXTH
from napari_autolut.noise.darkest import every_other_pixel, without_padding
from napari_autolut.noise.model import NoiseModel

STRIPS = 4
"""Parts of a line that share its offset; structure that goes through all of them is rare."""

MIN_SIDE = 64
"""Rows and columns that tell."""

SEEN = 0.25
"""Deviation of the offsets in deviations of the noise, from which they are seen in a result."""

BANDS_SEEN = 0.15
"""The same of slow bands, which are wider."""

MEDIAN_OF_SQUARES = 0.455
"""Of normally distributed numbers with variance 1."""

SURE = 4.0
"""Deviations of what chance makes of their variance, by which it is more."""


def line_doubt(planes: Sequence[NDArray[Any]], noise: NoiseModel) -> str:
    """Say where rows or columns have offsets of their own, or slow bands in common.

    Parameters
    ----------
    planes : sequence of ndarray, shape (H, W)
        A sample of planes, one or more.
    noise : NoiseModel
        White noise that was found in them.

    Returns
    -------
    str
        Empty where they have none that would be seen.
    """
    if without_padding(every_other_pixel(planes), noise)[1] is not None:
        return ""  # its edges go through all of a row, too
    plane = max(planes, key=np.size)
    if min(plane.shape) < MIN_SIDE or not np.isfinite(plane).all():
        return ""
    deviation = float(np.sqrt(noise.variance(plane.mean())))
    lines, strength = _stronger(offsets, plane)
    if strength >= SEEN * deviation:
        return (
            f"{lines} are brighter or darker than their neighbours by chance (line noise), which "
            f"stays: correct the {lines} first"
        )
    lines, strength = _stronger(slow_bands, plane)
    if not strength > BANDS_SEEN * deviation:
        return ""
    return (
        f"{lines} grow brighter and darker together all across the image (slow bands), which "
        f"stays: if that is not the specimen's, correct the {lines} first"
    )


def _stronger(measure: Callable[[NDArray[Any]], float], plane: NDArray[Any]) -> tuple[str, float]:
    """Whether rows or columns have more of something, and how much."""
    found = {"rows": measure(plane), "columns": measure(plane.T)}
    return max(found.items(), key=lambda each: each[1])


def offsets(pixels: NDArray[Any]) -> float:
    """Deviation of the offsets of rows that differ by chance; 0 where it may be none.

    Sixth differences along columns keep what is new in each row, and leave next to nothing of
    structure. What differs by chance in one part of a row and in all others alike is its offset.

    Parameters
    ----------
    pixels : ndarray, shape (H, W)
        Finite intensities.

    Returns
    -------
    float
        In their unit.
    """
    weights = np.array(SIXTH) / np.sqrt(np.dot(SIXTH, SIXTH))
    strips = np.array([part.mean(1) for part in np.array_split(pixels, STRIPS, axis=1)])
    new = np.array([np.convolve(strip, weights, "valid") for strip in strips])
    pairs = [new[one] * new[other] for one, other in combinations(range(STRIPS), 2)]
    shared = np.median(pairs, axis=0)  # an edge is in some pairs alone
    chance = float(np.median(new**2)) / MEDIAN_OF_SQUARES * np.sqrt(6.0 / new.shape[1])
    variance = float(np.median(shared)) / MEDIAN_OF_SQUARES  # rows at edges of padding are few
    return float(np.sqrt(variance)) if variance > SURE * chance / STRIPS else 0.0
