"""Memory that kernels write to and read from, made ready for them.

Belongs here: when the system hands over memory, and where it begins.
"""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.engine.bands import in_bands

LARGE = 2**22
"""Bytes from which memory is new from the system; smaller pieces are used again and again."""

PAGE, CACHE_LINE = 4096, 64


def fresh(shape: tuple[int, ...], workers: int = 1) -> NDArray[np.float32]:
    """A float32 array of any content.

    The system clears the memory of a large one when it is first touched. That is done here, in one
    go on several threads: done page by page between look-ups, it would throw the tables out of the
    caches.
    """
    made = np.empty(shape, np.float32)
    if made.nbytes >= LARGE:
        values = PAGE // made.itemsize
        touched = made.reshape(-1)[::values]

        def touch(first: int, last: int) -> None:
            touched[first:last] = 0

        in_bands(touch, len(touched), values, workers)
    return made


class Shelf:
    """Memory that calls have used and others may use again, up to ``most`` bytes of it.

    Without a lock, which a fork could leave locked: taking from a deque, and putting there, is done
    in one go.
    """

    def __init__(self, most: int) -> None:
        self._most, self._free = most, deque[NDArray[np.float32]]()

    def take(self, values: int, workers: int = 1) -> NDArray[np.float32]:
        """(values or some more,) float32 of any content, which nobody else has."""
        for _ in range(len(self._free)):
            with suppress(IndexError):  # another thread was quicker
                memory = self._free.popleft()
                if values <= memory.size <= 2 * values:
                    return memory
                self._free.append(memory)
        return fresh((values,), workers)

    def give_back(self, memory: NDArray[np.float32]) -> None:
        """Keep memory for others; nobody may look at it any more. The oldest has to go first."""
        self._free.append(memory)
        while sum(kept.nbytes for kept in tuple(self._free)) > self._most:
            with suppress(IndexError):
                self._free.popleft()


def aligned(values: NDArray[Any]) -> NDArray[Any]:
    """A copy that begins with a cache line, so that rows of its length lie in one, not in two."""
    flat = np.empty(values.nbytes + CACHE_LINE, np.uint8)
    first = -flat.ctypes.data % CACHE_LINE
    made = flat[first : first + values.nbytes].view(values.dtype).reshape(values.shape)
    made[...] = values
    return made
