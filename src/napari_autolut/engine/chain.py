"""Nodes that wait to be run together, without a moment between them in which all threads wait.

Belongs here: which nodes can be run so. How their bands are shared out is ``bands.py``.
"""

from __future__ import annotations

from napari_autolut.engine.bands import Pass, Work, in_passes
from napari_autolut.engine.planes import Reader


class Chain:
    """Nodes in their order, each of which reads what the one before it puts into its room."""

    def __init__(self, planes: int, workers: int) -> None:
        self._planes, self._workers = planes, workers
        self._passes: list[Pass] = []
        self._nodes: set[int] = set()
        self._size: tuple[int, ...] = ()

    def make_way(self, read: Reader) -> None:
        """Run what waits if a node needs it finished: to copy it, or to read larger planes."""
        if self._size != read.size or self._nodes & read.copied:
            self.run()
        self._size = read.size

    def add(self, node: int, read: Reader, work: Work, following: Reader | None) -> None:
        """Let a node wait; the one that follows, if it has made room, gets its rows at once."""

        def band(first: int, last: int) -> None:
            work(first, last)
            if following is not None:
                following.follow(first, last)

        self._passes.append(Pass(band, read.reach, read.repeated))
        self._nodes.add(node)

    def run(self) -> None:
        """Run all that wait."""
        if self._passes:
            height, width = self._size
            in_passes(self._passes, height, width, self._workers, self._planes)
        self._passes, self._nodes = [], set()
