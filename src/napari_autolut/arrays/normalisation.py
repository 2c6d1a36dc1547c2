"""Pixel values to a model's intensities in [0, 255] and back, for one range.

Belongs here: the affine map, what lies outside the range, data types, pixels that are not finite,
and the quick way, which does all of it in one pass for the usual types of pixels. The quick way's
loops are ``pixel_kernels.py``; which range it is, is ``value_range.py``.

What lies outside the range does not go through the model, and is not cut off either: the caller
adds it, enlarged by bicubic interpolation (:func:`out_of_range_residual`).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.value_range import Range
from napari_autolut.engine import Planes
from napari_autolut.util.optional import compiled

KERNELS = "napari_autolut.arrays.pixel_kernels"

WRITTEN = tuple(map(np.dtype, (np.uint8, np.int8, np.uint16, np.int16, np.float32)))
"""Types all of whose values float32 holds exactly."""

READ = (*WRITTEN, *map(np.dtype, (np.uint32, np.int32, np.float64)))
"""Those, and others that are as quickly read."""


def normalise(pixels: NDArray[Any], value_range: Range) -> NDArray[np.float32]:
    """Map finite pixels to [0, 255] in a range that is not flat; those outside are clipped."""
    if value_range.is_identity and pixels.dtype == np.uint8:
        return pixels.astype(np.float32)
    inside = np.clip(pixels.astype(np.float64), value_range.lo, value_range.hi)
    return ((inside - value_range.lo) / value_range.unit).astype(np.float32)


def denormalise(values: NDArray[np.float32], value_range: Range, dtype: np.dtype[Any]) -> Any:
    """Map [0, 255] to pixel values within the range, not yet in ``dtype``.

    Computed in float32 where ``dtype`` cannot tell the difference, else in float64.
    """
    lo, hi = value_range.lo, value_range.hi
    number = np.float32 if float32_suffices(value_range, dtype) else np.float64
    if value_range.is_identity:
        return values.astype(number)
    pixels = values * number(value_range.unit)
    pixels += number(lo)
    return np.clip(pixels, number(lo), number(hi), out=pixels)


def float32_suffices(value_range: Range, dtype: np.dtype[Any]) -> bool:
    """Whether float32 is enough to compute pixels of a type."""
    is_float32 = dtype.kind == "f" and dtype.itemsize == 4  # in either byte order
    largest = max(abs(value_range.lo), abs(value_range.hi))
    return dtype.itemsize <= 2 or (is_float32 and largest < 1e30)


def out_of_range_residual(pixels: NDArray[Any], value_range: Range) -> NDArray[np.float64] | None:
    """How far finite pixels lie above (or, negative, below) the range; None if none does."""
    if value_range.is_identity and pixels.dtype == np.uint8:
        return None
    values = pixels.astype(np.float64)
    residual = values - np.clip(values, value_range.lo, value_range.hi)
    return residual if residual.any() else None


def to_dtype(values: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Round half to even and saturate to integers, or saturate to finite floats."""
    if dtype.kind == "f":
        if dtype.itemsize < values.dtype.itemsize:
            largest = np.finfo(dtype).max.astype(values.dtype)
            values = np.clip(values, -largest, largest)
        return values.astype(dtype, copy=False)
    lo, hi = float(np.iinfo(dtype).min), float(np.iinfo(dtype).max)
    if hi > np.iinfo(dtype).max:  # 64 bits: the nearest float lies one above the largest integer
        hi = math.nextafter(hi, 0)
    rounded: NDArray[Any] = np.clip(np.rint(values), lo, hi).astype(dtype)
    return rounded


def non_finite_mask(pixels: NDArray[Any]) -> NDArray[np.bool_] | None:
    """Mask of NaN and infinite pixels; None if there is none."""
    if pixels.dtype.kind != "f":
        return None
    mask = ~np.isfinite(pixels)
    return mask if mask.any() else None


