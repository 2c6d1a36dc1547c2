"""Large results: coarser levels for the view from afar, and chunks for lazy computation.

Belongs here: cutting arrays up. Which levels a result gets is ``task.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

PYRAMID_SIDE = 4096
"""Rows or columns from which on a result gets coarser levels, for the view from afar."""

CHUNK = 512
"""Side in pixels of the chunks in which an array in memory is upscaled lazily."""


def coarser_levels(array: Any, axes: Sequence[int], longest: int) -> list[Any]:
    """Every second row and column, and so on until none is longer: views, for what is in memory."""
    levels = []
    while max(array.shape[axis] for axis in axes) > longest:
        every_second = [slice(None)] * len(array.shape)
        for axis in axes:
            every_second[axis] = slice(None, None, 2)
        array = array[tuple(every_second)]
        levels.append(array)
    return levels


def in_chunks(source: Any, spatial_axes: Sequence[int], rgb: bool) -> Any:
    """A dask array of an array: of one in memory, in pieces of single planes."""
    if hasattr(source, "dask"):
        return source
    import dask.array

    chunks = [CHUNK if axis in spatial_axes else 1 for axis in range(len(source.shape))]
    if rgb:
        chunks[-1] = source.shape[-1]
    return dask.array.from_array(source, chunks=tuple(chunks), name=False)
