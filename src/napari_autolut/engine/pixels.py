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

from napari_autolut.engine.intensity import Range, from_levels, to_dtype

USUAL_TYPES = tuple(map(np.dtype, (np.uint8, np.int8, np.uint16, np.int16)))
"""Whole numbers that float32 holds exactly."""


def put_pixels(
    levels: NDArray[np.float32],
    part: tuple[slice, slice],
    value_range: Range,
    target: NDArray[Any],
) -> None:
    """Write a part of (H, W) levels in [0, 255] as pixels into an (h, w) array, of its dtype.

    The bits of ``to_dtype(from_levels(levels[part], value_range, dtype), dtype)``.
    """
    dtype = target.dtype
    usual = dtype in USUAL_TYPES and dtype.isnative
    store = _store() if usual else None
    if store is None:
        target[...] = to_dtype(from_levels(levels[part], value_range, dtype), dtype)
        return
    rows, columns = part
    limits = np.iinfo(dtype)
    numbers = (value_range.unit, value_range.lo, value_range.hi, limits.min, limits.max)
    scaled = not value_range.is_native
    whole = np.ascontiguousarray(levels)
    # Compiled for pixels that lie one behind the other; those of one of several colours do not.
    made = target if target.flags.c_contiguous else np.empty(target.shape, dtype)
    store(whole, rows.start, columns.start, made, *map(np.float32, numbers), scaled)
    if made is not target:
        target[...] = made


@cache
def _store() -> Callable[..., None] | None:
    """The compiled loop; None where numba is missing."""
    try:
        from napari_autolut.engine.jit import kernel
    except ImportError:
        return None
    return kernel(_store_pixels)


def _store_pixels(
    levels: Any, top: int, left: int, out: Any,
    unit: float, lo: float, hi: float, least: float, most: float, scaled: bool,
) -> None:  # fmt: skip
    """The nearest whole numbers, of levels put into the range where ``scaled``."""
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            value = levels[top + y, left + x]
            if scaled:
                value = min(max(value * unit + lo, lo), hi)
            out[y, x] = min(max(np.rint(value), least), most)
