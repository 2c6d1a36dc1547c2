"""The papers' fixed sampling patterns, as tables of taps and as windows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

PATTERNS: Mapping[str, tuple[tuple[int, int], ...]] = {
    "S": ((0, 0), (0, 1), (1, 0), (1, 1)),
    "D": ((0, 0), (0, 2), (2, 0), (2, 2)),
    "Y": ((0, 0), (1, 1), (1, 2), (2, 1)),
    "F": ((0, 0), (0, 1), (0, 2)),
    "V": ((0, 0), (0, 1)),
}
"""Fixed sampling patterns of the papers: (row, column) of each input, from the pixel itself."""


def one_hot_windows(pattern: str, size: int | None = None) -> NDArray[np.float32]:
    """Windows that pick single pixels, (inputs, K, K), for one of :data:`PATTERNS`.

    ``size`` is K; without it the smallest window that holds the pattern.
    """
    taps = PATTERNS[pattern]
    side = size or 1 + max(max(tap) for tap in taps)
    windows = np.zeros((len(taps), side, side), np.float32)
    for window, (row, column) in zip(windows, taps, strict=True):
        window[row, column] = 1
    return windows
