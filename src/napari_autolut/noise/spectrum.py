"""How much of an image can be white noise at most, from its spectrum.

Belongs here: what correlated noise has in high frequencies, and the level to which the spectrum of
planes falls. White noise is as strong in the highest frequencies as in those below; fine structure,
which blocks cannot tell from noise, is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.noise.blocks import HIGH, SIDE, centred
from napari_autolut.noise.clipping import cut_off
from napari_autolut.noise.model import NoiseModel

HIGH_BAND, HIGHEST_BAND = (0.45, 0.55), (0.55, 0.72)
"""Frequencies, in periods a pixel, between which noise stays and structure falls."""

FLATTEST, STEEPEST = 1.15, 2.0
"""How much stronger the lower of the two bands is at most for noise, and is for structure."""

MIN_SHARE = 0.25
"""Part of the highest frequencies that may be noise, however steeply the spectrum falls."""

MARGIN = 1.15
"""Noise up to this much above what there is room for is left as it was found."""

GROUP, MEDIAN_OF_GROUP = 8, 7.344
"""Coefficients whose powers are taken together, and the median of their sum in noise of power 1:
that of the chi-squared distribution."""

MIN_SIDE = 32
"""Rows and columns of a plane whose bands hold enough frequencies."""


def bounded(noise: NoiseModel, planes: Iterable[NDArray[Any]], *, structure: bool) -> NoiseModel:
    """The same model, weaker where the spectrum has no room for so much white noise.

    Parameters
    ----------
    noise : NoiseModel
        White noise that was found in blocks.
    planes : iterable of ndarray, shape (H, W)
        The planes it was found in; those smaller than 32 x 32 pixels or with NaN tell nothing.
    structure : bool
        Whether a part of the highest frequencies is taken to be structure where the spectrum falls;
        otherwise they may all be noise.

    Returns
    -------
    NoiseModel
        With gain and offset variance times one factor from 0 to 1.
    """
    expected, possible = 0.0, 0.0
    for plane in planes:
        if min(plane.shape) < MIN_SIDE or not np.isfinite(plane).all():
            continue
        variances = noise.variance(plane)
        if not structure:
            # Where structure may be there, rather too little noise: clipped pixels count, too.
            _clear_clipped(variances, plane)
        expected += float(variances.sum())
        possible += white_floor(plane, structure=structure) * plane.size
    if expected <= MARGIN * possible:
        return noise
    return noise.scaled(float(np.sqrt(possible / expected)))


def white_floor(plane: NDArray[Any], *, structure: bool) -> float:
    """Mean variance of the white noise that a plane can have, in squared intensities.

    A cosine transform needs no window, which would leave the half of the pixels unseen.

    Parameters
    ----------
    plane : ndarray, shape (H, W)
        Finite intensities.
    structure : bool
        As for :func:`bounded`.

    Returns
    -------
    float
        At least 0; that of the highest frequencies where those below are no stronger.
    """
    from scipy.fft import dctn  # in a fifth of the time of numpy's transforms

    pixels, _ = centred(plane)
    spectrum = dctn(pixels, norm="ortho", overwrite_x=True).reshape(-1)
    high_band, highest_band = _bands(*plane.shape)
    highest = _level(spectrum[highest_band])
    if not structure:
        return highest
    high = _level(spectrum[high_band])
    fallen = (high - FLATTEST * highest) / (STEEPEST - FLATTEST)
    return float(max(highest - max(fallen, 0.0), MIN_SHARE * highest))


def _level(values: NDArray[np.float32]) -> float:
    """Mean power of noise with such coefficients, (N, GROUP).

    Of noise, means of so many have a known median, which is not moved by lines and points.
    """
    return float(np.median(np.einsum("ij,ij->i", values, values))) / MEDIAN_OF_GROUP


@lru_cache(maxsize=2)
def _bands(height: int, width: int) -> tuple[NDArray[np.intp], ...]:
    """Places of both bands in the cosine spectrum of a plane, in groups of neighbours."""
    frequency = np.hypot(np.arange(height)[:, None] / height, np.arange(width) / width) / 2
    found = []
    for low, up in (HIGH_BAND, HIGHEST_BAND):
        places = np.flatnonzero((frequency >= low) & (frequency < up))
        found.append(places[: len(places) // GROUP * GROUP].reshape(-1, GROUP))
    return tuple(found)


def _clear_clipped(variances: NDArray[np.float64], plane: NDArray[Any]) -> None:
    """Let pixels that are saturated or clipped have no noise."""
    black, white = cut_off(plane)
    if np.isfinite(black):
        variances *= plane > black
    if np.isfinite(white):
        variances *= plane < white


def as_white(noise: NoiseModel) -> NoiseModel:
    """White noise as strong as correlated noise in high frequencies: never more than there is."""
    share = block_powers(noise)[HIGH].mean().clip(0.01, 1.0)
    return replace(noise.scaled(float(np.sqrt(share))), correlation=())


def block_powers(noise: NoiseModel) -> NDArray[np.float64]:
    """Power of noise of variance 1 in each coefficient of a block's cosine transform.

    The correlation is taken to be the product of that along rows and along columns.

    Parameters
    ----------
    noise : NoiseModel
        White or correlated noise.

    Returns
    -------
    ndarray, shape (8, 8)
        1 each for white noise; somewhat below 0 at times, where lags are missing.
    """
    angles = np.pi * np.arange(SIDE) / SIDE
    lags = np.arange(1, len(noise.correlation) + 1)
    power = 1 + 2 * (np.array(noise.correlation) * np.cos(angles[:, None] * lags)).sum(1)
    return np.outer(power, power)
