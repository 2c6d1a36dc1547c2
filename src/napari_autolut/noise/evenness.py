"""Noise that is stronger in some places or planes than in others of the same brightness.

Belongs here: how many times as strong, and the words for it. A camera's noise goes by brightness
alone, until an image is divided by its illumination, stitched from tiles of different exposures or
corrected for bleaching. One model then leaves noise in one place, and takes detail away in another.
Only places whose flattest blocks hold white noise tell; structure is not white.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.noise.blocks import HIGH, HIGHEST, LOW, MIDDLE, band, unsorted_blocks_of
from napari_autolut.noise.flat import SPREAD
from napari_autolut.noise.model import NoiseModel
from napari_autolut.util.ranks import rank_correlation

ZONE, MAX_ZONES, LARGE = 64, 4, 96
"""Side of a zone in pixels at least, how many there are along an axis at most, and the side from
which one is large."""

SQUARE, MIN_SQUARES, FLATTER = 8, 16, 0.25
"""Side of the squares in which the finest detail is measured, how many there must be, and the
quantile of them that is flat."""

FLAT, MIN_BLOCKS = 0.15, 24
"""Part of the blocks of a zone that is flat, and how many there are at least."""

MAX_FALL, MAX_RISE = 1.06, 1.24
"""The lower high frequencies over the highest, and the middle over the high ones, of white noise at
most, beside 2 deviations of what few blocks make of it."""

SUSPECTED, UNEVEN = 1.3, 1.5
"""Variance of the strongest over that of the weakest noise, beside what the model tells, from which
blocks are asked, and from which noise is uneven."""

FEW = 6
"""Zones from which the weakest and the strongest do not count."""

ALONG = 0.75
"""Rank correlation of strength and brightness from which one is because of the other: 0.5 at most
after a correction of shading, 0.8 to 1 in logarithms, and in images that were inverted or squared.
"""

DARKEST, ROUNDED, PHOTONS = 0.02, 0.5, 1.0
"""Variance that a model tells, as a part of the largest, in squared grey levels of whole numbers,
and in photons, below which a square says nothing: those that look flat have none by chance."""


def uneven_doubt(planes: Sequence[NDArray[Any]], noise: NoiseModel) -> str:
    """Say where one model is not right for all of an image.

    Parameters
    ----------
    planes : sequence of ndarray, shape (H, W)
        A sample of its planes, one or more.
    noise : NoiseModel
        White noise that was found in them.

    Returns
    -------
    str
        Empty where the noise is as strong in all places and planes, as far as they tell.
    """
    means, strengths = _strengths(planes, noise)
    ratio = _ratio(strengths)
    if ratio <= UNEVEN:
        return ""
    if len(means) >= FEW and abs(rank_correlation(means, strengths)) > ALONG:
        return (
            "the noise does not go by brightness as that of photons does, as in logarithms or "
            "where an image was inverted or squared; take the image as it was recorded"
        )
    return (
        f"the noise is {ratio**0.5:.1f} times as strong in some places or planes as in others "
        "of the same brightness, as after a correction of shading or bleaching; one model does "
        "not fit all of it: take the image as it was recorded, or its parts apart"
    )


def unevenness(planes: Sequence[NDArray[Any]], noise: NoiseModel) -> float:
    """Variance of the strongest over that of the weakest noise, beside what a model tells.

    Parameters
    ----------
    planes : sequence of ndarray, shape (H, W)
        A sample of planes.
    noise : NoiseModel
        Their noise.

    Returns
    -------
    float
        1 where too few places tell.
    """
    return _ratio(_strengths(planes, noise)[1])


def _ratio(strengths: NDArray[np.float64]) -> float:
    if not len(strengths):
        return 1.0
    found, odd = np.sort(strengths), int(len(strengths) >= FEW)  # one zone may be anything
    return float(found[-1 - odd] / found[odd])


def _strengths(
    planes: Sequence[NDArray[Any]], noise: NoiseModel
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean intensities of zones, and the strength of their noise; none where too few tell."""
    none = np.zeros(0), np.zeros(0)
    zones = [zone for plane in planes for zone in _zones(plane)]
    if len(zones) < 2:
        return none
    guessed = np.array([_guess(zone, noise) for zone in zones])
    known = guessed[np.isfinite(guessed)]
    if len(known) < 2 or known.max() < SUSPECTED * known.min():
        return none
    found = np.array([white_strength([zone], noise) for zone in zones])
    measured = np.isfinite(found)
    if 2 * np.count_nonzero(measured) <= len(zones):
        return none
    return np.array([zone.mean() for zone in zones])[measured], found[measured]


