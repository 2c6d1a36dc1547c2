"""Rank correlation of two series of numbers."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray


def rank_correlation(one: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    """Spearman's rank correlation.

    Parameters
    ----------
    one, other : ndarray of float
        As many numbers of each, of any shape.

    Returns
    -------
    float
        From -1 to 1; NaN where all numbers of one are equal.
    """
    if not (np.ptp(one) > 0 and np.ptp(other) > 0):
        return math.nan
    return float(np.corrcoef(_ranks(one), _ranks(other))[0, 1])


def _ranks(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Place of each number among all; equal ones have the mean of theirs.

    Without scipy.stats, whose import takes longer than `denoise` does.
    """
    _, places, counts = np.unique(values.reshape(-1), return_inverse=True, return_counts=True)
    means: NDArray[np.float64] = counts.cumsum() - (counts - 1) / 2
    return means[places]
