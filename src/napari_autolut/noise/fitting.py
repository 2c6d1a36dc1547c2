"""The noise model of which blocks tell: what of their spectrum is noise, and whether it is white.

Belongs here: from :class:`Blocks` to a :class:`NoiseModel`. Which pixels are looked at is
``estimation.py``, blocks are ``blocks.py``, the line of variance over mean is ``line.py``. Noise
that is weaker in high frequencies than in middle ones is correlated, if it is as strong in less
flat blocks as in the flattest: structure is stronger there.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from napari_autolut.noise.blocks import HIGH, HIGHEST, LOW, MIDDLE, RADIUS, SIDE, Blocks, band
from napari_autolut.noise.line import flat_points, line_through
from napari_autolut.noise.model import NoiseModel

FLATTEST, FLAT = 0.03, 0.15
"""Fractions of all blocks between which the shape of the spectrum must not change for noise."""

RESAMPLED_RATIO, RESAMPLED_FALL, FALL_OF_RATIO = 1.35, 1.2, 0.42
"""Middle over high frequencies of noise that a rotation or a registration has interpolated, and the
lower high ones over the highest, at least; and how much more than 1 the second is for the first.
Structure under white noise lacks the fall: 1.0 to 1.2 where noise has 1.3 to 3."""

RESAMPLED_GROWTH = 0.9, 1.15
"""Growth of their middle frequencies to less flat blocks; beyond it there are few blocks, or
structure."""

MIN_RESAMPLED = 6000
"""Blocks that tell interpolated noise from texture at least: those of 320 x 320 pixels."""

CORRELATED_RATIO, STEADY_RATIO = 2.5, 1.8
"""Middle over high frequencies of correlated noise at least, and its growth to less flat blocks."""

MIN_CORRELATION = 0.25
"""Of neighbouring pixels, below which noise is taken for white unless it was interpolated."""

STEADY, MAX_GROWTH, FALL = 1.1, 1.28, 5.0
"""Growth of the middle frequencies to less flat blocks up to which they are noise, and from which
they are structure; between them so much of them is noise as a growth of ``1 / FALL`` divides by e.
On 90 micrographs behind blurs with noise of 20 and of 100 photons, pure noise grew by 0.91 to 1.07,
and where 2 and 20 times the noise were found that there was, it grew by 1.2 and 1.7."""

FALLS = (1.1, 4.0), (1.05, 2.0)
"""Middle over high frequencies, and the lower high ones over the highest: of white noise at most,
and of structure."""

MIN_WHITE = 0.25
"""Part of the high frequencies that is noise at least, however steeply they fall."""

LAGS = 7
"""Distances at which the correlation is given."""

NO_NOISE = 1e-10
"""Variance, as a fraction of the squared range of intensities, below which there is no noise."""


def fitted(blocks: Blocks) -> NoiseModel:
    """The model of which blocks tell."""
    low = band(blocks.energies, LOW)
    points = flat_points(blocks, low)
    means, strongest = blocks.means, float(points.variances.max())
    if strongest <= NO_NOISE * max(float(np.ptp(means)) or 1.0, abs(float(means.max()))) ** 2:
        return NoiseModel(0.0, 0.0)
    gain, offset, misfit = line_through(points)
    expected = np.maximum(gain * means + offset, strongest * 1e-4)
    spectra = _flat_spectra(blocks.energies, low / expected, expected)
    ratios = [spectrum[MIDDLE].mean() / spectrum[HIGH].mean() for spectrum in spectra]
    growth = spectra[1][MIDDLE].mean() / spectra[0][MIDDLE].mean()
    steady = ratios[1] < STEADY_RATIO * ratios[0] and growth < MAX_GROWTH
    correlation: tuple[float, ...] = ()
    resampled = len(means) >= MIN_RESAMPLED and _is_resampled(spectra[0], ratios[0], growth)
    if resampled or (ratios[0] > CORRELATED_RATIO and steady):
        spectrum = _whole_spectrum(spectra[1])
        # The high frequencies, from which the line was made, have only this part of the noise.
        share = float(spectrum.sum()) / (SIDE**2 - 1)
        share *= math.exp(-FALL * max(0.0, growth - STEADY))
        gain, offset = gain * share, offset * share
        correlation = _correlation(spectrum)
        if not resampled and correlation[0] < MIN_CORRELATION:
            correlation = ()
        certainty = 1.0
    else:
        share = _white_share(spectra[0])
        gain, offset = gain * share, offset * share
        certainty = float(np.clip(1.5 / ratios[0], 0.0, 1.0))
    return NoiseModel(gain, offset, correlation, certainty * float(np.exp(-misfit)))


def _flat_spectra(
    every: NDArray[np.float32], flatness: NDArray[np.float64], expected: NDArray[np.float64]
) -> list[NDArray[np.float64]]:
    """Mean energies of the flattest 3 and 15 % of blocks, as parts of their expected noise."""
    counts = [max(1, round(share * len(flatness))) for share in (FLATTEST, FLAT)]
    flat = np.argpartition(flatness, [count - 1 for count in counts])[: counts[-1]]
    parts, energies = 1.0 / expected[flat], every[flat]
    return [np.einsum("nij,n->ij", energies[:count], parts[:count]) / count for count in counts]


def _is_resampled(spectrum: NDArray[np.float64], ratio: float, growth: float) -> bool:
    """Whether noise falls as slowly as interpolation makes it fall, and as steadily as no texture.

    Between pixels, interpolation is a mean; on them it is none. So its noise keeps much of its high
    frequencies, as structure behind a blur does, which is not as strong everywhere.
    """
    fall = float(spectrum[HIGH & ~HIGHEST].mean() / spectrum[HIGHEST].mean())
    least, most = RESAMPLED_GROWTH
    falls = fall > max(RESAMPLED_FALL, 1 + FALL_OF_RATIO * (ratio - 1))
    return ratio > RESAMPLED_RATIO and falls and least < growth < most


def _white_share(spectrum: NDArray[np.float64]) -> float:
    """Part of the high frequencies of the flattest blocks that is noise.

    In a fine texture no block is flat. Its spectrum falls all the way, where noise stays and what
    is blurred has fallen before: the smaller of both falls says how much structure there is.
    """
    steps = (MIDDLE, HIGH), (HIGH & ~HIGHEST, HIGHEST)
    shares = []
    for (lower, upper), (white, structure) in zip(steps, FALLS, strict=True):
        level = float(spectrum[upper].mean())
        excess = max(0.0, float(spectrum[lower].mean()) - white * level)
        shares.append((level - excess / (structure - 1.0)) / float(spectrum[HIGH].mean()))
    return min(1.0, max(MIN_WHITE, *shares))


def _whole_spectrum(spectrum: NDArray[np.float64]) -> NDArray[np.float64]:
    """A spectrum whose low frequencies, by which flat blocks were chosen, follow from the middle.

    They are continued as those of noise behind a blur, whose logarithm falls with the square of
    the frequency.
    """
    square = RADIUS**2
    smallest = max(float(spectrum.max()) * NO_NOISE, np.finfo(float).tiny)
    middle = np.log(np.maximum(spectrum[MIDDLE], smallest))  # drawn images lack frequencies
    slope, start = np.polyfit(square[MIDDLE], middle, 1)
    whole = spectrum.copy()
    whole[LOW] = np.exp(start + min(slope, 0.0) * square[LOW])
    whole[0, 0] = 0.0
    return whole


def _correlation(spectrum: NDArray[np.float64]) -> tuple[float, ...]:
    """Correlation at lags 1 to 7, the mean of rows and columns, from a cosine spectrum."""
    along = (spectrum.mean(0) + spectrum.mean(1)) / 2
    along[0] = (along[1] + spectrum[LOW].mean() / SIDE) / 2  # a half: spectra have two sides
    angles = np.pi * np.arange(SIDE) / SIDE
    covariance = [float((along * np.cos(lag * angles)).sum()) for lag in range(LAGS + 1)]
    return tuple(float(np.clip(each / covariance[0], -1, 1)) for each in covariance[1:])
