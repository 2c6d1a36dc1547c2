"""Planes that nodes read and write: with a border, side by side in one piece of memory.

Belongs here: where a node puts its channels. Where the next node reads all of them, they are put
into its memory at once; copied, they would pass through the processor's caches once more, on one
thread.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from napari_autolut.engine.borders import put_with_border, repeat_edges
from napari_autolut.engine.memory import Shelf, fresh
from napari_autolut.engine.plan import NodePlan
from napari_autolut.model import Padding, Signal

Planes = NDArray[np.float32]

SHELF = Shelf(2**26)
"""What nodes read is used again by the next call: a frame, a tile, the view of a lens."""


@dataclass(frozen=True, eq=False)
class Room:
    """Where (channels, H, W) values are to be put.

    ``values`` is that part of ``flat``, from ``start`` on, with rows ``pitch`` and channels
    ``plane`` apart.
    """

    flat: NDArray[np.float32]
    start: int
    pitch: int
    plane: int
    values: Planes

    @classmethod
    def new(cls, channels: int, size: tuple[int, ...], workers: int) -> Room:
        """Memory of its own."""
        height, width = size
        values = fresh((channels, height, width), workers)
        return cls(values.reshape(-1), 0, width, height * width, values)

    @classmethod
    @contextmanager
    def lent(cls, channels: int, first: int, last: int, width: int) -> Iterator[Room]:
        """Memory for some rows of planes, which others get afterwards."""
        rows = last - first
        memory = SHELF.take(channels * rows * width)
        values = memory[: channels * rows * width].reshape(channels, rows, width)
        try:
            yield cls(memory, -first * width, width, rows * width, values)
        finally:
            SHELF.give_back(memory)


class Reader(Protocol):
    """What a node reads: made ready in part by the node before it, band by band.

    ``size`` are rows and columns; ``reach`` and ``repeated`` are those of a pass, see ``bands.py``.
    """

    size: tuple[int, ...]
    reach: int
    repeated: int

    @property
    def copied(self) -> set[int]:
        """Nodes whose planes are to be copied, when they are there."""
        ...

    def room(self, node: int, channels: int, workers: int) -> Room | None:
        """Where the node before puts its channels so that they are read there; None: anywhere."""
        ...

    def follow(self, first: int, last: int) -> None:
        """Make rows readable that are in the room now."""
        ...

    def complete(self, signals: Sequence[Planes], padding: Padding, workers: int) -> None:
        """Copy what no node puts there, with its border."""
        ...

    def done(self) -> None:
        """Leave the memory to others; planes and rooms in it must not be looked at any more."""
        ...


class Read:
    """The planes (P, H, W) that a node reads, with a border around each of them.

    Rows are followed by room for ``slack`` values: whole vectors are read at their ends.
    """

    repeated = 0

    def __init__(self, plan: NodePlan, size: tuple[int, ...], lanes: int, slack: int) -> None:
        self.size, self._signals, self.reach = size, plan.signals, plan.border
        self.pitch = -(-size[1] // lanes) * lanes + 2 * plan.border
        self._shape = len(plan.signals), size[0] + 2 * plan.border, self.pitch
        self._slack = slack
        self._there = range(0)
        self._memory: NDArray[np.float32] | None = None

    @property
    def copied(self) -> set[int]:
        """Nodes whose planes are to be copied, when they are there."""
        return {s.node for number, s in enumerate(self._signals) if number not in self._there}

    def flat(self, workers: int = 1) -> NDArray[np.float32]:
        """All planes in a row; memory is taken for them at the first call."""
        if self._memory is None:
            values = math.prod(self._shape)
            self._memory = SHELF.take(values + self._slack, workers)
            self._memory[values : values + self._slack] = 0
            self._memory[:values].reshape(self._shape)[..., self.size[1] + 2 * self.reach :] = 0
        return self._memory

    def done(self) -> None:
        """Leave the memory to others; planes and rooms in it must not be looked at any more."""
        if self._memory is not None:
            SHELF.give_back(self._memory)
            self._memory = None

    def room(self, node: int, channels: int, workers: int) -> Room | None:
        """Where all channels of a node are read, if that is one behind the other."""
        wanted = tuple(Signal(node, channel) for channel in range(channels))
        first = self._signals.index(wanted[0]) if wanted[0] in self._signals else 0
        if self._signals[first : first + channels] != wanted:
            return None
        self._there = range(first, first + channels)
        flat, border, (height, width) = self.flat(workers), self.reach, self.size
        plane = self._shape[1] * self.pitch
        start = first * plane + border * (self.pitch + 1)
        inside = self._planes(flat)[first : first + channels, border:, border:]
        return Room(flat, start, self.pitch, plane, inside[:, :height, :width])

    def follow(self, first: int, last: int) -> None:
        """Put the edges of rows on that are in the room now."""
        there = self._planes(self.flat())[self._there.start : self._there.stop]
        repeat_edges(there, self.reach, self.size[1], first, last)

    def complete(self, signals: Sequence[Planes], padding: Padding, workers: int) -> None:
        """Copy what no node puts there, with its border."""
        planes = self._planes(self.flat(workers))
        for number, (plane, signal) in enumerate(zip(planes, self._signals, strict=True)):
            if number not in self._there:
                put_with_border(signals[signal.node][signal.channel], plane, padding)

    def _planes(self, flat: NDArray[np.float32]) -> Planes:
        return flat[: math.prod(self._shape)].reshape(self._shape)
