"""The noise model of which blocks tell: what of their spectrum is noise, and whether it is white.

Belongs here: from :class:`Blocks` to a :class:`NoiseModel`. Which pixels are looked at is
``estimation.py``, blocks are ``blocks.py``, the line of variance over mean is ``line.py``. Noise
that is weaker in high frequencies than in middle ones is correlated, if it is as strong in less
flat blocks as in the flattest: structure is stronger there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.noise.blocks import HIGH, HIGHEST, LOW, MIDDLE, RADIUS, SIDE, Blocks, band
from napari_autolut.noise.flat import Ranked, flat_bins, flat_points, has_fine_structure, measured
from napari_autolut.noise.ground import line_from_ground
from napari_autolut.noise.line import line_through
from napari_autolut.noise.model import NoiseModel
from napari_autolut.noise.spectrum import WhiteFloor

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

SUSPECTED_RATIO = 1.8
"""The first of noise that is suspected to be, in fewer blocks. White noise has 1.7 by chance."""

CORRELATED_RATIO, STEADY_RATIO = 3.3, 1.8
"""Middle over high frequencies of correlated noise at least, and its growth to less flat blocks."""

MIN_CORRELATION = 0.25
"""Of neighbouring pixels, below which noise is taken for white unless it was interpolated."""

MAX_GROWTH = 1.15
"""Growth of the middle frequencies to less flat blocks up to which they are noise. On 66 images
behind blurs with noise of 50 to 1,000 photons, nine in ten grew by less than 1.07; beyond 1.15,
structure was taken away as noise in every other one."""

MIN_UNEVENNESS, MAX_UNEVENNESS = 0.5, 1.6
"""How much the middle frequencies of flat blocks differ from block to block, as a multiple of what
they do for noise. The fringes of holograms have 0.02, widefield images 1.2 to 1.4, fine structure
without flat ground 1.6 to 6."""

MAX_WITH_FLOOR, FALL_TO_FLOOR, FALL_OF_BLUR = 15.0, 1.2, 2.0
"""Middle over high frequencies of correlated noise on a floor of white noise at most, and the fall
of the high ones at least, on a floor and without one. Widefield images have 10 and 1.3 to 1.5, fine
structure under white noise 3 to 25 and 1.0 to 1.2."""

FALLS = (1.1, 4.0), (1.05, 2.0)
"""Middle over high frequencies, and the lower high ones over the highest: of white noise at most,
and of structure."""

MIN_WHITE = 0.25
"""Part of the high frequencies that is noise at least, however steeply they fall."""

LAGS = 7
"""Distances at which the correlation is given."""

NO_NOISE = 1e-10
"""Variance, as a fraction of the squared range of intensities, below which there is no noise."""


class Fit(NamedTuple):
    """What blocks tell of noise.

    Parameters
    ----------
    noise : NoiseModel
        Their noise.
    middle : tuple of float
        Gain and offset variance of white noise as strong as their middle frequencies.
    filtered : bool
        Whether they look as if noise had gone through a filter; few may look so by chance.
    floors : sequence of WhiteFloor
        What the planes have room for, where that was looked at.
    """

    noise: NoiseModel
    middle: tuple[float, float] = (0.0, 0.0)
    filtered: bool = False
    floors: Sequence[WhiteFloor] = ()


def fitted(blocks: Blocks) -> Fit:
    """The model of which blocks tell."""
    low = Ranked.of(band(blocks.energies, LOW))
    high = measured(blocks.energies, HIGH)
    bins = flat_bins(blocks.halves, low, high)
    points = flat_points(blocks.halves, bins, high)
    means, strongest = blocks.means, float(points.variances.max())
    if strongest <= NO_NOISE * max(float(np.ptp(means)) or 1.0, abs(float(means.max()))) ** 2:
        return Fit(NoiseModel(0.0, 0.0))
    finest = points._replace(variances=bins.medians(measured(blocks.energies, HIGHEST)))
    line = line_through(points)
    from_ground = line_from_ground(points, finest, line)
    flat = _flat_energies(blocks, low.values, from_ground or line)
    kind = _kind(flat, len(means))
    filtered = flat.ratios[0] > SUSPECTED_RATIO and _kind(flat, MIN_RESAMPLED) != "white"
    gain, offset, _ = from_ground or line
    share = float(flat.spectra[0][MIDDLE].mean())
    middle = gain * share, offset * share
    certainty = 1.0
    correlation: tuple[float, ...] = ()
    if kind == "white":
        certainty = min(1.5 / flat.ratios[0], 1.0)
        fine = HIGH
        if has_fine_structure(points, finest):
            line, fine = line_through(finest), HIGHEST
            from_ground = from_ground and line_from_ground(finest, finest, line)
            flat = _flat_energies(blocks, low.values, from_ground or line)
        share = _white_share(flat.spectra[0], fine)
    else:
        spectrum = _whole_spectrum(flat.spectra[1])
        # The high frequencies, from which the line was made, have only this part of the noise.
        share = float(spectrum.sum()) / (SIDE**2 - 1)
        correlation = _correlation(spectrum)
        if kind == "correlated" and correlation[0] < MIN_CORRELATION:
            correlation = ()
    gain, offset, misfit = from_ground or line
    certainty *= float(np.exp(-misfit))
    noise = NoiseModel(gain * share, offset * share, correlation, certainty)
    return Fit(noise, middle, filtered)


class _FlatEnergies:
    """(N, 8, 8) energies of the flattest 15 % of all blocks, as parts of their expected noise.

    The flattest 3 % of all come first.
    """

    def __init__(self, energies: NDArray[np.float64]) -> None:
        flattest = max(1, round(len(energies) * FLATTEST / FLAT))
        self.energies = energies
        self.spectra = energies[:flattest].mean(0), energies.mean(0)

    @property
    def ratios(self) -> list[float]:
        """Middle over high frequencies of the flattest 3 and 15 % of all blocks."""
        return [float(each[MIDDLE].mean() / each[HIGH].mean()) for each in self.spectra]

    @property
    def growth(self) -> float:
        """How much stronger the middle frequencies of the second are."""
        return float(self.spectra[1][MIDDLE].mean() / self.spectra[0][MIDDLE].mean())

    @property
    def unevenness(self) -> float:
        """How much more middle frequencies differ from block to block than those of noise do."""
        middle = self.energies[:, MIDDLE]
        means, spectrum = middle.mean(1), middle.mean(0)
        expected = 2 * (spectrum**2).sum() / spectrum.sum() ** 2
        return float(means.var() / means.mean() ** 2 / expected)


def _flat_energies(
    blocks: Blocks, low: NDArray[np.float64], line: tuple[float, float, float]
) -> _FlatEnergies:
    """Energies of blocks that are flat for the noise that a line tells."""
    gain, offset, _ = line
    expected = gain * blocks.means + offset
    expected = np.maximum(expected, expected.max() * 1e-4)
    flatness = low / expected
    counts = [max(1, round(share * len(flatness))) for share in (FLATTEST, FLAT)]
    flat = np.argpartition(flatness, [count - 1 for count in counts])[: counts[-1]]
    return _FlatEnergies(blocks.energies[flat] / expected[flat, None, None])


def _kind(flat: _FlatEnergies, count: int) -> Literal["white", "correlated", "resampled"]:
    """What the noise of so many blocks is.

    Between pixels, interpolation is a mean; on them it is none. So its noise keeps much of its high
    frequencies, as structure behind a blur does, which is not as strong everywhere.
    """
    if not MIN_UNEVENNESS < flat.unevenness < MAX_UNEVENNESS:
        return "white"
    ratio, wider = flat.ratios
    fall = _fall(flat.spectra[0])
    least, most = RESAMPLED_GROWTH
    resampled = ratio > RESAMPLED_RATIO and least < flat.growth < most
    if (
        resampled
        and count >= MIN_RESAMPLED
        and fall > max(RESAMPLED_FALL, 1 + FALL_OF_RATIO * (ratio - 1))
    ):
        return "resampled"
    falls = fall > (FALL_TO_FLOOR if ratio < MAX_WITH_FLOOR else FALL_OF_BLUR)
    steady = wider < STEADY_RATIO * ratio and flat.growth < MAX_GROWTH
    return "correlated" if ratio > CORRELATED_RATIO and falls and steady else "white"


def _fall(spectrum: NDArray[np.float64]) -> float:
    """The lower high frequencies over the highest."""
    return float(spectrum[HIGH & ~HIGHEST].mean() / spectrum[HIGHEST].mean())


def _white_share(spectrum: NDArray[np.float64], fine: NDArray[np.bool_]) -> float:
    """Part of the fine frequencies of the flattest blocks that is noise.

    In a fine texture no block is flat. Its spectrum falls all the way, where noise stays and what
    is blurred has fallen before: the smaller of both falls says how much structure there is.
    """
    steps = (MIDDLE, HIGH), (HIGH & ~HIGHEST, HIGHEST)
    shares = []
    for (lower, upper), (white, structure) in zip(steps, FALLS, strict=True):
        level = float(spectrum[upper].mean())
        excess = max(0.0, float(spectrum[lower].mean()) - white * level)
        shares.append((level - excess / (structure - 1.0)) / float(spectrum[fine].mean()))
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