def _zones(plane: NDArray[Any]) -> Iterator[NDArray[Any]]:
    counts = [max(1, min(MAX_ZONES, side // ZONE)) for side in plane.shape]
    edges = [
        np.linspace(0, side, count + 1).astype(int)
        for side, count in zip(plane.shape, counts, strict=True)
    ]
    for row, column in product(*map(range, counts)):
        yield plane[edges[0][row] : edges[0][row + 1], edges[1][column] : edges[1][column + 1]]


def _guess(zone: NDArray[Any], noise: NoiseModel) -> float:
    """The finest detail of flat squares over what a model tells, quickly; NaN where none is.

    Of large zones every other row of squares is looked at.
    """
    rows, columns = (side // SQUARE * SQUARE for side in zone.shape)
    if not rows or not columns:
        return np.nan
    lines = zone[:rows, :columns].reshape(-1, SQUARE, columns)[:: 2 if rows >= LARGE else 1]
    pixels = lines.reshape(-1, columns).astype(np.float32)
    detail = pixels[::2, ::2] - pixels[1::2, ::2] - pixels[::2, 1::2] + pixels[1::2, 1::2]
    detail *= detail / 4
    means = _averaged(pixels, SQUARE)
    variances = _averaged(detail, SQUARE // 2)
    expected = noise.variance(means)
    use = _measurable(expected, zone, noise) & (variances > 0)
    strengths = variances[use] / expected[use]
    if len(strengths) < MIN_SQUARES:
        return np.nan
    flatter = int(FLATTER * len(strengths))
    return float(np.partition(strengths, flatter)[flatter])  # in a fifth of the time of quantiles


def _averaged(plane: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """Means of squares of so many rows and columns, (R, C)."""
    # One axis after the other takes a quarter of the time.
    means: NDArray[np.float32] = plane.reshape(len(plane) // side, side, -1, side).sum(1).sum(2)
    means /= side**2
    return means


def white_strength(planes: Sequence[NDArray[Any]], noise: NoiseModel) -> float:
    """High frequencies of the flattest blocks over what a model tells, where they are white noise.

    Parameters
    ----------
    planes : sequence of ndarray, shape (H, W)
        One or more, of which those blocks count that have a photon's noise or more.
    noise : NoiseModel
        What they should have.

    Returns
    -------
    float
        About 1 for a model that is right; NaN where these blocks are few, or not white.
    """
    blocks = unsorted_blocks_of(planes)
    expected = noise.variance(blocks.means)
    use = np.flatnonzero(_measurable(expected, planes[0], noise))
    count = round(FLAT * len(use))
    if count < MIN_BLOCKS:
        return np.nan
    flatness = band(blocks.energies, LOW)[use] / expected[use]
    flat = use[np.argpartition(flatness, count - 1)[:count]]
    spectrum = (blocks.energies[flat] / expected[flat, None, None]).mean(0)
    high, highest = spectrum[HIGH].mean(), spectrum[HIGHEST].mean()
    doubt = 2 * SPREAD / math.sqrt(count)
    falls = spectrum[HIGH & ~HIGHEST].mean() > (MAX_FALL + doubt) * highest
    rises = spectrum[MIDDLE].mean() > (MAX_RISE + doubt) * high
    return np.nan if falls or rises else float(high)


def _measurable(
    expected: NDArray[np.float64], zone: NDArray[Any], noise: NoiseModel
) -> NDArray[np.bool_]:
    """Which squares of a zone have enough noise to be measured, by what a model tells of them."""
    rounded = ROUNDED if zone.dtype.kind in "ui" else 0.0
    minima = DARKEST * float(expected.max(initial=0.0)), rounded, PHOTONS * noise.gain**2
    return expected > max(minima)
