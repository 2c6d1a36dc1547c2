"""The model's levels as pixels of an image, in one pass over the result.

Belongs here: the quick way for the usual types of pixels. What it computes is said, step by step,
by ``from_levels`` and ``to_dtype`` in ``intensity.py``, which all other types take.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.engine import Planes
from napari_autolut.engine.intensity import Range, from_levels, to_dtype

USUAL_TYPES = tuple(map(np.dtype, (np.uint8, np.int8, np.uint16, np.int16)))
"""Whole numbers that float32 holds exactly."""


class PixelWriter:
    """Writes levels in [0, 255] as pixels into an (N, h, w) array, of its dtype.

    The bits of ``to_dtype(from_levels(levels, value_range, dtype), dtype)``. Colours of an image,
    which lie side by side, are written together.
    """

    def __init__(self, value_range: Range, target: NDArray[Any]) -> None:
        self._range, self._target, dtype = value_range, target, target.dtype
        self._store = _store() if dtype in USUAL_TYPES and dtype.isnative else None
        if self._store is None:
            return
        limits = np.iinfo(dtype)
        numbers = (value_range.unit, value_range.lo, value_range.hi, limits.min, limits.max)
        steps = tuple(stride // dtype.itemsize for stride in target.strides)
        beside = len(target) if (steps[0], steps[2]) == (1, len(target)) else 1
        scaled = not value_range.is_native
        self._kind = steps, tuple(map(np.float32, numbers)), scaled, (0,) * beside

    def __call__(self, levels: Planes, part: tuple[slice, slice], top: int) -> None:
        """Write the rows and columns ``part`` of (N, H, W) levels, from row ``top`` on."""
        rows, columns = part
        if self._store is None:
            here = self._target[:, top : top + rows.stop - rows.start]
            values = from_levels(levels[:, rows, columns], self._range, here.dtype)
            here[...] = to_dtype(values, here.dtype)
        else:
            where = rows.start, rows.stop, columns.start
            self._store(np.ascontiguousarray(levels), *where, self._target, top, *self._kind)


@cache
def _store() -> Callable[..., None] | None:
    """The compiled loop; None where numba is missing."""
    try:
        from napari_autolut.engine.pixel_simd import store_pixels
    except ImportError:
        return None
    return store_pixels
