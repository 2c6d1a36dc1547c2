"""Threads: how many the engines may take, and how rows of planes are shared out to them.

Belongs here: the limits of this process, who has the last word on them, and rows in bands, worked
through by the caller and a pool of threads. They cost or save time and memory; no result depends on
them. Where users set limits is ``preferences.py``; what is done with rows is ``fast.py``.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from napari_autolut.util.boxes import TILE_SIZE

THREADS_VARIABLE = "NAPARI_AUTOLUT_THREADS"

MAX_THREADS = 1024
"""More than any machine has: a number beyond is a slip, and would cost its memory in stacks."""


@dataclass(frozen=True)
class Limits:
    """What holds where a caller asks for nothing else.

    Parameters
    ----------
    threads : int, optional
        Number of threads for one plane; by default as many as the process may use.
    tile_size : int, default TILE_SIZE
        Side of a tile in input pixels.
    """

    threads: int | None = None
    tile_size: int = TILE_SIZE


_limits = Limits()


def limits() -> Limits:
    """Give the limits of this process."""
    return _limits


def set_limits(new: Limits) -> None:
    """Set the limits for all work of this process that begins from now on."""
    global _limits
    _limits = new


def thread_count() -> int:
    """``NAPARI_AUTOLUT_THREADS``, else the limit, else as many as the process may use.

    Raises
    ------
    ValueError
        If the variable is not an integer from 1 to 1024.
    """
    wanted = os.environ.get(THREADS_VARIABLE, "")
    if wanted:
        # No more digits than that are made a number: Python refuses thousands of them.
        if not (wanted.isdecimal() and len(wanted) < 10 and 1 <= int(wanted) <= MAX_THREADS):
            raise ValueError(
                f"{THREADS_VARIABLE}: found {wanted[:20]!r}, expected a number from 1 to "
                f"{MAX_THREADS}"
            )
        return int(wanted)
    if _limits.threads is not None:
        return _limits.threads
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


# --- bands ----------------------------------------------------------------------------------------

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
    max_bands = BANDS_PER_WORKER * workers if workers > 1 else 1
    count = max(1, min(max_bands, height, height * width // PIXELS_PER_BAND))
    bands = deque(pairwise(height * i // count for i in range(count + 1)))

    def take_bands() -> None:
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

    others: list[Future[None]] = []
    try:
        for _ in range(min(workers, count) - 1):
            others.append(_in_pool(take_bands, workers))
        take_bands()
    except MemoryError:
        bands.clear()
        raise
    finally:
        begun = [each for each in others if not each.cancel()]
        errors = [error for each in begun if (error := each.exception())]
    if errors:
        raise errors[0]


def _in_pool(work: Callable[[], None], workers: int) -> Future[None]:
    """Have another thread do some work, too."""
    try:
        return _pool(workers - 1, os.getpid()).submit(work)
    except RuntimeError as error:  # what Python calls a thread that cannot be started
        raise MemoryError(str(error)) from error


@cache
def _pool(workers: int, process: int) -> ThreadPoolExecutor:
    """One pool a process, since threads do not survive a fork."""
    return ThreadPoolExecutor(workers, f"autolut-{process}")
