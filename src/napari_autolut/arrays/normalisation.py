"""Pixel values to a model's intensities in [0, 255] and back, for one range.

Belongs here: the affine map, what lies outside the range, data types, and pixels that are not
finite; this defines what ``pixels.py`` computes faster. Which range it is, is ``value_range.py``.

What lies outside the range does not go through the model, and is not cut off either: the caller
adds it, enlarged by bicubic interpolation (:func:`out_of_range_residual`).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.value_range import Range


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
