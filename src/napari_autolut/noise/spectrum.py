"""How much of an image can be noise at most, from its spectrum.

Belongs here: what correlated noise has in each frequency, and the level to which the spectrum of
planes falls. White noise is as strong in the highest frequencies as in those below; fine structure,
which blocks cannot tell from noise, is not. Nor is noise behind a filter stronger in any frequency
than all that is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

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

MARGIN, CORRELATED_MARGIN = 1.15, 1.25
"""White and correlated noise up to this much above what there is room for is left as it was found.
The spectrum of the second is known less well: that of widefield pairs is up to 1.24 times above.
Beyond its margin it is weakened little by little, so that no image is on one side by chance."""

GROUP, MEDIAN_OF_GROUP = 8, 7.344
"""Coefficients whose powers are taken together, and the median of their sum in noise of power 1:
that of the chi-squared distribution."""

BANDS = 0.1, 0.05, 9
"""First frequency in which correlated noise is looked for, the width of a band, and how many there
are: below, structure is stronger than any noise."""

KNOWN_SHARE = 0.2
"""Power of correlated noise in a band, as part of that in its strongest one, from which on the band
counts."""

MODEL_SIDE = 64
"""Frequencies along an axis of which the power of correlated noise in bands is the mean."""

MIN_SIDE = 32
"""Rows and columns of a plane whose bands hold enough frequencies."""


class WhiteFloor(NamedTuple):
    """Mean variance of the white noise that a plane can have, in squared intensities.

    Parameters
    ----------
    all_noise : float
        That of the highest frequencies.
    with_structure : float
        The same, less the structure that is in them where those below are stronger.
    """

    all_noise: float
    with_structure: float


def bounded(
    noise: NoiseModel,
    planes: Sequence[NDArray[Any]],
    *,
    structure: bool,
    floors: Sequence[WhiteFloor] = (),
) -> NoiseModel:
    """The same model, weaker where the spectrum has no room for so much noise.

    Parameters
    ----------
    noise : NoiseModel
        Noise that was found in blocks.
    planes : sequence of ndarray, shape (H, W)
        The planes it was found in; those smaller than 32 x 32 pixels or with NaN tell nothing.
    structure : bool
        Whether a part of the highest frequencies is taken to be structure where the spectrum falls;
        otherwise they may all be noise. Of white noise only.
    floors : sequence of WhiteFloor, optional
        What :func:`white_floors` gives for the planes, where it is known.

    Returns
    -------
    NoiseModel
        With gain and offset variance times one factor from 0 to 1.
    """
    expected, possible = 0.0, 0.0
    telling = _telling(planes)
    if noise.is_correlated:
        rooms = [correlated_room(plane, noise) for plane in telling]
    else:
        known = floors or white_floors(planes)
        rooms = [each.with_structure if structure else each.all_noise for each in known]
    for plane, room in zip(telling, rooms, strict=True):
        variances = noise.variance(plane)
        if not structure:
            # Where structure may be there, rather too little noise: clipped pixels count, too.
            _clear_clipped(variances, plane)
        expected += float(variances.sum())
        possible += room * plane.size
    margin = CORRELATED_MARGIN if noise.is_correlated else MARGIN
    if expected <= margin * possible:
        return noise
    if noise.is_correlated:
        possible = max(possible, 2 * margin * possible - expected)
    return noise.scaled(float(np.sqrt(possible / expected)))


def white_floors(planes: Sequence[NDArray[Any]]) -> list[WhiteFloor]:
    """Find the noise that planes can have; those that tell nothing are left out."""
    return [white_floor(plane) for plane in _telling(planes)]


def _telling(planes: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
    return [each for each in planes if min(each.shape) >= MIN_SIDE and np.isfinite(each).all()]


def white_floor(plane: NDArray[Any]) -> WhiteFloor:
    """Find the noise that a plane can have.

    A cosine transform needs no window, which would leave the half of the pixels unseen.

    Parameters
    ----------
    plane : ndarray, shape (H, W)
        Finite intensities.
    """
    from scipy.fft import dctn  # in a fifth of the time of numpy's transforms

    pixels, _ = centred(plane)
    spectrum = dctn(pixels, norm="ortho", overwrite_x=True).reshape(-1)
    high, highest = (
        _level(spectrum[each]) for each in _bands(*plane.shape, HIGH_BAND, HIGHEST_BAND)
    )
    fallen = (high - FLATTEST * highest) / (STEEPEST - FLATTEST)
    return WhiteFloor(highest, max(highest - max(fallen, 0.0), MIN_SHARE * highest))


def correlated_room(plane: NDArray[Any], noise: NoiseModel) -> float:
    """Mean variance of the correlated noise that a plane can have, in squared intensities.

    Structure falls more steeply than a filter does. Taken for noise, it is too much of it in the
    bands above those that it fills.

    Parameters
    ----------
    plane : ndarray, shape (H, W)
        Finite intensities.
    noise : NoiseModel
        Correlated noise, of which the shape of the spectrum counts.

    Returns
    -------
    float
        That of the band with the least room, of those in which the noise has a good part of its
        power: lags that nobody measured matter in the others.
    """
    from scipy.fft import dctn

    pixels, _ = centred(plane)
    spectrum = dctn(pixels, norm="ortho", overwrite_x=True).reshape(-1)
    power = np.maximum(_powers(noise, MODEL_SIDE), 0.0)
    first, width, count = BANDS
    bands = [(first + width * k, first + width * (k + 1)) for k in range(count)]
    powers = [power.reshape(-1)[each].mean() for each in _bands(MODEL_SIDE, MODEL_SIDE, *bands)]
    places = _bands(*plane.shape, *bands)
    min_power = max(powers) * KNOWN_SHARE
    rooms = [
        _level(spectrum[place]) / float(known)
        for place, known in zip(places, powers, strict=True)
        if known >= min_power
    ]
    return min(rooms)


def _level(values: NDArray[np.float32]) -> float:
    """Mean power of noise with such coefficients, (N, GROUP).

    Of noise, means of so many have a known median, which is not moved by lines and points.
    """
    return float(np.median(np.einsum("ij,ij->i", values, values))) / MEDIAN_OF_GROUP


@lru_cache(maxsize=4)
def _bands(height: int, width: int, *bands: tuple[float, float]) -> tuple[NDArray[np.intp], ...]:
    """Places of bands in the cosine spectrum of a plane, in groups of neighbours."""
    frequency = np.hypot(np.arange(height)[:, None] / height, np.arange(width) / width) / 2
    found = []
    for low, up in bands:
        places = np.flatnonzero((frequency >= low) & (frequency < up))
        found.append(places[: len(places) // GROUP * GROUP].reshape(-1, GROUP))
    return tuple(found)


def _clear_clipped(variances: NDArray[np.float64], plane: NDArray[Any]) -> None:
    """Let pixels that are saturated or clipped have no noise."""
    black, white = cut_off(plane)
    if np.isfinite(black):
        variances[plane <= black] = 0.0
    if np.isfinite(white):
        variances[plane >= white] = 0.0


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
    return _powers(noise, SIDE)


def _powers(noise: NoiseModel, side: int) -> NDArray[np.float64]:
    angles = np.pi * np.arange(side) / side
    lags = np.arange(1, len(noise.correlation) + 1)
    power = 1 + 2 * (np.array(noise.correlation) * np.cos(angles[:, None] * lags)).sum(1)
    return np.outer(power, power)
