"""Threads: the rows of a plane in bands, on one pool of threads for the whole process."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache

PIXELS_PER_BAND = 4096
"""Fewer are not worth handing to another thread."""


def in_bands(work: Callable[[int, int], None], height: int, width: int, workers: int) -> None:
    """Run ``work(first row, last row)`` for all rows of a plane, on several threads."""
    most = min(4 * workers, height * width // PIXELS_PER_BAND) if workers > 1 else 1
    bands = max(1, min(height, most))
    edges = [height * i // bands for i in range(bands + 1)]
    if bands == 1:
        work(0, height)
    else:
        list(_pool(workers, os.getpid()).map(work, edges[:-1], edges[1:]))


@cache
def _pool(workers: int, process: int) -> ThreadPoolExecutor:
    """One pool a process: threads do not survive a fork."""
    return ThreadPoolExecutor(workers, thread_name_prefix=f"autolut-{process}")
