"""Memory that kernels write to and read from.

Belongs here: where it begins, and that a thread uses it again. The system clears new memory page by
page when it is first touched; between look-ups that would throw the tables out of the caches.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import local
from typing import Any

import numpy as np
from numpy.typing import NDArray

CACHE_LINE = 64

KEPT = 2**27
"""Bytes that each thread keeps for its next call: a frame, a tile, the view of a lens."""


_kept = local()
"""What a thread has used and may use again."""


@contextmanager
def lent(count: int) -> Iterator[NDArray[np.float32]]:
    """``count`` float32 values or more, of any content, until the end of the context."""
    free: list[NDArray[np.float32]] = vars(_kept).setdefault("free", [])
    number = next((i for i, old in enumerate(free) if count <= old.size <= 2 * count), None)
    memory = aligned_empty(count, np.float32) if number is None else free.pop(number)
    try:
        yield memory
    finally:
        free.append(memory)
        while sum(old.nbytes for old in free) > KEPT:
            del free[0]


def aligned_empty(count: int, dtype: Any) -> NDArray[Any]:
    """``count`` values of any content that begin with a cache line."""
    size = np.dtype(dtype).itemsize
    flat = np.empty(count * size + CACHE_LINE, np.uint8)
    first = -flat.ctypes.data % CACHE_LINE
    return flat[first : first + count * size].view(dtype)


def aligned(values: NDArray[Any]) -> NDArray[Any]:
    """A copy that begins with a cache line, so that rows of its length lie in one, not in two."""
    made = aligned_empty(values.size, values.dtype).reshape(values.shape)
    made[...] = values
    return made
