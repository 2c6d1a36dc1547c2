"""Memory-mapped arrays: finding the map and releasing the pages that were read.

Belongs here: the one call to the system. A file that is mapped and read from end to end counts as
memory of the process until something else wants it; large images must not.
"""

from __future__ import annotations

import mmap
from typing import Any

from numpy.typing import NDArray


def memmap_of(array: NDArray[Any]) -> mmap.mmap | None:
    """Find the memory map that an array is a view of; None for arrays in memory."""
    base: Any = array
    while base is not None and not isinstance(base, mmap.mmap):
        base = getattr(base, "base", None)
    return base


def release(array: NDArray[Any]) -> None:
    """Release the pages read of a memory-mapped file; it stays readable. Nothing for other arrays.

    Where a system has no such call (Windows), it trims mapped pages by itself.
    """
    memmap = memmap_of(array)
    if memmap is not None and hasattr(mmap, "MADV_DONTNEED"):
        memmap.madvise(mmap.MADV_DONTNEED)
