"""The noise model of planes, found in the planes themselves.

Belongs here: which planes of an array are looked at, and what is made of them. They are cut into
blocks in ``blocks.py``, and what those tell of noise is ``fitting.py``. White noise is no more than
the whole spectrum has room for, ``spectrum.py``. The public function, which takes whatever is an
image, is ``arrays/noise_estimate.py``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.noise.blocks import (
    HIGH,
    SIDE,
    Blocks,
    band,
    blocks_of,
    difference_blocks,
    joined,
)
from napari_autolut.noise.counting import noise_of_counts
from napari_autolut.noise.darkest import from_the_dark
from napari_autolut.noise.drawn import is_drawn
from napari_autolut.noise.fitting import Fit, fitted
from napari_autolut.noise.flat import MIN_FLAT
from napari_autolut.noise.model import NoiseModel
from napari_autolut.noise.outliers import Sample, sample_without_outliers
from napari_autolut.noise.rounding import with_rounding
from napari_autolut.noise.single_photons import noise_of_single_photons
from napari_autolut.noise.spectrum import as_white, bounded, white_floors
from napari_autolut.noise.texture import is_texture
from napari_autolut.util.dask_graphs import flat
from napari_autolut.util.samples import spans, spread
from napari_autolut.util.text import counted

MAX_PLANES = 32
"""Planes of a stack that are looked at, evenly spread."""

PIECE = 512
"""Side of the pieces of large planes, where not many are looked at."""

MAX_PIXELS = 2**22
"""Pixels of an image that are looked at: of more, an estimate gains nothing but time."""

SMALLEST, LARGEST = 1e-18, 1e18
"""Where the largest intensity of an image lies: statistics are squares in float32."""

SURE = 0.85
"""Certainty from which flat blocks are believed although the whole spectrum falls."""

UNEXPLAINED = 1.5
"""High frequencies of all blocks, as a multiple of the noise that was found, from which they are
more than that."""

DARK_MARGIN, DARK_DEVIATIONS = 0.05, 3.0
"""Part of an image's range, and deviations of the noise of its median, by which the line of
variance over mean may begin above the darkest pixels."""


def noise_of_planes(planes: Sequence[NDArray[Any]]) -> NoiseModel:
    """Find the noise model of planes whose hot and dead pixels are mended.

    Parameters
    ----------
    planes : sequence of ndarray, shape (H, W)
        A sample of planes with one noise, as :func:`planes_of` gives it.

    Returns
    -------
    NoiseModel
        What ``estimate_noise`` finds in the same image; none where it has two grey levels that
        were drawn.

    Raises
    ------
    ValueError
        If no block of 8 x 8 pixels is neither constant nor saturated.
    """
    return fit_of_planes(planes).noise


def fit_of_planes(planes: Sequence[NDArray[Any]]) -> Fit:
    """Find the same, and whether what is flat looks as if it had gone through a filter.

    Parameters
    ----------
    planes : sequence of ndarray, shape (H, W)
        As for :func:`noise_of_planes`.

    Returns
    -------
    Fit
        Numbers with four digits.

    Raises
    ------
    ValueError
        As :func:`noise_of_planes` does.
    """
    _check_planes(planes)
    blocks = blocks_of(planes)
    if len(blocks.means) < MIN_FLAT:
        # Better some blocks that have lost a part of their noise than none.
        blocks = blocks_of(planes, clipped=True)
    noise, middle, filtered, floors = fitted(_enough(blocks))
    if is_drawn(planes, noise):
        return Fit(NoiseModel(0.0, 0.0))
    photons = noise_of_counts(planes) or _of_single_photons(planes, blocks, noise)
    if photons is not None:
        return Fit(photons.rounded())
    if noise.is_correlated and is_texture(planes, noise):
        noise, filtered = as_white(noise), False
    if noise.is_correlated:
        noise = bounded(noise, planes, structure=False)
    else:
        noise = from_the_dark(noise, planes, DARK_MARGIN, DARK_DEVIATIONS)
        floors = white_floors(planes)
        noise = bounded(noise, planes, structure=noise.certainty < SURE, floors=floors)
        if not noise.is_none:
            noise = with_rounding(noise, planes)
    return Fit(noise.rounded(), middle, filtered, floors)


def _of_single_photons(
    planes: Sequence[NDArray[Any]], blocks: Blocks, noise: NoiseModel
) -> NoiseModel | None:
    """That of photons one by one, where high frequencies are far stronger than the noise found."""
    high = float(band(blocks.energies, HIGH).mean())
    if high < UNEXPLAINED * float(noise.variance(blocks.means).mean()):
        return None
    return noise_of_single_photons(planes)


def _check_planes(planes: Sequence[NDArray[Any]]) -> None:
    """Refuse planes without a block, and intensities whose squares float32 does not hold."""
    if planes and all(min(plane.shape) < SIDE for plane in planes):
        rows, columns = planes[0].shape
        raise ValueError(
            f"image: found planes of {rows} x {columns} pixels, expected at least {SIDE} x {SIDE} "
            "to find the noise in; give channel_axis=-1 if the last axis holds channels, or give "
            "the noise yourself"
        )
    ends = [end for plane in planes if plane.dtype.itemsize > 2 for end in _finite_ends(plane)]
    largest = max(map(abs, ends), default=1.0)
    if largest and not SMALLEST <= largest <= LARGEST:
        raise ValueError(
            f"image: found intensities of up to {largest:.2g}, expected {SMALLEST:g} to "
            f"{LARGEST:g} to find the noise in; give them in another unit, or give the noise "
            "yourself"
        )


def _finite_ends(plane: NDArray[Any]) -> tuple[float, ...]:
    finite = plane if plane.dtype.kind != "f" else plane[np.isfinite(plane)]
    return (float(finite.min()), float(finite.max())) if finite.size else ()


def _enough(blocks: Blocks) -> Blocks:
    if len(blocks.means) < MIN_FLAT:
        raise ValueError(
            f"image: found {counted(len(blocks.means), 'block')} of {SIDE} x {SIDE} pixels that "
            f"are neither constant nor saturated, expected at least {MIN_FLAT}; give the noise "
            "yourself"
        )
    return blocks


def sample_of(array: Any) -> Sample:
    """Some planes of a stack, evenly spread over all leading axes, and of large ones four pieces.

    Lazy arrays are computed piece by piece; no more than 32 planes, and about 4 million pixels. The
    sample of one of these planes is the plane itself. Hot and dead pixels are mended.
    """
    return sample_without_outliers(list(_pieces(array)))


def planes_of(array: Any) -> list[NDArray[Any]]:
    """The planes of :func:`sample_of`."""
    return sample_of(array).planes


def _pieces(array: Any) -> Iterator[NDArray[Any]]:
    array, leading = flat(array), tuple(array.shape[:-2])
    count = int(np.prod(leading, dtype=np.int64))
    chosen = spread(count, MAX_PLANES)
    side = min(PIECE, math.isqrt(MAX_PIXELS // max(1, len(chosen))) // 2)
    for number in chosen:
        plane = array[np.unravel_index(number, leading)] if leading else array
        for rows, columns in product(*(spans(length, side) for length in plane.shape)):
            yield np.asarray(plane[rows, columns])


def noise_of_differences(arrays: Sequence[Any], time_axis: int) -> NoiseModel:
    """Find the noise model of time series of a static scene, of what differs between frames.

    Raises
    ------
    ValueError
        If there is a single frame, or too few blocks as for :func:`noise_of_planes`.
    """
    return fitted(_enough(joined(_differences(arrays, time_axis)))).noise.rounded()


def _differences(arrays: Sequence[Any], time_axis: int) -> Iterator[Blocks]:
    """Blocks of the differences of following frames."""
    for array in arrays:
        frames = np.moveaxis(np.asarray(array), time_axis, 0)
        if len(frames) < 2:
            raise ValueError(f"time axis: found {len(frames)} frame, expected at least 2")
        for first, second in pairwise(frames):
            for one, other in zip(planes_of(first), planes_of(second), strict=True):
                yield difference_blocks(one, other)
