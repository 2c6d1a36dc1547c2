"""What is done to each channel, settled before a pixel is computed: its noise, and which table.

Belongs here: from arrays and what is said of their noise to :class:`Denoiser`. What one does is
``planes.py``; how noise is found is ``noise``.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays import Axes, ModelLike, Range, averaged
from napari_autolut.arrays.axes import ALPHA
from napari_autolut.denoising.planes import Denoiser, HalfSize, WhiteNoiseTable, averaging
from napari_autolut.noise import NoiseModel, estimate_noise, planes_of
from napari_autolut.noise.levels import QUANTILES, every_other_pixel
from napari_autolut.noise.spectrum import as_white
from napari_autolut.noise.stabilisation import raised, stabilise
from napari_autolut.storage import load_model


class Table(NamedTuple):
    """A shipped table for white noise: its name, and the noise's deviation in levels of 255."""

    name: str
    sigma: float


TABLES = (Table("denoise-10", 10.0), Table("denoise-3", 3.0))
"""From strong noise to weak; the first whose 255 levels hold the image is taken."""

FULL_RANGE, MIN_SHARE, MAX_SHARE = 8.0, 0.4, 1.0
"""Range of an image in deviations of its noise up to which the answer at half the size counts in
full, and how much it counts at least: as 1 over the range, between them."""

UNSURE = 0.3
"""Certainty of a noise model below which a warning says so."""

MAX_AVERAGED_RANGE = 64.0
"""Range of an image in deviations of its noise up to which correlated noise is averaged."""


class NoiseWarning(UserWarning):
    """What a user should know of the noise that was found."""


Noise = str | NoiseModel | Sequence[NoiseModel]


def settle(
    array: Any,
    axes: Axes,
    noise: Noise = "auto",
    strength: float = 1.0,
    model: ModelLike | None = None,
) -> tuple[Denoiser | None, ...]:
    """Settle what is done to each channel or colour; None to those that stay as they are.

    Parameters
    ----------
    array : array_like
        Of a real dtype; of a lazy one only samples are computed.
    axes : Axes
        What its axes are.
    noise : "auto", NoiseModel or sequence of NoiseModel
        As for :func:`napari_autolut.denoise`.
    strength : float
        Times the noise's standard deviation.
    model : str, os.PathLike or LutModel, optional
        Table for white noise; by default the shipped one that fits each channel.

    Returns
    -------
    tuple of Denoiser or None
        One for each channel or colour; one for all where there are none.

    Raises
    ------
    ValueError
        If the strength is below 0, the number of noise models is not that of channels, or the model
        is none for white noise.

    Warns
    -----
    NoiseWarning
        Where no noise is found, or what may be structure.
    """
    if not strength >= 0:
        raise ValueError(f"strength: found {strength}, expected a number from 0")
    table = None if model is None else white_noise_table(model)
    channels = axes.channels(array)
    given = list(_given(noise, len(channels)))
    denoisers: list[Denoiser | None] = []
    for number, channel in enumerate(channels):
        alpha = axes.rgb and number == ALPHA
        left_alone = alpha or not strength
        found = None if left_alone else _denoiser(channel, given[number], strength, table)
        denoisers.append(found)
    return tuple(denoisers)


def _given(noise: Noise, count: int) -> Iterator[NoiseModel | None]:
    """One model a channel; None where it is to be found."""
    if isinstance(noise, str):
        if noise != "auto":
            raise ValueError(f"noise: found {noise!r}, expected 'auto' or a NoiseModel")
        yield from [None] * count
    elif isinstance(noise, NoiseModel):
        yield from [noise] * count
    elif len(noise) == count:
        yield from noise
    else:
        raise ValueError(f"noise: found {len(noise)} models, expected one for {count} channels")


def white_noise_table(model: ModelLike) -> WhiteNoiseTable:
    """A model that takes white noise away, with the noise's deviation that its card tells.

    Raises
    ------
    ValueError
        If it is another kind of model.
    UnknownModelError, ModelFileError
        If there is no such model.
    """
    loaded = load_model(model)
    shipped = {each.name: each.sigma for each in TABLES}
    sigma = loaded.card.noise_sigma or shipped.get(loaded.name, 0.0)
    if sigma <= 0 or loaded.scale != 1:
        raise ValueError(
            f"model {loaded.name}: found none for white noise of a known strength, expected "
            f"{TABLES[0].name}, {TABLES[1].name} or one that was trained with --noisy"
        )
    return WhiteNoiseTable(loaded, sigma)


def _denoiser(
    channel: Any, given: NoiseModel | None, strength: float, table: WhiteNoiseTable | None
) -> Denoiser | None:
    noise, planes = given, list(planes_of(channel))
    if noise is None:
        try:
            found = estimate_noise(planes)
        except ValueError as error:
            warnings.warn(f"{error}; the image is left as it is", NoiseWarning, stacklevel=4)
            return None
        noise = found[0] if isinstance(found, list) else found
        if not noise.is_none and noise.certainty < UNSURE:
            warnings.warn(
                f"the image has so much structure that the noise found in it ({noise}) may be "
                "structure; compare, or give the noise yourself",
                NoiseWarning,
                stacklevel=4,
            )
    if noise.is_none:
        if given is None:
            warnings.warn("found no noise; the image is left as it is", NoiseWarning, stacklevel=4)
        return None
    return _settled(planes, noise.scaled(strength), table)


def settled(channel: Any, noise: NoiseModel, table: WhiteNoiseTable | None = None) -> Denoiser:
    """Choose the table whose range holds the stabilised intensities of a channel, or take one."""
    return _settled(list(planes_of(channel)), noise, table)


def _settled(
    planes: Sequence[NDArray[Any]], noise: NoiseModel, table: WhiteNoiseTable | None
) -> Denoiser:
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
    half = HalfSize(_fitting(2 * (highest - lowest) / deviation), share)
    return Denoiser(noise, table or _fitting(range_), lowest, _limits(pieces), half)


def _fitting(range_: float) -> WhiteNoiseTable:
    """The shipped table whose levels hold so many deviations of the noise."""
    fits = next((each for each in TABLES if range_ * each.sigma <= 255), TABLES[-1])
    return WhiteNoiseTable(load_model(fits.name), fits.sigma)


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
    values = every_other_pixel([averaged(stabilise(piece, noise), square) for piece in pieces])
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
