"""Which blocks of an image are flat, and the variances of the noise in them.

Belongs here: blocks sorted by intensity, and the flattest of each intensity. The line through their
variances is ``line.py``.

In blocks of every intensity, the flattest tell of noise. They are chosen by their low frequencies
and measured in their high ones: so the choice does not make the noise look smaller (Foi et al.,
IEEE Trans. Image Process. 17(10), 2008; blocks chosen as by Ponomarenko et al., AVSS 2007). How
many are flat the image says: twice as many, as long as these have no more high frequencies.

A mean has noise, too. The brightest of many blocks are in part those with the largest noise: their
means lie too far out, and a line through them is too flat. So blocks are sorted by one half of
their pixels, and the other half says how bright they are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

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

MANY = 2**14
"""Blocks from which each bin is sorted alone."""

SMALLEST = np.finfo(float).tiny


class Ranked(NamedTuple):
    """A value for each block of an image, and its place among all when they are sorted.

    Of many blocks no places are known: sorting each bin alone takes less time then.
    """

    values: NDArray[np.float64]
    ranks: NDArray[np.integer[Any]] | None

    @classmethod
    def of(cls, values: NDArray[np.float64]) -> Ranked:
        """Sort values."""
        if len(values) > MANY:
            return cls(values, None)
        ranks = np.empty(len(values), np.uint16)
        ranks[np.argsort(values)] = np.arange(len(values))
        return cls(values, ranks)


class Bins(NamedTuple):
    """Blocks of N like intensities, one bin behind the other; the flattest of each come first.

    Parameters
    ----------
    halves : ndarray of intp, shape (N,)
        The half of the pixels by which blocks were sorted, 0 or 1.
    counts : ndarray of intp, shape (N,)
        Number of blocks in each.
    blocks : ndarray of intp, shape (B,)
        Their numbers; some may be in two bins.
    """

    halves: NDArray[np.intp]
    counts: NDArray[np.intp]
    blocks: NDArray[np.intp]

    def flattest(self, share: float) -> NDArray[np.intp]:
        """How many blocks of each bin so large a part is, at least 16."""
        return np.maximum(MIN_FLAT, (share * self.counts).astype(np.intp))

    def between(self, first: NDArray[np.intp] | int, last: NDArray[np.intp]) -> Bins:
        """From the first of each bin to before the last, without bins of which none is left."""
        counts = last - first
        some = counts > 0
        kept = counts[some]
        ahead = (self._starts + first)[some] - (np.cumsum(kept) - kept)
        places = np.arange(kept.sum()) + np.repeat(ahead, kept)
        return Bins(self.halves[some], kept, self.blocks[places])

    def flattest_first(self, structure: Ranked) -> Bins:
        """The same bins, with the flattest part of each first, for each of ``SHARES``."""
        if structure.ranks is not None:
            return self._replace(blocks=self._rising(structure.ranks))
        ends = np.stack([self.flattest(share) for share in SHARES], 1) - 1
        both = zip(self._each(), ends, strict=True)
        parts = [part[np.argpartition(structure.values[part], end)] for part, end in both]
        return self._replace(blocks=np.concatenate(parts))

    def medians(self, values: Ranked) -> NDArray[np.float64]:
        """Median of each bin, of one value for each block of the image."""
        if values.ranks is None:
            rising = np.concatenate([np.sort(values.values[part]) for part in self._each()])
        else:
            rising = values.values[self._rising(values.ranks)]
        lower, upper = (self.counts - 1) // 2, self.counts // 2
        found: NDArray[np.float64] = rising[self._starts + upper] + rising[self._starts + lower]
        return found / 2

    def _rising(self, ranks: NDArray[np.integer[Any]]) -> NDArray[np.intp]:
        """The blocks of each bin by their ranks among all."""
        groups = np.repeat(np.arange(len(self.counts), dtype=np.uint8), self.counts)
        order = np.argsort(ranks[self.blocks], kind="stable")  # of 16 bits, in no time
        return self.blocks[order[np.argsort(groups[order], kind="stable")]]

    def _each(self) -> list[NDArray[np.intp]]:
        return np.split(self.blocks, self._starts[1:])

    def means(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mean of each bin, of a row of values for each block of the image."""
        sums: NDArray[np.float64] = np.add.reduceat(values[self.blocks], self._starts)
        return sums / self.counts[:, None]

    @property
    def _starts(self) -> NDArray[np.intp]:
        starts: NDArray[np.intp] = np.cumsum(self.counts) - self.counts
        return starts


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


