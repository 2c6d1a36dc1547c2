"""What a user should know of images whose whole grey levels are coarser than their contents.

Belongs here: the warning, and when there is reason for it. Denoising and enlarging say it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.noise.model import NoiseModel
from napari_autolut.util.text import counted

FEW_LEVELS = 2.0
"""Mean above the lowest intensity, in whole grey levels, below which rounding shifts it."""

SIDE = 8
"""Of the squares whose means, or those of four of them, are about as free of noise as a result."""

SHIFT = 0.004
"""Part of the mean, by which rounding those of squares shifts it, from which it is told. Of 396
simulated images 17 were shifted by more than 0.5 %: 16 of them are told, and 3 others."""

FAIR = 0.1
"""Variance of noise, in squared grey levels, below which there is none to make rounding fair."""

ADVICE = "to keep it, convert the image to float32 first"


def few_levels_doubt(planes: Sequence[NDArray[Any]], noise: NoiseModel) -> str:
    """Say where whole grey levels are coarser than what is left of an image without its noise.

    Parameters
    ----------
    planes : sequence of ndarray, shape (H, W)
        A sample of its planes, one or more.
    noise : NoiseModel
        What is taken away.

    Returns
    -------
    str
        Empty for floats, and where rounding hardly shifts the mean.
    """
    if planes[0].dtype.kind == "f":
        return ""
    mean = float(np.mean([plane.mean() for plane in planes]))
    above = mean - min(float(plane.min()) for plane in planes)
    if 0 < above < FEW_LEVELS:
        found = f"the mean is {counted(f'{above:.2g}', 'grey level')} above the lowest one"
        return f"{found}, and the result is rounded to whole ones, which shifts it; {ADVICE}"
    shift = rounding_shift(planes, noise, mean)
    if shift < SHIFT:
        return ""
    return (
        "without noise even ground lies between two grey levels, and the result is rounded to "
        f"whole ones, which shifts its mean by about {shift:.1%}; {ADVICE}"
    )


def rounding_shift(planes: Sequence[NDArray[Any]], noise: NoiseModel, mean: float) -> float:
    """Part of the mean by which rounding shifts it where there is no noise any more.

    Noise makes rounding fair: as many pixels are rounded up as down. In even ground without it, all
    of them go one way.

    Parameters
    ----------
    planes : sequence of ndarray, shape (H, W)
        A sample of planes of whole numbers.
    noise : NoiseModel
        Their noise, which is taken away.
    mean : float
        That of all pixels.

    Returns
    -------
    float
        At least 0, the larger one by squares of two sizes; 0 where it cannot matter.
    """
    if not 0 < abs(mean) * SHIFT < 0.5:
        return 0.0  # no rounding is as large
    small = [_means(plane, SIDE) for plane in planes]
    shifts = []
    for squares in (small, [_means(means, 2) for means in small]):
        means = np.concatenate([each.reshape(-1) for each in squares])
        errors = (np.rint(means) - means) * (noise.variance(means) > FAIR)
        shifts.append(abs(float(errors.mean())) if means.size else 0.0)
    return max(shifts) / abs(mean)


def _means(plane: NDArray[Any], side: int) -> NDArray[np.float64]:
    """Means of the squares of a plane."""
    rows, columns = (length // side for length in plane.shape)
    squares = plane[: rows * side, : columns * side].reshape(rows, side, columns, side)
    # One axis after the other takes a quarter of the time.
    means: NDArray[np.float64] = squares.mean(1, dtype=np.float64).mean(2)
    return means
