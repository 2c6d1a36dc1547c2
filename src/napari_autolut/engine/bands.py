"""Threads: the rows of planes in bands, worked through by the caller and a pool of threads."""

from __future__ import annotations

import itertools
import os
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Sequence
from functools import cache
from queue import SimpleQueue
from threading import Condition, Lock, Thread
from typing import NamedTuple

PIXELS_PER_BAND = 4096
"""Fewer are not worth handing to another thread."""

ROWS_PER_REPEATED = 32
"""A band has so many rows for each one that is done again because another band begins there."""

Work = Callable[[int, int], None]


class Pass(NamedTuple):
    """Work on all rows of planes of one size, a band at a time.

    Parameters
    ----------
    work : what is done, of the first row and the one after the last
    reach : rows above and below a band that it reads of what the pass before it made
    repeated : rows above a band that are done again because it begins there
    """

    work: Work
    reach: int = 0
    repeated: int = 0


def in_bands(work: Work, height: int, width: int, workers: int) -> None:
    """Run ``work(first row, last row)`` for all rows of a plane, on several threads."""
    in_passes([Pass(work)], height, width, workers)


def in_passes(
    passes: Sequence[Pass], height: int, width: int, workers: int, planes: int = 1
) -> None:
    """Run passes one after the other, each on all rows, on several threads.

    A row may be that of several ``planes``, each ``width`` pixels wide, worked on one by one.
    A band begins as soon as the bands of the pass before that it reads are done: no thread waits
    for all others between two passes. The caller's thread is one of them, so that handing over
    costs little, and nothing waits for a thread that other callers keep busy.
    """
    repeated = max((each.repeated for each in passes), default=0)
    bands = _count(height, width, planes, workers, repeated)
    if bands == 1:
        for each in passes:
            each.work(0, height)
        return
    shared = _Bands(passes, [height * i // bands for i in range(bands + 1)])
    offers = [_Offer(shared.share) for _ in range(workers - 1)]
    for offer in offers:
        _helpers(workers - 1, os.getpid()).put(offer)
    try:
        shared.share()
    finally:
        errors = [error for offer in offers if (error := offer.settled())]
    if errors:
        raise errors[0]


class _Bands:
    """Bands of passes that are left, in the order in which they are begun, and which are done.

    Flags of bands are set before anybody is told, and looked at again by who is going to wait: a
    lock is needed only where somebody does.
    """

    def __init__(self, passes: Sequence[Pass], edges: Sequence[int]) -> None:
        self._passes, self._edges = passes, edges
        bands = len(edges) - 1
        self._left = deque(itertools.product(range(len(passes)), range(bands)))
        self._done = [[False] * bands for _ in passes]
        self._news, self._waiting, self._stopped = Condition(), 0, False

    def share(self) -> None:
        """Work on bands until none is left; an error of one thread stops all."""
        try:
            while True:
                try:
                    number, band = self._left.popleft()
                except IndexError:
                    return
                each = self._passes[number]
                first, last = self._edges[band : band + 2]
                if number and not self._ready(number - 1, first - each.reach, last + each.reach):
                    return
                each.work(first, last)
                self._done[number][band] = True
                if self._waiting:
                    self._tell()
        except BaseException:
            self._stop()
            raise

    def _stop(self) -> None:
        """Begin no more bands, and let nobody wait for one."""
        self._left.clear()
        self._stopped = True
        if self._waiting:
            self._tell()

    def _ready(self, number: int, first: int, last: int) -> bool:
        """Wait until a pass has done some rows; False if they will never be."""
        begin = max(0, bisect_right(self._edges, first) - 1)
        end = bisect_left(self._edges, last)
        done = self._done[number]
        if all(done[begin:end]):
            return True
        with self._news:
            self._waiting += 1
            self._news.wait_for(lambda: self._stopped or all(done[begin:end]))
            self._waiting -= 1
        return not self._stopped

    def _tell(self) -> None:
        with self._news:
            self._news.notify_all()


def _count(height: int, width: int, planes: int, workers: int, repeated: int) -> int:
    """Some bands for each thread, so that none waits long for another; as many for each.

    One for each where only all planes together have enough pixels: there is work for each plane
    of a band, and it should not be little.
    """
    if workers == 1:
        return 1
    sparing = max(workers, height // max(1, ROWS_PER_REPEATED * repeated))
    of_plane, of_all = (n * height * width // PIXELS_PER_BAND for n in (1, planes))
    enough = max(of_plane, min(of_all, workers))
    bands = max(1, min(4 * workers, height, enough, sparing))
    return bands - bands % workers if bands > workers else bands


class _Offer:
    """Work that a helper may take, if it comes in time.

    In place of the library's futures and executors, which take as long as a small band.
    """

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._taken, self._ended = Lock(), Lock()
        self._ended.acquire()
        self._error: BaseException | None = None

    def take(self) -> None:
        """Do it, unless it has been settled already."""
        if not self._taken.acquire(blocking=False):
            return
        try:
            self._work()
        except BaseException as error:  # noqa: BLE001  (its caller raises it)
            self._error = error
        finally:
            self._ended.release()

    def settled(self) -> BaseException | None:
        """Withdraw it or, if it has been taken, wait for its end; the error that it ended with."""
        if not self._taken.acquire(blocking=False):
            self._ended.acquire()
        return self._error


@cache
def _helpers(count: int, process: int) -> SimpleQueue[_Offer]:
    """Threads that take what is put into a queue; of this process, since none survives a fork."""
    queue: SimpleQueue[_Offer] = SimpleQueue()
    for number in range(count):
        name = f"autolut-{process}-{number}"
        Thread(target=_help, args=(queue,), name=name, daemon=True).start()
    return queue


def _help(queue: SimpleQueue[_Offer]) -> None:
    while True:
        queue.get().take()
