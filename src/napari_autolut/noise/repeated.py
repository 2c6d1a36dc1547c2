"""Images that were made larger by repeating pixels: their edges are steps between equal pixels.

Belongs here: telling them. That they are interpolated, is ``levels.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

MIN_RUNS, MIN_LENGTH = 8, 1.3
"""Runs of equal columns that tell, and their mean length at least: from a third more pixels on."""


def has_repeated_pixels(planes: Sequence[NDArray[Any]]) -> bool:
    """Whether rows and columns come in runs of equal ones that are all as long, or one longer.

    Parameters
    ----------
    planes : sequence of ndarray, shape (H, W)
        A sample of planes.

    Returns
    -------
    bool
        True where all planes are so that are not constant.
    """
    images = [plane for plane in planes if plane.size and (plane != plane[:1, :1]).any()]
    return bool(images) and all(_repeats(plane) and _repeats(plane.T) for plane in images)


def _repeats(plane: NDArray[Any]) -> bool:
    """Whether columns repeat; those of one value, as around a rotated image, do not count."""
    (filled,) = (plane != plane[:1]).any(0).nonzero()
    if not filled.size:
        return False
    inner = plane[:, filled[0] : filled[-1] + 1]
    (changes,) = (inner[:, 1:] != inner[:, :-1]).any(0).nonzero()
    runs = np.diff(changes)
    return bool(len(runs) >= MIN_RUNS and np.ptp(runs) <= 1 and runs.mean() >= MIN_LENGTH)
