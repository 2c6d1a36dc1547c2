"""The noise model of an image, found in the image itself.

Belongs here: from arrays to a :class:`NoiseModel`. The blocks that are looked at are ``blocks.py``,
the line of variance over mean that gives gain and offset is ``line.py``. Noise that is weaker in
high frequencies than in middle ones is correlated, if it is as strong in less flat blocks as in the
flattest: structure is stronger there. White noise is no more than the whole spectrum has room for,
``spectrum.py``.
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
    HIGHEST,
    LOW,
    MIDDLE,
    RADIUS,
    SIDE,
    Blocks,
    band,
    blocks_of,
    difference_blocks,
    joined,
)
from napari_autolut.noise.darkest import from_the_dark
from napari_autolut.noise.drawn import is_drawn
from napari_autolut.noise.line import MIN_FLAT, flat_points, line_through
from napari_autolut.noise.model import NoiseModel
from napari_autolut.noise.outliers import without_outliers
from napari_autolut.noise.spectrum import bounded
from napari_autolut.util.samples import spans, spread

MAX_PLANES = 32
"""Planes of a stack that are looked at, evenly spread."""

PIECE = 512
"""Side of the pieces of large planes, where not many are looked at."""

MAX_PIXELS = 2**22
"""Pixels of an image that are looked at: of more, an estimate gains nothing but time."""

FLATTEST, FLAT = 0.03, 0.15
"""Fractions of all blocks between which the shape of the spectrum must not change for noise."""

CORRELATED_RATIO, STEADY_RATIO = 2.5, 1.8
"""Middle over high frequencies of correlated noise at least, and its growth to less flat blocks."""

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

SURE = 0.85
"""Certainty from which flat blocks are believed although the whole spectrum falls."""

DARK_MARGIN, DARK_DEVIATIONS = 0.05, 3.0
"""Part of an image's range, and deviations of the noise of its median, by which the line of
variance over mean may begin above the darkest pixels."""

LAGS = 7
"""Distances at which the correlation is given."""

NO_NOISE = 1e-10
"""Variance, as a fraction of the squared range of intensities, below which there is no noise."""


def estimate_noise(
    image: Any,
    *,
    channel_axis: int | None = None,
    time_axis: int | None = None,
) -> NoiseModel | list[NoiseModel]:
    """Find the noise model of an image, a stack, a time series or several images.

    Parameters
    ----------
    image : array_like, shape (..., H, W), or sequence of such arrays
        Intensities of any real dtype; a sequence of arrays, such as the files of one series, is
        taken together.
    channel_axis : int, optional
        An axis whose entries have a noise of their own.
    time_axis : int, optional
        An axis along which a static scene was recorded: the differences of following frames then
        tell of noise, whatever the structure.

    Returns
    -------
    NoiseModel or list of NoiseModel
        One for each channel where there is a ``channel_axis``.

    Raises
    ------
    TypeError
        If the image is complex or not numeric.
    ValueError
        If it has fewer than 2 axes, or no block of 8 x 8 pixels that is neither constant nor
        saturated.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> print(round(estimate_noise(5.0 * rng.poisson(40, (128, 128))).variance(200.0).item(), -2))
    1000.0
    """
    images = list(image) if isinstance(image, (list, tuple)) else [image]
    arrays = [_checked(each) for each in images]
    if channel_axis is None:
        return _model(arrays, time_axis)
    count = arrays[0].shape[channel_axis]
    if time_axis is not None:
        ndim = arrays[0].ndim
        time_axis = time_axis % ndim - (channel_axis % ndim < time_axis % ndim)
    return [
        _model([np.take(array, number, channel_axis) for array in arrays], time_axis)
        for number in range(count)
    ]


def _checked(image: Any) -> Any:
    array = image if hasattr(image, "dtype") and hasattr(image, "shape") else np.asarray(image)
    if np.dtype(array.dtype).kind not in "uif":
        raise TypeError(f"image: found dtype {array.dtype}, expected integers or floats")
    if len(array.shape) < 2:
        raise ValueError(f"image: found {len(array.shape)} axes, expected at least 2")
    return array


def _model(arrays: Sequence[Any], time_axis: int | None) -> NoiseModel:
    if time_axis is None:
        return noise_of_planes([plane for array in arrays for plane in planes_of(array)])
    return fitted(_enough(joined(_differences(arrays, time_axis)))).rounded()


def noise_of_planes(planes: Sequence[NDArray[Any]]) -> NoiseModel:
    """Find the noise model of planes whose hot and dead pixels are mended.

    Parameters
    ----------
    planes : sequence of ndarray, shape (H, W)
        A sample of planes with one noise, as :func:`planes_of` gives it.

    Returns
    -------
    NoiseModel
        What :func:`estimate_noise` finds in the same image; none where it has two grey levels that
        were drawn.

    Raises
    ------
    ValueError
        If no block of 8 x 8 pixels is neither constant nor saturated.
    """
    blocks = blocks_of(planes)
    if len(blocks.means) < MIN_FLAT:
        # Better some blocks that have lost a part of their noise than none.
        blocks = blocks_of(planes, clipped=True)
    noise = fitted(_enough(blocks))
    if is_drawn(planes, noise):
        return NoiseModel(0.0, 0.0)
    if not noise.is_correlated:
        noise = from_the_dark(noise, planes, DARK_MARGIN, DARK_DEVIATIONS)
        noise = bounded(noise, planes, structure=noise.certainty < SURE)
    return noise.rounded()


def _enough(blocks: Blocks) -> Blocks:
    if len(blocks.means) < MIN_FLAT:
        raise ValueError(
            f"image: found {len(blocks.means)} blocks of {SIDE} x {SIDE} pixels that are neither "
            f"constant nor saturated, expected at least {MIN_FLAT}; give the noise yourself"
        )
    return blocks


def planes_of(array: Any) -> Iterator[NDArray[Any]]:
    """Some planes of a stack, evenly spread over all leading axes, and of large ones four pieces.

    Lazy arrays are computed piece by piece; no more than 32 planes, and about 4 million pixels. The
    sample of one of these planes is the plane itself. Hot and dead pixels are mended.
    """
    leading = tuple(array.shape[:-2])
    count = int(np.prod(leading, dtype=np.int64))
    chosen = spread(count, MAX_PLANES)
    side = min(PIECE, math.isqrt(MAX_PIXELS // max(1, len(chosen))) // 2)
    for number in chosen:
        plane = array[np.unravel_index(number, leading)] if leading else array
        for rows, columns in product(*(spans(length, side) for length in plane.shape)):
            yield without_outliers(np.asarray(plane[rows, columns]))


def _differences(arrays: Sequence[Any], time_axis: int) -> Iterator[Blocks]:
    """Blocks of the differences of following frames."""
    for array in arrays:
        frames = np.moveaxis(np.asarray(array), time_axis, 0)
        if len(frames) < 2:
            raise ValueError(f"time axis: found {len(frames)} frame, expected at least 2")
        for first, second in pairwise(frames):
            for one, other in zip(planes_of(first), planes_of(second), strict=True):
                yield difference_blocks(one, other)


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
    if ratios[0] > CORRELATED_RATIO and steady:
        spectrum = _whole_spectrum(spectra[1])
        # The high frequencies, from which the line was made, have only this part of the noise.
        share = float(spectrum.sum()) / (SIDE**2 - 1)
        share *= math.exp(-FALL * max(0.0, growth - STEADY))
        gain, offset = gain * share, offset * share
        correlation = _correlation(spectrum)
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
