"""MATLAB-compatible bicubic resizing: the field's baseline, and how its LR images are made.

Belongs here: planes on other grids, without tables. Means on a plane's own grid are
``smoothing.py``.

Keys' cubic (a = -0.5), stretched by 1/scale when shrinking (antialiasing), half-sample symmetric
borders, weights normalised for every output pixel; rows are resized before columns. With uint8
images MATLAB rounds and saturates after each of the two passes, and so does this.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache, reduce
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_autolut.util.arguments import checked_axis
from napari_autolut.util.keys_cubic import BICUBIC_RADIUS, keys_cubic, phases
from napari_autolut.util.optional import compiled
from napari_autolut.util.plain_values import is_number
from napari_autolut.util.text import quoted

COMPILED_SCALES = (2, 3, 4)

CACHED = 1 << 15
"""Values that are enlarged together: they stay in the processor's caches."""


class Kernel(NamedTuple):
    """What neighbours weigh by their distance in pixels, up to a radius."""

    radius: int
    weight: Callable[[NDArray[np.float64]], NDArray[np.float64]]


def resize(image: ArrayLike, scale: float | Fraction, axes: Sequence[int] = (0, 1)) -> Any:
    """Resize the two axes of an image as MATLAB's ``imresize(image, scale, 'bicubic')``.

    Parameters
    ----------
    image : array_like
        Of uint8 or floats; other integer types are computed and returned as float64.
    scale : int, float or fractions.Fraction
        4 enlarges four times, ``Fraction(1, 4)`` shrinks to ``ceil(size / 4)``.
    axes : sequence of int, default (0, 1)
        The axes to resize, rows first.

    Returns
    -------
    numpy.ndarray
        Of uint8 for uint8, float32 for float32, else float64; floats are not clipped.

    Raises
    ------
    TypeError
        If it is no array of real numbers.
    ValueError
        If there is no such axis, or the scale is no number above 0.
    """
    result = np.asarray(image)
    if result.dtype.kind not in "biuf":
        raise TypeError(f"image: found {result.dtype}, expected an array of real numbers")
    factor = _checked_factor(scale)
    eight_bit = result.dtype == np.uint8
    dtype = np.float32 if result.dtype == np.float32 else np.float64
    for axis in [checked_axis(each, result.ndim, "axes") for each in axes]:
        if factor.denominator == 1:
            result = _enlarge_axis(result, axis, int(factor), dtype)
        else:
            weights, indices = contributions(result.shape[axis], factor, CUBIC)
            result = _resize_axis(result, axis, weights.astype(dtype), indices, dtype)
        if eight_bit:
            result = np.floor(np.clip(result, 0, 255) + 0.5)
    return result.astype(np.uint8) if eight_bit else result


def _checked_factor(scale: Any) -> Fraction:
    if not is_number(scale) or not 0 < scale < math.inf:
        raise ValueError(f"scale: found {quoted(scale)}, expected a number above 0")
    return Fraction(scale)


def enlarged(planes: NDArray[Any], scale: int) -> NDArray[Any]:
    """Enlarge planes of floats, (..., H, W): the bits of :func:`resize`, compiled for factors to 4.

    Parameters
    ----------
    planes : ndarray of float32 or float64, shape (..., H, W)
        Any values.
    scale : int
        How many pixels replace one on each axis.

    Returns
    -------
    ndarray of the same dtype, shape (..., H * scale, W * scale)
        Not clipped.
    """
    kernels = compiled("napari_autolut.arrays.resampling_kernels")
    if kernels is None or scale not in COMPILED_SCALES:
        larger: NDArray[Any] = resize(planes, scale, (planes.ndim - 2, planes.ndim - 1))
        return larger
    *others, height, width = planes.shape
    places = [folded(np.arange(-BICUBIC_RADIUS, n + BICUBIC_RADIUS), n) for n in (height, width)]
    taps = phases(scale, np.float32 if planes.dtype == np.float32 else np.float64)
    result = np.empty((*others, height * scale, width * scale), planes.dtype)
    for index in np.ndindex(*others):
        kernels.enlarged_plane(np.ascontiguousarray(planes[index]), *places, *taps, result[index])
    return result


