"""Which tables take the noise out of a channel: those whose levels hold its intensities.

Belongs here: the shipped tables for white noise, and the choice between them. What they do is
``denoiser.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.bicubic import averaged
from napari_autolut.arrays.denoiser import Denoiser, HalfSize, WhiteNoiseTable, averaging
from napari_autolut.arrays.value_range import Range
from napari_autolut.noise import NoiseModel
from napari_autolut.noise.levels import QUANTILES, every_other_pixel
from napari_autolut.noise.spectrum import as_white
from napari_autolut.noise.stabilisation import raised, stabilise
from napari_autolut.storage import load_model


class Table(NamedTuple):
    """A shipped table for white noise: its name, and the noise's deviation in levels of 255."""

    name: str
    sigma: float


LIGHT = "light"
SHIPPED = {
    "best": (Table("denoise-10", 10.0), Table("denoise-3", 3.0)),
    LIGHT: (Table("denoise-10-light", 10.0), Table("denoise-3-light", 3.0)),
}
"""Tables that belong together, from strong noise to weak; the first whose 255 levels hold the image
is taken."""


class Tables(NamedTuple):
    """Tables between which an image's range chooses, from strong noise to weak.

    Parameters
    ----------
    full, half : tuple of WhiteNoiseTable
        Those at full size, and at half the size.
    """

    full: tuple[WhiteNoiseTable, ...]
    half: tuple[WhiteNoiseTable, ...]

    @classmethod
    def of(cls, full: tuple[WhiteNoiseTable, ...]) -> Tables:
        """Those for both sizes; beside a single table the shipped ones work at half size."""
        return cls(full, full if len(full) > 1 else shipped())

    @property
    def strength(self) -> float:
        """Times the noise that there is: what a single table has learned, else 1."""
        return self.full[0].strength if len(self.full) == 1 else 1.0


def shipped(name: str = "best") -> tuple[WhiteNoiseTable, ...]:
    """Load the shipped tables of one kind.

    Parameters
    ----------
    name : {"best", "light"}, default "best"
        Which ones.

    Returns
    -------
    tuple of WhiteNoiseTable
        From strong noise to weak.
    """
    return tuple(WhiteNoiseTable(load_model(each.name), each.sigma) for each in SHIPPED[name])


FULL_RANGE, MIN_SHARE, MAX_SHARE = 8.0, 0.4, 1.0
"""Range of an image in deviations of its noise up to which the answer at half the size counts in
full, and how much it counts at least: as 1 over the range, between them."""

MAX_AVERAGED_RANGE = 64.0
"""Range of an image in deviations of its noise up to which correlated noise is averaged."""


def denoiser_for(
    planes: Sequence[NDArray[Any]], noise: NoiseModel, tables: Tables | None = None
) -> Denoiser:
    """Choose the tables whose levels hold a channel's stabilised intensities.

    Parameters
    ----------
    planes : sequence of ndarray, shape (H, W)
        A sample of the channel's planes, such as :func:`planes_of` gives.
    noise : NoiseModel
        The noise to take away; not none.
    tables : Tables, optional
        Those to choose from; by default the best shipped ones.

    Returns
    -------
    Denoiser
        For planes of this channel.
    """
    full, half_size = tables or Tables.of(shipped())
    pieces = [np.asarray(plane, np.float64) for plane in planes]
    noise = _raised(pieces, noise)
    square, deviation = averaging(noise)
    low, high = _stabilised_range(pieces, noise, square)
    if noise.is_correlated and high - low > MAX_AVERAGED_RANGE:
        # Squares would cost more detail than there is noise.
        noise = as_white(noise)
        square, deviation = averaging(noise)
        low, high = _stabilised_range(pieces, noise, square)
    lowest, range_ = low - deviation, (high - low) / deviation + 2
    share = min(MAX_SHARE, max(MIN_SHARE, FULL_RANGE / range_))
    _, highest = _stabilised_range(pieces, noise, 2 * square)
    half = HalfSize(_fitting(2 * (highest - lowest) / deviation, half_size), share)
    return Denoiser(noise, _fitting(range_, full), lowest, _limits(pieces), half)


def _fitting(range_: float, tables: Sequence[WhiteNoiseTable]) -> WhiteNoiseTable:
    """The first table whose levels hold so many deviations of the noise, or the last."""
    return next((each for each in tables if range_ * each.sigma <= 255), tables[-1])


def _raised(pieces: Sequence[NDArray[np.float64]], noise: NoiseModel) -> NoiseModel:
    values = every_other_pixel(pieces)
    if not values.size:
        return noise
    darkest, median = np.quantile(values, (QUANTILES[0], 0.5))
    return raised(noise, float(darkest), float(median))


def _stabilised_range(
    pieces: Sequence[NDArray[np.float64]], noise: NoiseModel, square: int
) -> tuple[float, float]:
    """Quantiles of a sample of a channel, averaged over squares."""
    if square == 1:
        values = stabilise(every_other_pixel(pieces), noise)
    else:
        values = every_other_pixel([averaged(stabilise(each, noise), square) for each in pieces])
    if not values.size:
        return 0.0, 1.0
    low, high = np.quantile(values, QUANTILES)
    return float(low), float(high)


def _limits(pieces: Sequence[NDArray[np.float64]]) -> Range:
    """Smallest and largest finite intensity of a sample."""
    finite = [each[np.isfinite(each)] for each in pieces]
    filled = [each for each in finite if each.size]
    if not filled:
        return Range(0.0, 1.0)
    return Range(
        min(float(each.min()) for each in filled), max(float(each.max()) for each in filled)
    )
