"""Gain and offset variance of noise: the line through the variances of flat blocks.

Belongs here: which blocks of an image are flat, and the robust line through variance over mean.
Cutting images into blocks is ``blocks.py``; what follows from the line is ``estimation.py``.

In blocks of every intensity, the flattest tell of noise: they are chosen by their low frequencies
and measured in their high ones, so that the choice does not make the noise look smaller (Foi et
al., IEEE Trans. Image Process. 17(10), 2008; blocks chosen as by Ponomarenko et al., AVSS 2007).

A mean has noise, too. The brightest of many blocks are in part those with the largest noise: their
means lie too far out, and a line through them is too flat. So blocks are sorted by one half of
their pixels, and the other half says how bright they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.noise.blocks import HIGH, SIDE, Blocks, band, energies_of

BINS, FLAT_SHARE, MIN_FLAT = 24, 0.1, 16
"""Intensities apart, and the fraction and the number of flat blocks in each."""

MAX_STRUCTURE = 100.0
"""Low over high frequencies of flat blocks, times what it is in most bins, from which a bin holds
nothing but edges: those of the black around a rotated or stitched image."""

DARK_SHARE = 0.25
"""Part of the variance at the darkest intensity that is taken to be of photons: it cannot be told
from that of read noise, and this is right for neither, but far off for none."""

SMALLEST = 1e-9
"""Part of the largest variance below which there is none."""

ROUNDS = 3
"""How often the part of photons in the variance is found from the line, and the line from it."""

MAX_REFITS, SETTLED = 30, 1e-5
"""How often a robust line is fitted again with new weights, and the change of its variances, as a
part of the largest one, after which it is not."""


class Points(NamedTuple):
    """Variances of the flat blocks of N intensities.

    Parameters
    ----------
    sorted_by : ndarray, shape (N,)
        Mean of the pixels by whose mean the blocks were sorted.
    others : ndarray, shape (N,)
        Mean of their other pixels.
    variances : ndarray, shape (N,)
        Variance of the noise, in squared intensities.
    counts : ndarray, shape (N,)
        Number of blocks.
    """

    sorted_by: NDArray[np.float64]
    others: NDArray[np.float64]
    variances: NDArray[np.float64]
    counts: NDArray[np.float64]


def flat_points(blocks: Blocks, structure: NDArray[np.float64]) -> Points:
    """Variances of the flattest blocks in bins of intensity.

    Parameters
    ----------
    blocks : Blocks
        At least 16.
    structure : ndarray, shape (B,)
        Mean energy of each in the low band, by which flat ones are told.

    Returns
    -------
    Points
        Of bins by either half of the pixels; one point of all where no bin holds enough blocks.
    """
    high = band(blocks.energies, HIGH)
    found = [
        _of_bins(halves, high, structure) for halves in (blocks.halves, blocks.halves[:, ::-1])
    ]
    lows, points = (np.concatenate(parts, axis=-1) for parts in zip(*found, strict=True))
    if not points.size:
        flat = np.argpartition(structure, MIN_FLAT - 1)[:MIN_FLAT]
        mean = blocks.means[flat].mean()
        return Points(*np.array([[mean], [mean], [_median(high[flat]) * _factor()], [MIN_FLAT]]))
    edges = lows / np.maximum(points[2], np.finfo(float).tiny)
    return Points(*points[:, edges <= MAX_STRUCTURE * np.median(edges)])


def _of_bins(
    halves: NDArray[np.float64], high: NDArray[np.float64], structure: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Structure of the flattest blocks in bins by the first half, and (4, N) what Points hold."""
    order = np.argsort(halves[:, 0])
    rising, low = halves[order], structure[order]
    flats, counts = [], []
    for start, end in _bins(rising[:, 0]):
        counts.append(max(MIN_FLAT, int(FLAT_SHARE * (end - start))))
        flats.append(start + np.argpartition(low[start:end], counts[-1] - 1)[: counts[-1]])
    if not flats:
        return np.zeros(0), np.zeros((4, 0))
    flat = np.concatenate(flats)
    firsts = np.cumsum([0, *counts[:-1]])
    means = np.add.reduceat(rising[flat], firsts).T / counts
    variances = [_median(part) for part in np.split(high[order[flat]], firsts[1:])]
    lows = np.add.reduceat(low[flat], firsts) / counts
    return lows, np.array([*means, np.multiply(variances, _factor()), counts])


