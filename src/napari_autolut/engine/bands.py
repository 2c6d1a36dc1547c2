"""Threads: the rows of planes in bands, worked through by the caller and a pool of threads.

Belongs here: how rows are shared out, and when all are done. How many threads there are is
``threads.py``; what is done with rows is ``fast.py``.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from itertools import pairwise

PIXELS_PER_BAND = 4096
"""Fewer are not worth handing to another thread."""

BANDS_PER_WORKER = 4
"""So many that no thread waits long for another one at the end."""

Work = Callable[[int, int], None]


def in_bands(work: Work, height: int, width: int, workers: int) -> None:
    """Run ``work(first row, last row)`` for all rows, ``width`` pixels each, on several threads.

    The caller's thread is one of them, so that nothing waits for threads that others keep busy. An
    error of one thread stops all.

    Raises
    ------
    MemoryError
        If the system has no room for a thread.
    """
    most = BANDS_PER_WORKER * workers if workers > 1 else 1
    count = max(1, min(most, height, height * width // PIXELS_PER_BAND))
    bands = deque(pairwise(height * i // count for i in range(count + 1)))

    def share() -> None:
        while True:
            try:
                band = bands.popleft()
            except IndexError:
                return
            try:
                work(*band)
            except BaseException:
                bands.clear()
                raise

    helpers: list[Future[None]] = []
    try:
        for _ in range(min(workers, count) - 1):
            helpers.append(_helper(share, workers))
        share()
    except MemoryError:
        bands.clear()
        raise
    finally:
        begun = [helper for helper in helpers if not helper.cancel()]
        errors = [error for helper in begun if (error := helper.exception())]
    if errors:
        raise errors[0]


def _helper(share: Callable[[], None], workers: int) -> Future[None]:
    """Have another thread take its share."""
    try:
        return _pool(workers - 1, os.getpid()).submit(share)
    except RuntimeError as error:  # what Python calls a thread that cannot be started
        raise MemoryError(str(error)) from error


@cache
def _pool(workers: int, process: int) -> ThreadPoolExecutor:
    """One pool a process, since threads do not survive a fork."""
    return ThreadPoolExecutor(workers, f"autolut-{process}")
