"""What is compiled at this moment, here or by another process, and who is told when that begins.

Belongs here: the count. It imports no numba, so that whoever shows it need not wait for that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

COMPILING = "Compiling the engine, once after installing (about 5 s)"
"""What is said while that is awaited."""


class Compilations:
    """Counts kernels that are being compiled; what is found in the cache is not compiled.

    numba compiles, and asks the other process, under a lock of its own, so one thread counts.
    """

    def __init__(self) -> None:
        self.under_way = 0
        self._watch: Callable[[], None] | None = None

    def begin(self) -> None:
        """Count one that begins."""
        self.under_way += 1
        if self._watch is not None:
            self._watch()

    def end(self) -> None:
        """Count one less."""
        self.under_way -= 1

    @contextmanager
    def watched(self, watch: Callable[[], None]) -> Iterator[None]:
        """Meanwhile call ``watch`` whenever one begins, in the thread that compiles."""
        before, self._watch = self._watch, watch
        try:
            yield
        finally:
            self._watch = before


compilations = Compilations()