def measured(energies: NDArray[np.float32], frequencies: NDArray[np.bool_]) -> Ranked:
    """Variance of the noise of each block in a band, of which medians are taken.

    Parameters
    ----------
    energies : ndarray, shape (B, 8, 8)
        Of all blocks.
    frequencies : ndarray of bool, shape (8, 8)
        The band.

    Returns
    -------
    Ranked
        Mean energies, times what makes the median of white noise its variance.
    """
    return Ranked.of(band(energies, frequencies) * _median_to_mean(frequencies.tobytes()))


@cache
def _median_to_mean(frequencies: bytes) -> float:
    """The variance of white noise over the median of its mean energies in a band."""
    noise = np.random.default_rng(0).normal(size=(20_000, SIDE, SIDE))
    wanted = np.frombuffer(frequencies, bool).reshape(SIDE, SIDE)
    return float(1 / np.median(band(energies_of(noise), wanted)))


def flat_bins(halves: NDArray[np.float64], structure: Ranked, high: Ranked) -> Bins:
    """The flat blocks of bins of intensity.

    Parameters
    ----------
    halves : ndarray, shape (B, 2)
        Means of the halves of at least 16 blocks.
    structure : Ranked
        Mean energy of each in the low band, by which flat ones are told.
    high : Ranked
        Variance that each has in the high band.

    Returns
    -------
    Bins
        By either half of the pixels, without bins of nothing but edges. One of the 16 flattest
        where no bin holds enough.
    """
    parts = [(half, part) for half, means in enumerate(halves.T) for part in _parts(means.copy())]
    if not parts:
        few = np.argpartition(structure.values, MIN_FLAT - 1)[:MIN_FLAT]
        return Bins(np.array([0]), np.array([MIN_FLAT]), few)
    sides, blocks = zip(*parts, strict=True)
    bins = Bins(np.array(sides), np.array([*map(len, blocks)]), np.concatenate(blocks))
    bins = bins.flattest_first(structure)
    flat = bins.flattest(_flat_share(bins, high))
    flattest = bins.between(0, bins.flattest(SHARES[0]))
    edges = flattest.medians(structure)
    edges /= np.maximum(bins.between(0, flat).medians(high), SMALLEST)
    usual = MAX_STRUCTURE * np.median(edges)
    return bins.between(0, np.where(edges <= usual, flat, 0))


def _parts(means: NDArray[np.float64]) -> Iterator[NDArray[np.intp]]:
    """Blocks of like means: as many in each part, and as far apart.

    A part of too few is joined with the next darker one: small images have few blocks.
    """
    order = np.argsort(means)
    rising = means[order]
    quantiles = rising[np.linspace(0, len(rising) - 1, BINS + 1).astype(np.intp)]
    edges = np.union1d(quantiles, np.linspace(rising[0], rising[-1], BINS // 2 + 1))[-2::-1]
    end = len(rising)
    starts, ends = (np.searchsorted(rising, edges, side).tolist() for side in ("left", "right"))
    for start, next_end in zip(starts, ends, strict=True):
        if end - start >= 2 * MIN_FLAT:
            yield order[start:end]
            end = next_end


def _flat_share(bins: Bins, high: Ranked) -> float:
    """Part of the blocks of every bin that is as flat as its flattest."""
    for share, larger in pairwise(SHARES):
        flat, more = bins.flattest(share), bins.flattest(larger)
        grown = more > flat
        if not grown.any():
            return share
        before = bins.between(0, np.where(grown, flat, 0)).medians(high)
        rises = bins.between(flat, more).medians(high) / np.maximum(before, SMALLEST)
        doubt = 1.5 * SPREAD * math.sqrt(2 / flat[grown].sum())
        if np.average(rises, weights=flat[grown]) > 1 + MAX_RISE + doubt:
            return share
    return SHARES[-1]


def flat_points(halves: NDArray[np.float64], bins: Bins, variances: Ranked) -> Points:
    """Variances of flat blocks.

    Parameters
    ----------
    halves : ndarray, shape (B, 2)
        Means of the halves of all blocks.
    bins : Bins
        The flat ones.
    variances : Ranked
        Of all blocks in the band in which noise is measured, from :func:`measured`.

    Returns
    -------
    Points
        One for each bin.
    """
    means = bins.means(halves)
    by_second = bins.halves == 1
    means[by_second] = means[by_second, ::-1]
    return Points(means[:, 0], means[:, 1], bins.medians(variances), bins.counts.astype(float))


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
