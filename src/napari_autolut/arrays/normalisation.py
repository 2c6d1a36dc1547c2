"""Pixel values to a model's intensities in [0, 255] and back, for one range, step by step.

Belongs here: the affine map, what lies outside the range, and data types. The quick way, in one
pass for the usual types of pixels, is ``pixels.py``; which range it is, is ``value_range.py``.

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
    number = np.float32 if value_range.suits_float32(dtype) else np.float64
    if value_range.is_identity:
        return values.astype(number)
    pixels = values * number(value_range.unit)
    pixels += number(lo)
    return np.clip(pixels, number(lo), number(hi), out=pixels)


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
    rounded: NDArray[Any] = np.rint(values)
    return rounded.clip(lo, hi, out=rounded).astype(dtype)


def write_pixels(
    value_range: Range,
    target: NDArray[Any],
    intensities: Planes,
    part: tuple[slice, slice],
    top: int,
) -> None:
    """Write rows and columns of (N, H, W) intensities into an (N, h, w) target, from a row on."""
    rows, columns = part
    here = target[:, top : top + rows.stop - rows.start]
    values = denormalise(intensities[:, rows, columns], value_range, here.dtype)
    here[...] = to_dtype(values, here.dtype)
