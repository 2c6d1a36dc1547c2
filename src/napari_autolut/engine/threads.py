"""How many threads engines may take, and how large tiles are.

Belongs here: the limits of this process, and who has the last word on them. They cost or save time
and memory; no result depends on them. Where users set them is ``preferences.py``; how work is
shared out to threads is ``fast.py``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

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
