"""How much of an image's detail is noise: where it is most, nothing finer is there.

Belongs here: the share alone. Which tables follow from it are ``arrays/model_choice.py`` and
``arrays/noisy/choice.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.noise.model import NoiseModel

DETAIL = 0.640625
"""Variance of white noise of 1 in what pixels differ by from the mean of 3 x 3 around them, weighed
by 1, 2, 1 both ways: (1 - 1/4) ** 2 and the squares of the other eight weights."""


def share_of_noise(planes: Sequence[NDArray[Any]], noise: NoiseModel) -> float:
    """Share of white noise in the variance of what pixels differ by from those around them.

    Parameters
    ----------
    planes : sequence of ndarray, shape (H, W)
        A sample of planes of at least 3 x 3 pixels, without their outliers.
    noise : NoiseModel
        Their noise.

    Returns
    -------
    float
        0 without noise, about 1 where there is nothing else; 0 where all pixels are the same.
    """
    own = total = 0.0
    for plane in planes:
        values = plane.astype(np.float64)
        with np.errstate(invalid="ignore"):
            detail = _smoothed(_smoothed(values).T).T
            values = values[1:-1, 1:-1]
            np.subtract(values, detail, out=detail)
        if plane.dtype.kind == "f" and not (known := np.isfinite(detail)).all():
            values, detail = values[known], detail[known]
        own += DETAIL * float(noise.variance(values).sum())
        total += float(np.square(detail, out=detail).sum())
    return own / total if total else 0.0


def _smoothed(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Means of three rows, the middle one twice."""
    means: NDArray[np.float64] = 2 * values[1:-1]
    means += values[:-2]
    means += values[2:]
    means *= 0.25
    return means
