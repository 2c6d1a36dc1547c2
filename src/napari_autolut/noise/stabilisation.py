"""Variance stabilisation: intensities whose noise has deviation 1, and the unbiased way back.

Belongs here: the generalised Anscombe transform and its inverse, in plain numpy.

Sources: Makitalo and Foi, IEEE Trans. Image Process. 22(1), 2013 (generalised transform, exact
unbiased inverse) and 20(9), 2011 (closed form of the inverse).
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.noise.model import NoiseModel

SMALLEST_GAIN = 1e-9
"""In deviations of the noise at intensity 0: below it noise is the same in a million of these."""

SMALLEST_MEAN = 2.0 * np.sqrt(3.0 / 8.0)
"""Stabilised value of no photon without read noise: below it the closed form is not used."""

ROOT = np.sqrt(1.5)

PART = 2**14
"""Values that are inverted at once: what becomes of them stays in a processor's cache."""

GRID_STEP = 0.01
"""Deviations of the noise between values for which :func:`expected` knows the mean."""

MIN_SHARE = 0.05
"""Variance of the darkest pixels at least, as a part of that of the median."""


def raised(noise: NoiseModel, darkest: float, median: float) -> NoiseModel:
    """The same noise, with more of it in the dark where the model has next to none.

    A line through variances may cross zero above the darkest pixels; stabilising would make them
    all the same.

    Parameters
    ----------
    noise : NoiseModel
        The noise of an image.
    darkest, median : float
        Intensities of the image.

    Returns
    -------
    NoiseModel
        With an offset variance that is as large or larger.
    """
    min_variance = MIN_SHARE * float(noise.variance(median)) - noise.gain * darkest
    return replace(noise, offset_variance=max(noise.offset_variance, min_variance))


def stabilise(image: Any, noise: NoiseModel) -> NDArray[np.float64]:
    """Map intensities so that their noise has a standard deviation of about 1.

    Parameters
    ----------
    image : array_like of float
        Noisy intensities.
    noise : NoiseModel
        Their noise; not none.

    Returns
    -------
    ndarray of float64
        ``2 / a * sqrt(max(a * z + 3 / 8 * a**2 + b, 0))`` with gain a and offset variance b; for a
        gain of 0, intensities divided by the deviation.
    """
    values = np.asarray(image, np.float64)
    if _is_constant(noise):
        return np.asarray(values / np.sqrt(noise.offset_variance))
    gain = noise.gain
    result: NDArray[np.float64] = np.asarray(gain * values)
    result += 0.375 * gain * gain
    result += noise.offset_variance
    np.maximum(result, 0.0, out=result)
    np.sqrt(result, out=result)
    result *= 2.0 / gain
    return result


def invert(stabilised: Any, noise: NoiseModel) -> NDArray[np.float64]:
    """Map denoised stabilised values back to intensities without bias.

    The algebraic inverse would be too low, as the mean of a square root is not the root of the
    mean. This is the closed form of the exact unbiased inverse.

    Parameters
    ----------
    stabilised : array_like of float
        Expected values of :func:`stabilise`'s result.
    noise : NoiseModel
        The same model.

    Returns
    -------
    ndarray of float64
        Expected intensities.
    """
    values = np.asarray(stabilised, np.float64)
    if _is_constant(noise):
        return np.asarray(values * np.sqrt(noise.offset_variance))
    result = np.empty(values.shape)
    flat, found = values.reshape(-1), result.reshape(-1)
    for first in range(0, flat.size, PART):
        found[first : first + PART] = _photons(flat[first : first + PART])
    result *= noise.gain
    result -= noise.offset_variance / noise.gain
    return result


def expected(means: Any, noise: NoiseModel) -> NDArray[np.float64]:
    """Expected stabilised values of intensities with these means; :func:`invert` leads back.

    Parameters
    ----------
    means : array_like of float
        Expected intensities.
    noise : NoiseModel
        Their noise; not none.

    Returns
    -------
    ndarray of float64
        Expected values of :func:`stabilise`'s result, at least those of no photon.
    """
    if _is_constant(noise):
        return stabilise(means, noise)
    photons = np.asarray(means, np.float64) / noise.gain + noise.offset_variance / noise.gain**2
    brightest = 2.0 * np.sqrt(max(0.0, float(photons.max(initial=0.0))) + 1.0)
    grid = np.arange(SMALLEST_MEAN, brightest + 1.0, GRID_STEP)
    return np.asarray(np.interp(photons, _photons(grid), grid))


def _is_constant(noise: NoiseModel) -> bool:
    """Whether the gain is 0, or so small that the root of so many photons has no digits left."""
    return noise.gain <= SMALLEST_GAIN * math.sqrt(max(noise.offset_variance, 0.0))


def _photons(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Expected photons of stabilised values."""
    safe = np.maximum(values, SMALLEST_MEAN)
    inverse = 1.0 / safe
    photons: NDArray[np.float64] = inverse * (0.625 * ROOT)
    for coefficient in (-1.375, 0.25 * ROOT):
        photons += coefficient
        photons *= inverse
    photons -= 0.125
    # Continued by a straight line, so that values that a table made too small stay in order.
    np.subtract(values, safe, out=inverse)
    inverse *= 0.5 * SMALLEST_MEAN
    photons += inverse
    safe *= safe
    safe *= 0.25
    photons += safe
    return photons
