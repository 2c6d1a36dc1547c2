"""Keys' cubic interpolation (IEEE Trans. ASSP 29, 1981; a = -0.5): what pixels weigh in it.

Belongs here: the weights alone, by distance and for whole factors. Resizing is in
``arrays/bicubic.py``.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

BICUBIC_RADIUS = 2
"""Pixels on each side that the interpolation looks at."""

TAPS = 2 * BICUBIC_RADIUS


class Phases(NamedTuple):
    """How the interpolation makes r pixels of one.

    ``offsets`` (r,) are pixels from the one that is enlarged to the first tap, ``weights`` (r, 4)
    those of the taps, whose sum is 1.
    """

    offsets: NDArray[np.int64]
    weights: NDArray[Any]


@lru_cache(maxsize=8)
def phases(scale: int, dtype: type[np.floating[Any]] = np.float32) -> Phases:
    """The taps of a scale; a scale of 1 has one that is the pixel itself."""
    # In integers, so that taps two pixels away weigh nothing, exactly.
    pixels, positions = np.divmod(2 * np.arange(scale) + 1 - scale, 2 * scale)
    weights = keys_cubic((positions / (2 * scale))[:, None] - np.arange(-1, TAPS - 1))
    weights /= weights.sum(1, keepdims=True)
    return Phases(pixels - 1, weights.astype(dtype))


def keys_cubic(distance: NDArray[np.float64]) -> NDArray[np.float64]:
    """What pixels weigh in the interpolation by their distance."""
    x = np.abs(distance)
    near = (1.5 * x - 2.5) * x * x + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x <= 1, near, np.where(x <= 2, far, 0.0))


def lines(scale: int) -> Floats:
    """(r, 5) weights of a pixel and of two on each side, in each of the r pixels made of it."""
    made = np.zeros((scale, 2 * BICUBIC_RADIUS + 1), np.float32)
    for line, offset, weights in zip(made, *phases(scale), strict=True):
        first = BICUBIC_RADIUS + int(offset)
        line[first : first + TAPS] = weights
    return made