def _bins(rising: NDArray[np.float64]) -> Iterator[tuple[int, int]]:
    """First and behind the last of like means that rise: as many in each, and as far apart.

    A bin of too few is joined with the next darker one: small images have few blocks.
    """
    quantiles = rising[np.linspace(0, len(rising) - 1, BINS + 1).astype(np.intp)]
    edges = np.union1d(quantiles, np.linspace(rising[0], rising[-1], BINS // 2 + 1))
    end = len(rising)
    for lowest in edges[-2::-1]:
        start = int(np.searchsorted(rising, lowest))
        if end - start >= 2 * MIN_FLAT:
            yield start, end
            end = int(np.searchsorted(rising, lowest, "right"))


def line_through(points: Points) -> tuple[float, float, float]:
    """The line of variance over mean.

    Where noise is Gaussian, the mean of the other pixels is that of the blocks. Photons that make a
    block brighter make its variance larger, too: along the very line, so that the mean of all
    pixels is right. The part of photons in the variance says how far one is to go to the other.

    Parameters
    ----------
    points : Points
        At least one.

    Returns
    -------
    gain : float
        Slope, at least 0.
    offset : float
        Variance at intensity 0.
    misfit : float
        How far points lie from the line, as a fraction of it.
    """
    halves = points.sorted_by, points.others
    means = np.mean(halves, 0)
    for _ in range(ROUNDS):
        gain, offset, _ = _line(means, points.variances, points.counts)
        black = means.min()
        dark = DARK_SHARE * max(gain * black + offset, 0.0)
        variances = np.maximum(gain * means + offset, SMALLEST * points.variances.max())
        photons = np.clip((gain * (means - black) + dark) / variances, 0.0, 1.0)
        means = halves[1] + photons / 2 * (halves[0] - halves[1])
    return _line(means, points.variances, points.counts)


def _line(
    means: NDArray[np.float64], variances: NDArray[np.float64], counts: NDArray[np.float64]
) -> tuple[float, float, float]:
    """Gain and offset of a robust line, gain at least 0, and how far points lie from it."""
    largest = float(variances.max())
    smallest = largest * 1e-4
    if len(means) < 2 or np.ptp(means) == 0:
        return 0.0, float(np.median(variances)), 0.0
    expected = np.maximum(variances, smallest * 10)
    trust = np.ones_like(means)
    gain, offset = 0.0, float(np.median(variances))
    for _ in range(MAX_REFITS):
        before = expected
        weights = counts * (trust / expected) ** 2
        weights /= weights.sum()
        mean, variance = float(weights @ means), float(weights @ variances)
        lever = weights * (means - mean)
        gain = max(0.0, float((lever @ variances) / (lever @ means)))
        offset = variance - gain * mean
        expected = np.maximum(gain * means + offset, smallest)
        away = (variances - expected) / expected
        # Structure only adds variance: points above the line are trusted less.
        trust = 1 / np.sqrt(1 + (away / np.where(away > 0, 0.06, 0.15)) ** 2)
        if float(np.abs(expected - before).max()) <= SETTLED * largest:
            break
    misfit = float(np.average(np.abs(away), weights=counts * trust))
    return gain, offset, misfit


def _median(values: NDArray[np.float64]) -> float:
    """The median of a few values, in a tenth of the time that numpy's takes for them."""
    rising, half = np.sort(values), len(values) // 2
    return float(rising[half] + rising[~half]) / 2


@cache
def _factor() -> float:
    """What makes the median of a block's high band the mean, for white noise."""
    noise = np.random.default_rng(0).normal(size=(20_000, SIDE, SIDE))
    return float(1 / np.median(band(energies_of(noise), HIGH)))