def inpainted(pixels: NDArray[Any], value_range: Range, radius: int) -> NDArray[np.float64]:
    """Fill NaN and infinite pixels of a plane, as context for the pixels around.

    Infinite pixels take the limit of the range. NaN takes the mean of its neighbours, pixel by
    pixel inwards for ``radius`` pixels, and the lower limit beyond: far enough in, no result
    depends on it. An inpainted pixel depends on nothing more than ``radius`` pixels away.

    Parameters
    ----------
    pixels : numpy.ndarray, shape (H, W)
        Of floats.
    value_range : Range
        Its limits stand for infinite pixels.
    radius : int
        Pixels.

    Returns
    -------
    numpy.ndarray of float64, shape (H, W)
        Finite.
    """
    # Row by row, whatever the order of the pixels: only then are ``flat``'s values its own.
    finite = np.pad(pixels.astype(np.float64, order="C"), 1, constant_values=np.nan)
    finite[np.isposinf(finite)] = value_range.hi
    finite[np.isneginf(finite)] = value_range.lo
    flat, width = finite.reshape(-1), finite.shape[1]
    holes = np.isnan(finite)
    holes[[0, -1]] = holes[:, [0, -1]] = False
    is_hole = holes.reshape(-1)
    around = [dy * width + dx for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dy or dx]
    edge = np.flatnonzero(is_hole)
    for _ in range(radius):
        counts, means = np.zeros(len(edge)), np.zeros(len(edge))
        for step in around:
            counts += ~np.isnan(flat[edge + step])
        edge, counts, means = edge[counts > 0], counts[counts > 0], means[counts > 0]
        if not edge.size:
            break
        for step in around:
            means += np.nan_to_num(flat[edge + step]) / counts
        flat[edge], is_hole[edge] = means, False
        edge = np.unique(np.concatenate([edge + step for step in around]))
        edge = edge[is_hole[edge]]
    flat[is_hole] = value_range.lo
    return finite[1:-1, 1:-1]


# --- the quick way --------------------------------------------------------------------------------


def levels_within(pixels: NDArray[Any], value_range: Range) -> Planes | None:
    """Pixels as the model's [0, 255], if all of them lie in a range that is not flat.

    The bits of ``normalise``. None where a pixel is outside, or no number, or of another type.
    """
    dtype, kernels = pixels.dtype, compiled(KERNELS)
    if kernels is None or value_range.is_flat or dtype not in READ or not dtype.isnative:
        return None
    levels = np.empty(pixels.shape, np.float32)
    numbers = value_range.lo, value_range.hi, value_range.unit
    values = np.ascontiguousarray(pixels).reshape(-1)
    within = kernels.read_levels(values, levels.reshape(-1), *map(float, numbers))
    return levels if within else None


class PixelWriter:
    """Writes levels in [0, 255] as pixels into an (N, h, w) array, of its dtype.

    The bits of ``to_dtype(denormalise(levels, value_range, dtype), dtype)``. Colours of an image,
    which lie side by side, are written together.
    """

    def __init__(self, value_range: Range, target: NDArray[Any]) -> None:
        self._range, self._target, dtype = value_range, target, target.dtype
        kernels = compiled(KERNELS)
        steps, rests = zip(*(divmod(each, dtype.itemsize) for each in target.strides), strict=True)
        known = dtype in WRITTEN and dtype.isnative and min(steps) >= 0 and not any(rests)
        self._kernels = kernels if known and float32_suffices(value_range, dtype) else None
        if self._kernels is None:
            return
        limits = np.iinfo(dtype) if dtype.kind != "f" else np.finfo(dtype)
        numbers = (value_range.unit, value_range.lo, value_range.hi, limits.min, limits.max)
        beside = len(target) if (steps[0], steps[2]) == (1, len(target)) else 1
        self._colours = self._kernels.static(beside)
        scaled = not value_range.is_identity
        self._scaling = self._kernels.Scaling(*map(np.float32, numbers), scaled)
        planes, _, width = target.shape
        self._pixels = self._kernels.Target(_flat(target), steps, planes, width, 0)

    def __call__(self, intensities: Planes, part: tuple[slice, slice], top: int) -> None:
        """Write the rows and columns ``part`` of (N, H, W) intensities, from row ``top`` on."""
        rows, columns = part
        if self._kernels is None:
            here = self._target[:, top : top + rows.stop - rows.start]
            values = denormalise(intensities[:, rows, columns], self._range, here.dtype)
            here[...] = to_dtype(values, here.dtype)
            return
        if intensities.strides[2] != intensities.itemsize:
            intensities = np.ascontiguousarray(intensities)
        steps = (stride // intensities.itemsize for stride in intensities.strides[:2])
        source = self._kernels.Rows(
            _flat(intensities), *steps, rows.start, rows.stop, columns.start
        )
        self._kernels.store_pixels(
            source, self._pixels._replace(top=top), self._scaling, self._colours
        )


def _flat(values: NDArray[Any]) -> NDArray[Any]:
    """Memory from an array's first value to its last, whatever lies between them."""
    last = sum(
        stride * (side - 1) for stride, side in zip(values.strides, values.shape, strict=True)
    )
    size = last // values.itemsize + 1
    return np.lib.stride_tricks.as_strided(values, (size,), (values.itemsize,))