def _resize_axis(
    image: NDArray[Any], axis: int, weights: NDArray[Any], indices: NDArray[np.intp], dtype: Any
) -> NDArray[Any]:
    """Weighted sum over the taps; ``weights`` and ``indices`` are (output size, taps)."""
    moved = np.moveaxis(image, axis, -1)
    total = np.zeros((*moved.shape[:-1], len(weights)), dtype)
    for weight, index in zip(weights.T, indices.T, strict=True):
        total += weight * moved[..., index]
    return np.moveaxis(total, -1, axis)


def _enlarge_axis(image: NDArray[Any], axis: int, scale: int, dtype: Any) -> NDArray[Any]:
    """The same with a whole factor: pixels of one phase have the same weights, so none is gathered.

    What comes out is what :func:`_resize_axis` gives, to the last bits of float64.
    """
    size, radius = image.shape[axis], BICUBIC_RADIUS
    places = folded(np.arange(-radius, size + radius), size)
    shape = list(image.shape)
    shape[axis] = size * scale
    result = np.empty(shape, dtype)
    together = max(1, CACHED // max(1, math.prod(image.shape[1:])))
    for first in range(0, len(image), together):
        if axis == 0:
            beyond = first + together + 2 * radius
            padded, part = image[places[first:beyond]], result[first * scale :][: together * scale]
        else:
            rows = slice(first, first + together)
            padded, part = np.take(image[rows], places, axis), result[rows]
        _enlarge_part(np.moveaxis(padded, axis, 0), np.moveaxis(part, axis, 0), scale, dtype)
    return result


def _enlarge_part(padded: NDArray[Any], part: NDArray[Any], scale: int, dtype: Any) -> None:
    """Fill a part of the result from that of the image, both with the axis first."""
    size = len(part) // scale
    for phase, (offset, weights) in enumerate(zip(*phases(scale, dtype), strict=True)):
        taps = enumerate(weights, BICUBIC_RADIUS + offset)
        products = (weight * padded[first : first + size] for first, weight in taps if weight)
        part[phase::scale] = reduce(operator.iadd, products)


def folded(places: NDArray[np.intp], size: int) -> NDArray[np.intp]:
    """Places beyond the borders, mirrored with half a sample's symmetry until they are inside."""
    inside: NDArray[np.intp] = places % (2 * size)
    return np.where(inside < size, inside, 2 * size - 1 - inside)


@lru_cache(maxsize=64)
def contributions(
    size: int, scale: Fraction, kernel: Kernel
) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """Weights and source indices along one axis, both (output size, taps).

    Parameters
    ----------
    size : int
        Pixels of the source.
    scale : fractions.Fraction
        How many pixels of the result replace one.
    kernel : Kernel
        Stretched by 1/scale where that is more than 1.
    """
    stretch = max(1.0, float(1 / scale))
    out_size = math.ceil(size * scale)
    # Integers, so that a part of an image gets the very weights it has within the whole.
    twice = (2 * np.arange(out_size, dtype=np.int64) + 1) * scale.denominator - scale.numerator
    pixel, phase = np.divmod(twice, 2 * scale.numerator)
    radius = kernel.radius * stretch
    tap = np.arange(math.ceil(2 * radius) + 4) - math.ceil(radius) - 1
    weight = kernel.weight((phase[:, None] / (2 * scale.numerator) - tap) / stretch)
    weight /= weight.sum(1, keepdims=True)
    used = weight.any(0)
    return weight[:, used], folded(pixel[:, None] + tap[used], size)


def _lanczos3(distance: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.abs(distance) < 3, np.sinc(distance) * np.sinc(distance / 3), 0.0)


CUBIC = Kernel(BICUBIC_RADIUS, keys_cubic)
LANCZOS3 = Kernel(3, _lanczos3)
