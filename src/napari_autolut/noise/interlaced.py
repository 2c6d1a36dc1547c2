"""Interlaced images: every other row was recorded at another time, or scanned the other way.

Belongs here: telling them, and the words for it. Where something moved in between, or the scanner
turned too late, edges are combs: tables and denoisers take these for fine structure.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.util.samples import middle

SIDE, MIN_SIDE = 256, 64
"""Rows and columns in the middle of a plane that are looked at, and that tell at least."""

STRIPS = 4
"""Parts of rows that all are combs."""

COMB = 1.03
"""Squared differences of neighbouring rows over those of every other one, from which these fit each
other better, where columns have less than 1. Of 3,476 micrographs and photographs, binned and with
noise, none has as much. Shifts by five pixels are seen in 85 % of 601, 73 % with 50 photons; by
three in 67 % and 49 %, by two in 31 % and 17 %; those by one hardly."""


def interlaced_doubt(planes: Sequence[NDArray[Any]]) -> str:
    """Say where every other row, or column, does not fit those between.

    Parameters
    ----------
    planes : sequence of ndarray, shape (H, W)
        A sample of planes, one or more.

    Returns
    -------
    str
        Empty where they fit, and where fringes or fine texture alternate along both axes.
    """
    plane = max(planes, key=np.size)
    if min(plane.shape) < MIN_SIDE:
        return ""
    part = plane[tuple(middle(side, SIDE) for side in plane.shape)].astype(np.float32)
    if not np.isfinite(part).all():
        return ""
    combs = {"row": _comb(part), "column": _comb(part.T)}
    line = max(combs, key=lambda each: combs[each])
    if combs[line] <= COMB or min(combs.values()) >= 1.0:
        return ""
    return (
        f"every other {line} is shifted or brighter than those between, as of interlaced frames or "
        f"of a scanner that goes to and fro: edges are combs, which stay and may grow sharper; "
        f"align the {line}s first"
    )


def _comb(pixels: NDArray[np.float32]) -> float:
    """How much less neighbouring rows are alike than every other one, where that is least."""
    found = []
    for strip in np.array_split(pixels - pixels.mean(), STRIPS, axis=1):
        one = np.square(strip[1:] - strip[:-1]).mean()
        two = np.square(strip[2:] - strip[:-2]).mean()
        found.append(float(one / two) if two else 1.0)
    return min(found)
