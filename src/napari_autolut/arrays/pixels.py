"""Pixels of an image as the model's levels, and the other way round, in one pass.

Belongs here: the quick way for the usual types of pixels. What it computes is said, step by step,
by ``normalisation.py``, whose functions all others take.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.normalisation import denormalise, float32_suffices, to_dtype
from napari_autolut.arrays.value_range import Range
from napari_autolut.engine import Planes
from napari_autolut.util.optional import compiled

KERNELS = "napari_autolut.arrays.pixel_kernels"

WRITTEN = tuple(map(np.dtype, (np.uint8, np.int8, np.uint16, np.int16, np.float32)))
"""Types all of whose values float32 holds exactly."""

READ = (*WRITTEN, *map(np.dtype, (np.uint32, np.int32, np.float64)))
"""Those, and others that are as quickly read."""


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
