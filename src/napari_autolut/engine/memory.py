"""Memory that kernels write to and read from, made ready for them.

Belongs here: when the system hands over memory, and where it begins.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

LARGE = 2**22
"""Bytes from which memory is new from the system; smaller pieces are used again and again."""

PAGE, CACHE_LINE = 4096, 64


def fresh(shape: tuple[int, ...]) -> NDArray[np.float32]:
    """A float32 array of any content.

    The system clears the memory of a large one when it is first touched. That is done here, in one
    go: done page by page between look-ups, it would throw the tables out of the caches.
    """
    made = np.empty(shape, np.float32)
    if made.nbytes >= LARGE:
        made.reshape(-1)[:: PAGE // made.itemsize] = 0
    return made


def aligned(values: NDArray[Any]) -> NDArray[Any]:
    """A copy that begins with a cache line, so that rows of its length lie in one, not in two."""
    flat = np.empty(values.nbytes + CACHE_LINE, np.uint8)
    first = -flat.ctypes.data % CACHE_LINE
    made = flat[first : first + values.nbytes].view(values.dtype).reshape(values.shape)
    made[...] = values
    return made
