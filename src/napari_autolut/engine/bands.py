"""Threads: the rows of a plane in bands, worked through by the caller and a pool of threads."""

from __future__ import annotations

import itertools
import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache

PIXELS_PER_BAND = 4096
"""Fewer are not worth handing to another thread."""

ROWS_PER_REPEATED = 16
"""A band has so many rows for each one that is done again because another band begins there."""


def in_bands(
    work: Callable[[int, int], None], height: int, width: int, workers: int, repeated: int = 0
) -> None:
    """Run ``work(first row, last row)`` for all rows of a plane, on several threads.

    A band that begins inside the plane does ``repeated`` rows of the one before it again. The
    caller's thread is one of them, so that handing over costs little, and nothing waits for a
    thread that other callers keep busy.
    """
    bands = _count(height, width, workers, repeated)
    if bands == 1:
        work(0, height)
        return
    edges = [height * i // bands for i in range(bands + 1)]
    left = deque(itertools.pairwise(edges))

    def share() -> None:
        while True:
            try:
                first, last = left.popleft()
            except IndexError:
                return
            work(first, last)

    helpers = [_pool(workers - 1, os.getpid()).submit(share) for _ in range(workers - 1)]
    try:
        share()
    finally:
        left.clear()
        for helper in helpers:
            if not helper.cancel():
                helper.result()


def _count(height: int, width: int, workers: int, repeated: int) -> int:
    """Some bands for each thread, so that none waits long for another; as many for each."""
    if workers == 1:
        return 1
    sparing = max(workers, height // max(1, ROWS_PER_REPEATED * repeated))
    bands = max(1, min(4 * workers, height, height * width // PIXELS_PER_BAND, sparing))
    return bands - bands % workers if bands > workers else bands


@cache
def _pool(helpers: int, process: int) -> ThreadPoolExecutor:
    """One pool a process: threads do not survive a fork."""
    return ThreadPoolExecutor(helpers, thread_name_prefix=f"autolut-{process}")
