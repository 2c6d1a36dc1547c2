"""Which blocks of an image are flat, and the variances of the noise in them.

Belongs here: blocks sorted by intensity, and the flattest of each intensity. The line through their
variances is ``line.py``.

In blocks of every intensity, the flattest tell of noise: they are chosen by their low frequencies
and measured in their high ones, so that the choice does not make the noise look smaller (Foi et
al., IEEE Trans. Image Process. 17(10), 2008; blocks chosen as by Ponomarenko et al., AVSS 2007).
How many are flat the image says: twice as many, as long as these have no more high frequencies.

A mean has noise, too. The brightest of many blocks are in part those with the largest noise: their
means lie too far out, and a line through them is too flat. So blocks are sorted by one half of
their pixels, and the other half says how bright they are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.noise.blocks import SIDE, band, energies_of

BINS, MIN_FLAT = 24, 16
"""Intensities apart, and the smallest number of flat blocks in each."""

SHARES = 0.1, 0.2, 0.4, 0.8
"""Parts of the blocks of an intensity that may be flat; the first one is always taken."""

MAX_RISE = 0.01
"""How much more high frequencies the next flattest blocks may have to count as flat, too, beside
1.5 deviations of what noise makes of it."""

FINE = 0.03
"""How much stronger high frequencies of bright blocks may be than the highest of them, beside 2
deviations of what noise makes of it."""

MAX_STRUCTURE = 100.0
"""Low over high frequencies of flat blocks, times what it is in most bins, from which a bin holds
nothing but edges: those of the black around a rotated or stitched image."""

SPREAD = 0.45
"""Relative deviation of a block's high band in white noise. A median has it divided by the root of
the number of blocks: 0.33 for blocks apart, more since they overlap by half."""


SMALLEST = np.finfo(float).tiny


class Bin(NamedTuple):
    """Blocks of like intensity.

    Parameters
    ----------
    half : int
        The half of the pixels by which blocks were sorted, 0 or 1.
    blocks : ndarray of intp, shape (N,)
        Their numbers; the flattest part comes first, for each of the parts in ``SHARES``.
    """

    half: int
    blocks: NDArray[np.intp]

    def flattest(self, share: float) -> NDArray[np.intp]:
        """So large a part of the blocks, at least 16."""
        return self.blocks[: _count(share, len(self.blocks))]


def _count(share: float, blocks: int) -> int:
    return max(MIN_FLAT, int(share * blocks))


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


def measured(energies: NDArray[np.float32], frequencies: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Variance of the noise of each block in a band, of which medians are taken.

    Parameters
    ----------
    energies : ndarray, shape (B, 8, 8)
        Of all blocks.
    frequencies : ndarray of bool, shape (8, 8)
        The band.

    Returns
    -------
    ndarray, shape (B,)
        Mean energies, times what makes the median of white noise its variance.
    """
    return band(energies, frequencies) * _median_to_mean(frequencies.tobytes())


@cache
def _median_to_mean(frequencies: bytes) -> float:
    """The variance of white noise over the median of its mean energies in a band."""
    noise = np.random.default_rng(0).normal(size=(20_000, SIDE, SIDE))
    wanted = np.frombuffer(frequencies, bool).reshape(SIDE, SIDE)
    return float(1 / np.median(band(energies_of(noise), wanted)))


def flat_bins(
    halves: NDArray[np.float64], structure: NDArray[np.float64], high: NDArray[np.float64]
) -> list[Bin]:
    """The flat blocks of bins of intensity.

    Parameters
    ----------
    halves : ndarray, shape (B, 2)
        Means of the halves of at least 16 blocks.
    structure : ndarray, shape (B,)
        Mean energy of each in the low band, by which flat ones are told.
    high : ndarray, shape (B,)
        Variance that each has in the high band.

    Returns
    -------
    list of Bin
        By either half of the pixels, without bins of nothing but edges. One of the 16 flattest
        where no bin holds enough.
    """
    bins = [each for half in range(2) for each in _sorted(halves[:, half], half, structure)]
    if not bins:
        return [Bin(0, np.argpartition(structure, MIN_FLAT - 1)[:MIN_FLAT])]
    share = _flat_share(bins, high)
    flattest, flat = (
        [Bin(each.half, each.flattest(part)) for each in bins] for part in (SHARES[0], share)
    )
    edges = medians(flattest, structure) / np.maximum(medians(flat, high), SMALLEST)
    usual = MAX_STRUCTURE * np.median(edges)
    return [each for each, edge in zip(flat, edges, strict=True) if edge <= usual]


def _sorted(means: NDArray[np.float64], half: int, structure: NDArray[np.float64]) -> Iterator[Bin]:
    """Bins of the blocks that have such means."""
    order = np.argsort(means)
    for start, end in _bins(means[order]):
        part = order[start:end]
        counts = [_count(share, len(part)) - 1 for share in SHARES]
        yield Bin(half, part[np.argpartition(structure[part], counts)])


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


def _flat_share(bins: Sequence[Bin], high: NDArray[np.float64]) -> float:
    """Part of the blocks of every bin that is as flat as its flattest."""
    variances = [high[each.blocks] for each in bins]
    for share, larger in pairwise(SHARES):
        rises, counts = [], []
        for each in variances:
            flat, more = _count(share, len(each)), _count(larger, len(each))
            if more > flat:
                rises.append(_median(each[flat:more]) / max(_median(each[:flat]), SMALLEST))
                counts.append(flat)
        if not counts:
            return share
        doubt = 1.5 * SPREAD * math.sqrt(2 / sum(counts))
        if np.average(rises, weights=counts) > 1 + MAX_RISE + doubt:
            return share
    return SHARES[-1]


def flat_points(
    halves: NDArray[np.float64], bins: Sequence[Bin], variances: NDArray[np.float64]
) -> Points:
    """Variances of flat blocks.

    Parameters
    ----------
    halves : ndarray, shape (B, 2)
        Means of the halves of all blocks.
    bins : sequence of Bin
        The flat ones.
    variances : ndarray, shape (B,)
        Of all blocks in the band in which noise is measured, from :func:`measured`.

    Returns
    -------
    Points
        One for each bin.
    """
    counts = np.array([len(flat) for _, flat in bins])
    of_bins = halves[np.concatenate([flat for _, flat in bins])]
    means = np.add.reduceat(of_bins, np.cumsum(counts) - counts) / counts[:, None]
    by_second = np.array([half for half, _ in bins], bool)
    means[by_second] = means[by_second, ::-1]
    return Points(means[:, 0], means[:, 1], medians(bins, variances), counts.astype(float))


def medians(bins: Sequence[Bin], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Median of the flat blocks of each bin, of one value for each block."""
    return np.array([_median(values[flat]) for _, flat in bins])


def has_fine_structure(high: Points, highest: Points) -> bool:
    """Whether bright blocks have more noise in all high frequencies than in the highest.

    Parameters
    ----------
    high, highest : Points
        Of the same blocks, in both bands.

    Returns
    -------
    bool
        True where what rises with the intensity is in part structure.
    """
    means = (high.sorted_by + high.others) / 2
    weights = high.counts * (means - means.min())
    if not weights.any():
        return False
    weights /= weights.sum()
    rises = high.variances / np.maximum(highest.variances, SMALLEST)
    doubt = 2 * SPREAD * float(np.sqrt((weights**2 / high.counts).sum()))
    return float(weights @ rises) > 1 + FINE + doubt


def _median(values: NDArray[np.float64]) -> float:
    """The median of a few values, which are sorted in place, in a tenth of the time of numpy's."""
    values.sort()
    half = len(values) // 2
    return float(values[half] + values[~half]) / 2
