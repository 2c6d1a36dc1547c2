"""Threads of engines: how many there are, how they share rows, and the memory that each keeps.

Belongs here: the limits of this process, and who has the last word on them; what costs or saves
time and memory, and is seen in no result. Where users set the limits is ``preferences.py``; what is
computed on threads is ``fast.py``. Nothing here needs numba.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from operator import attrgetter
from threading import local
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.model import SQUARE_SIDE
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


# --- sharing work ---------------------------------------------------------------------------------

PIXELS_PER_BAND = 4096
"""Fewer are not worth handing to another thread."""

BANDS_PER_WORKER = 4
"""So many that no thread waits long for another one at the end."""

Band = tuple[int, int]
"""Rows, from the first to before the last."""


@contextmanager
def shared_bands(
    work: Callable[[int, int], None], height: int, width: int, workers: int
) -> Iterator[Iterator[Band]]:
    """Bands of all rows, ``width`` pixels each, while other threads do ``work`` on some of them.

    The caller takes bands, too, so that nothing waits for threads that others keep busy. It does so
    in a loop of its own: an image enters no file twice on its way. At the end of the context all
    are done. An error of one thread stops all.

    Raises
    ------
    MemoryError
        If the system has no room for a thread.
    """
    max_bands = BANDS_PER_WORKER * workers if workers > 1 else 1
    pairs = -(-height // SQUARE_SIDE)
    count = max(1, min(max_bands, pairs, height * width // PIXELS_PER_BAND))
    no_more = [None] * workers
    ends = (min(height, pairs * i // count * SQUARE_SIDE) for i in range(count + 1))
    bands = deque([*pairwise(ends), *no_more])

    def help_out() -> None:
        try:
            for band in iter(bands.popleft, None):
                work(*band)
        except BaseException:
            bands.extendleft(no_more)
            raise

    others: list[Future[None]] = []
    try:
        for _ in range(min(workers, count) - 1):
            others.append(_in_pool(help_out, workers))
        yield iter(bands.popleft, None)
    except BaseException:
        bands.extendleft(no_more)
        raise
    finally:
        begun = [each for each in others if not each.cancel()]
        errors = [error for each in begun if (error := each.exception())]
    if errors:
        raise errors[0]


def _in_pool(work: Callable[[], None], workers: int) -> Future[None]:
    """Have another thread do some work, too."""
    try:
        return kept_pool(workers - 1).submit(work)
    except RuntimeError as error:  # what Python calls a thread that cannot be started
        raise MemoryError(str(error)) from error


def kept_pool(workers: int) -> ThreadPoolExecutor:
    """Threads for work that comes again: each has the memory of its last work yet."""
    return _pool(workers, os.getpid())


@cache
def _pool(workers: int, process: int) -> ThreadPoolExecutor:
    """One pool a process, since threads do not survive a fork."""
    return ThreadPoolExecutor(workers, f"autolut-{process}")


# --- memory ---------------------------------------------------------------------------------------

CACHE_LINE = 64

KEPT = 2**27
"""Bytes that each thread keeps for its next call: a frame, a tile, the view of a lens."""


class _Kept(local):
    """Memory that a thread has used and may use again.

    The system clears new memory page by page when it is first touched; between look-ups that would
    throw the tables out of the caches.
    """

    def __init__(self) -> None:
        self.free: list[NDArray[np.float32]] = []


_kept = _Kept()


@contextmanager
def lent(count: int) -> Iterator[NDArray[np.float32]]:
    """``count`` float32 values or more, of any content, until the end of the context."""
    free = _kept.free
    for number, old in enumerate(free):
        if count <= old.size <= 2 * count:
            memory = free.pop(number)
            break
    else:
        memory = aligned_empty(count, np.float32)
    try:
        yield memory
    finally:
        free.append(memory)
        while sum(map(attrgetter("nbytes"), free)) > KEPT:
            del free[0]


def aligned_empty(count: int, dtype: Any) -> NDArray[Any]:
    """``count`` values of any content, the first of which begins a cache line, as rows then do."""
    size = np.dtype(dtype).itemsize
    flat = np.empty(count * size + CACHE_LINE, np.uint8)
    first = -flat.ctypes.data % CACHE_LINE
    return flat[first : first + count * size].view(dtype)
