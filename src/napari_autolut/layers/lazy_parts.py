"""Parts of a lazy result that were looked at: computed in a thread, and kept for a while.

Belongs here: which chunks are computed next, and which are forgotten. What is seen before they are
there is ``lazy_result.py``.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable
from threading import Lock, Thread
from typing import Any

from dask.base import compute
from numpy.typing import NDArray

from napari_autolut.engine.threads import thread_count

MAX_BYTES = 2**28
"""How much of one result is kept; more is not computed for a single view either."""

Number = tuple[int, ...]
"""Which chunk, counted along each axis."""

logger = logging.getLogger(__name__)


class LazyParts:
    """The chunks of a dask array as they are asked for; only what was asked for last is computed.

    ``changed`` is called in another thread whenever chunks have come.

    Parameters
    ----------
    result : dask.array.Array
        Whose chunks they are.
    """

    def __init__(self, result: Any) -> None:
        self.changed: Callable[[], None] | None = None
        self._result = result
        self._kept: OrderedDict[Number, NDArray[Any]] = OrderedDict()
        self._wanted: list[Number] = []
        self._running = self._failed = False
        self._lock = Lock()

    def ask(self, numbers: Iterable[Number]) -> dict[Number, NDArray[Any]] | None:
        """Give those chunks that are there, and compute the others in place of earlier wishes.

        Returns
        -------
        dict
            By number; None where computing has failed.
        """
        with self._lock:
            if self._failed:
                return None
            found, self._wanted = {}, []
            for number in numbers:
                if number in self._kept:
                    self._kept.move_to_end(number)
                    found[number] = self._kept[number]
                else:
                    self._wanted.append(number)
            if self._wanted and not self._running:
                self._running = True
                Thread(target=self._work, name="lazy result", daemon=True).start()
        return found

    @property
    def running(self) -> bool:
        """Whether something is being computed."""
        return self._running

    def _work(self) -> None:
        while batch := self._next():
            chunks = [self._result.blocks[number] for number in batch]
            try:
                # Callbacks of napari's cache would be shared with its own thread, and must not be.
                computed = compute(*chunks, callbacks=())
            except Exception:
                logger.debug("a lazy result failed", exc_info=True)
                self._failed = True
            else:
                self._keep(dict(zip(batch, computed, strict=True)))
            if self.changed is not None:
                self.changed()

    def _next(self) -> list[Number]:
        """What is computed now, one chunk for each thread but the window's; nothing ends it."""
        with self._lock:
            batch = [] if self._failed else self._wanted[: max(1, thread_count() - 1)]
            self._running = bool(batch)
            return batch

    def _keep(self, computed: dict[Number, NDArray[Any]]) -> None:
        with self._lock:
            self._kept.update(computed)
            self._wanted = [number for number in self._wanted if number not in computed]
            size = sum(part.nbytes for part in self._kept.values())
            while size > MAX_BYTES:
                size -= self._kept.popitem(last=False)[1].nbytes
