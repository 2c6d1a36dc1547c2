"""Memory that begins with a cache line, so that rows of its length lie in one, not in two.

Belongs here: where memory begins. That a thread uses it again is ``planes.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

CACHE_LINE = 64


def aligned_empty(count: int, dtype: Any) -> NDArray[Any]:
    """``count`` values of any content that begin with a cache line."""
    size = np.dtype(dtype).itemsize
    flat = np.empty(count * size + CACHE_LINE, np.uint8)
    first = -flat.ctypes.data % CACHE_LINE
    return flat[first : first + count * size].view(dtype)


def aligned(values: NDArray[Any]) -> NDArray[Any]:
    """A copy that begins with a cache line."""
    made = aligned_empty(values.size, values.dtype).reshape(values.shape)
    made[...] = values
    return made
