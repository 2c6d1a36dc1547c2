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


def put_pixels(
    levels: Planes,
    part: tuple[slice, slice],
    value_range: Range,
    target: NDArray[Any],
) -> None:
    """Write a part of (N, H, W) levels in [0, 255] as pixels into an (N, h, w) array.

    The bits of ``to_dtype(from_levels(levels[:, *part], value_range, dtype), dtype)`` for its
    dtype. Colours of an image, which lie side by side, are written together.
    """
    dtype = target.dtype
    usual = dtype in USUAL_TYPES and dtype.isnative
    store = _store() if usual else None
    rows, columns = part
    if store is None:
        wanted = levels[:, rows, columns]
        target[...] = to_dtype(from_levels(wanted, value_range, dtype), dtype)
        return
    limits = np.iinfo(dtype)
    numbers = (value_range.unit, value_range.lo, value_range.hi, limits.min, limits.max)
    steps = tuple(stride // dtype.itemsize for stride in target.strides)
    beside = len(target) if (steps[0], steps[2]) == (1, len(target)) else 1
    store(
        np.ascontiguousarray(levels), rows.start, columns.start, target, steps,
        tuple(map(np.float32, numbers)), not value_range.is_native, (0,) * beside,
    )  # fmt: skip


@cache
def _store() -> Callable[..., None] | None:
    """The compiled loop; None where numba is missing."""
    try:
        from napari_autolut.engine.pixel_simd import store_pixels
    except ImportError:
        return None
    return store_pixels
