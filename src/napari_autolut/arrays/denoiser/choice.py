"""Which tables take the noise out of a channel: those whose levels hold its intensities.

Belongs here: the shipped tables for white noise, and the choice between them. What they do is
``plane.py``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import reduce
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.denoiser.plane import MEAN_HALO, Denoiser
from napari_autolut.arrays.denoiser.sizes import (
    FADE,
    Size,
    WhiteNoiseTable,
    for_noisy_images,
    tables_halo,
)
from napari_autolut.arrays.value_range import Range
from napari_autolut.model import SQUARE_SIDE
from napari_autolut.model.limits import count_lookups
from napari_autolut.noise import NoiseModel, stabilise
from napari_autolut.noise.darkest import every_other_pixel, sample_quantiles, without_padding
from napari_autolut.noise.stabilisation import raised
from napari_autolut.storage import load_model
from napari_autolut.util.boxes import next_multiple


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

LIGHT_LOOKUPS = 24
"""Look-ups for each pixel of the image up to which a model is light."""

MARGIN = 3.0
"""Deviations of the noise by which levels reach beyond the fade from darker to brighter parts."""

MAX_BRIGHTER = 16
"""Brighter parts that are denoised one by one at full size. An image that needs more has a range of
some 1,000 deviations of its noise, which nobody sees: only its darkest part is denoised. Smaller
sizes, of fewer pixels, have the more parts the less noise they have, up to the same range."""

WHITE_SIZES, LIGHT_SIZES, SIZES_CORRELATED = 3, 2, 4
"""At how many sizes, each half of the one before, white noise is taken away by the best tables and
by light ones, and correlated noise by any."""

LARGEST_STEP = SQUARE_SIDE << (SIZES_CORRELATED - 1)
"""Rows and columns of which a part of an image must begin at a multiple, whatever denoises it."""

OFFSETS = 0, 1
"""Rows and columns at which squares of half the size begin; light tables have the first alone, and
so have smaller sizes. All four places bring a tenth more than these two, for twice their time."""

FULL_RANGE, MIN_SHARE = 8.0, 0.4
"""For light tables: range of an image in deviations of its noise up to which the answer at half the
size counts in full, and how much it counts at least: as 1 over the range, between them."""

FULL_RANGE_CORRELATED = 20.0
"""The same for correlated noise, of which tables at full size see less."""

LEFT, LEFT_CORRELATED = 1.0, 2.0
"""For the best tables: deviation of white noise, and of correlated noise, that the size above
leaves, beside that of the noise which is taken away. The choice was made on some 40 micrographs and
photographs with the noise of 5 to 1,000 photons."""

WIDE_WAVES = 0.5
"""Exponent of what correlated noise has in its widest waves beside its deviation: with 0, noise
stays in waves wider than a table sees; with 1, fine structure goes. The choice was made on 17
micrographs behind five blurs with the noise of 10 to 500 photons."""


class Tables(NamedTuple):
    """Tables between which an image's range chooses, from strong noise to weak.

    Parameters
    ----------
    full, smaller : tuple of WhiteNoiseTable
        Those at full size, and at half the size and less.
    """

    full: tuple[WhiteNoiseTable, ...]
    smaller: tuple[WhiteNoiseTable, ...]

    @classmethod
    def of(cls, full: tuple[WhiteNoiseTable, ...]) -> Tables:
        """Those for both sizes; beside a single table the shipped ones work at smaller sizes."""
        return cls(full, full if len(full) > 1 else shipped())

    @property
    def strength(self) -> float:
        """Times the noise that there is: what a single table has learned, else 1."""
        return self.full[0].strength if len(self.full) == 1 else 1.0

    @property
    def are_light(self) -> bool:
        """Whether they are there for their speed, and do without what takes more time."""
        model = self.full[0].model
        return count_lookups(model.nodes, model.signal_scales) <= LIGHT_LOOKUPS


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
    models = (for_noisy_images(load_model(each.name)) for each in SHIPPED[name])
    return tuple(map(WhiteNoiseTable, models, (each.sigma for each in SHIPPED[name])))


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
    tables = tables or Tables.of(shipped())
    sample = every_other_pixel(planes)
    values, padding = without_padding(sample, noise)
    darkest, median, brightest = sample_quantiles(values)
    if values.size:
        noise = raised(noise, darkest, median)
    sizes: list[Size] = []
    low, high = map(float, stabilise([darkest, brightest], noise))
    ground = low if padding else -np.inf
    left, full_range = LEFT, FULL_RANGE
    if noise.is_correlated:
        left, full_range = LEFT_CORRELATED, FULL_RANGE_CORRELATED
    share = 1.0
    are_light = tables.are_light
    white_sizes = LIGHT_SIZES if are_light else WHITE_SIZES
    for number, deviation in enumerate(deviations(noise, white_sizes)):
        if number:
            darkest, _, high = sample_quantiles(_sampled_means(planes, noise, 2**number))
            low = max(darkest, ground)
        range_ = (high - low) / deviation + 2
        table = _fitting(range_, tables.smaller if sizes else tables.full)
        lowest = low - deviation
        brighter = _brighter(lowest, high + deviation, table.sigma / deviation, deviation)
        size = Size(table, deviation, lowest, share=share, brighter=brighter)
        if are_light:
            share = min(1.0, max(MIN_SHARE, full_range / range_))
        else:
            offsets = OFFSETS if number == 1 else OFFSETS[:1]
            size = size._replace(left=left * deviation, offsets=offsets)
        sizes.append(size)
    refined = not (are_light or noise.is_correlated)
    return Denoiser(noise, tuple(sizes), limits_of(planes), padding, refined=refined)


def deviations(noise: NoiseModel, white_sizes: int = WHITE_SIZES) -> list[float]:
    """Deviation of the noise that is to be taken away at each size, from full size on.

    The correlation is taken to be the product of that along rows and along columns.

    Parameters
    ----------
    noise : NoiseModel
        White or correlated noise.
    white_sizes : int, optional
        At how many sizes white noise is taken away.

    Returns
    -------
    list of float
        1, 1/2 and so on for white noise. For correlated noise that in means of squares, times a
        power of what there would be if all waves were as noisy as the widest.
    """
    if not noise.is_correlated:
        return [0.5**size for size in range(white_sizes)]
    lags = np.zeros(2**SIZES_CORRELATED)
    lags[: len(noise.correlation) + 1] = [1.0, *noise.correlation]
    found = []
    for square in 2 ** np.arange(SIZES_CORRELATED):
        places = np.arange(square)
        within = float(lags[np.abs(places[:, None] - places)].sum()) / square**2
        found.append(within * max(1.0, noise.widest_waves / (square * within)) ** WIDE_WAVES)
    return found


def _brighter(lowest: float, highest: float, factor: float, deviation: float) -> tuple[float, ...]:
    """What becomes level 0 in brighter parts of an image that 255 levels do not hold."""
    missing = highest - lowest - 255 / factor
    step = 255 / factor - (FADE + 2 * MARGIN) * deviation
    if missing <= 0 or step <= 0:
        return ()
    count = math.ceil(missing / step)
    if count * deviation > MAX_BRIGHTER:
        return ()
    return tuple(lowest + missing * number / count for number in range(1, count + 1))


def _fitting(range_: float, tables: Sequence[WhiteNoiseTable]) -> WhiteNoiseTable:
    """The first table whose levels hold so many deviations of the noise, or the last."""
    return next((each for each in tables if range_ * each.sigma <= 255), tables[-1])


def _sampled_means(
    planes: Sequence[NDArray[Any]], noise: NoiseModel, square: int
) -> NDArray[np.float64]:
    """Finite means of stabilised squares in every other row and column of squares."""
    found = [np.zeros(0)]
    for plane in planes:
        rows, columns = (-(-side // (2 * square)) for side in plane.shape)
        missing = [
            (0, count * 2 * square - side)
            for count, side in zip((rows, columns), plane.shape, strict=True)
        ]
        whole = np.pad(plane, missing, mode="edge") if np.any(missing) else plane
        squares = whole.reshape(rows, 2 * square, columns, 2 * square)[:, :square, :, :square]
        found.append(_square_means(stabilise(squares, noise)).reshape(-1))
    values = np.concatenate(found)
    return values[np.isfinite(values)]


def _square_means(squares: NDArray[np.float64]) -> NDArray[np.float64]:
    """(R, C) means of (R, side, C, side) pixels, in a quarter of the time of numpy's."""
    side = squares.shape[1]
    lines = (reduce(np.add, [squares[:, y, :, x] for x in range(side)]) for y in range(side))
    means: NDArray[np.float64] = reduce(np.add, lines) / side**2
    return means


def limits_of(pieces: Sequence[NDArray[Any]]) -> Range:
    """Smallest and largest finite intensity of a sample."""
    finite = [each if np.isfinite(each).all() else each[np.isfinite(each)] for each in pieces]
    filled = [each for each in finite if each.size]
    if not filled:
        return Range(0.0, 1.0)
    return Range(
        min(float(each.min()) for each in filled), max(float(each.max()) for each in filled)
    )


def widest_denoiser_halo() -> int:
    """Pixels on each side that a result of the shipped tables depends on at most, for any noise."""
    models = [each.model for each in shipped()]
    widest = max(map(tables_halo, product(models, repeat=SIZES_CORRELATED))) + MEAN_HALO
    return next_multiple(widest, LARGEST_STEP)
