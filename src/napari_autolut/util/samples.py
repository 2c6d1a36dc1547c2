"""Which parts of an image are looked at, where all of it would be too much.

Belongs here: numbers and spans. What is read there is ``arrays/sampling.py`` and ``noise``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray


def spread(count: int, max_count: int) -> NDArray[np.int64]:
    """Numbers from 0 to ``count - 1``, evenly spread, the first and the last among them."""
    return np.unique(np.linspace(0, count - 1, min(count, max_count)).astype(np.int64))


def spans(length: int, side: int, count: int = 2) -> list[slice]:
    """All of an axis, or pieces of a long one: around the middles of ``count`` parts of it."""
    if length <= count * side:
        return [slice(0, length)]
    middles = (length * (2 * part + 1) // (2 * count) for part in range(count))
    return [slice(at - side // 2, at - side // 2 + side) for at in middles]


def middle(length: int, max_length: int) -> slice:
    """The middle of a long axis, or all of it."""
    start = max(0, length - max_length) // 2
    return slice(start, min(length, start + max_length))


def small_parts(array: Any, max_size: int) -> Iterator[Any]:
    """Views of all of an array, each of no more pixels than may be looked at together."""
    if array.size <= max_size or not array.ndim:
        yield array
        return
    step = max(1, max_size * len(array) // array.size)
    for start in range(0, len(array), step):
        part = array[start : start + step] if step > 1 else array[start]
        yield from small_parts(part, max_size)
