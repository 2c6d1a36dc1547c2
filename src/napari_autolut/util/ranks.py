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
    from scipy.stats import spearmanr  # takes its time to import

    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return math.nan
    return float(spearmanr(one, other, axis=None).statistic)
