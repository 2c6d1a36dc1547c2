"""Planes that nodes read and write: with a border, side by side in one piece of memory.

Several planes of one size may be run together (the colours of a tile): each node has its channels
of all of them. Belongs here: where a node puts its channels. Where the next node reads all of them,
they are put into its memory at once; copied, they would pass through the processor's caches once
more, on one thread.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from napari_autolut.engine.borders import put_with_border, repeat_edges
from napari_autolut.engine.memory import Shelf, fresh
from napari_autolut.engine.plan import NodePlan
from napari_autolut.model.graph import Padding, Signal

Planes = NDArray[np.float32]

SHELF = Shelf(2**27)
"""What nodes read is used again by the next call: a frame, a tile, the view of a lens."""


@dataclass(frozen=True, eq=False)
class Room:
    """Where (planes, channels, H, W) values are to be put.

    ``values`` is that part of ``flat``, from ``start`` on, with rows ``pitch``, channels ``step``
    and planes ``apart`` values from one another.
    """

    flat: NDArray[np.float32]
    start: int
    pitch: int
    step: int
    apart: int
    values: Planes

    @classmethod
    def new(cls, shape: tuple[int, ...], workers: int) -> Room:
        """Memory of its own for (planes, channels, H, W) values."""
        _, channels, height, width = shape
        values, step = fresh(shape, workers), height * width
        return cls(values.reshape(-1), 0, width, step, channels * step, values)

    @classmethod
    @contextmanager
    def lent(cls, shape: tuple[int, int, int]) -> Iterator[Room]:
        """Memory for the only channel of (planes, H, W), which others get afterwards."""
        planes, height, width = shape
        step = height * width
        memory = SHELF.take(planes * step)
        values = memory[: planes * step].reshape(planes, 1, height, width)
        try:
            yield cls(memory, 0, width, step, step, values)
        finally:
            SHELF.give_back(memory)

    def below(self, row: int) -> Room:
        """The same memory, for rows from ``row`` on."""
        start = self.start - row * self.pitch
        return Room(self.flat, start, self.pitch, self.step, self.apart, self.values)


class Reader(Protocol):
    """What a node reads: made ready in part by the node before it, band by band.

    ``size`` are rows and columns; ``apart`` is from where one plane's values begin in ``flat`` to
    where those of the next do; ``reach`` and ``repeated`` are those of a pass, see ``bands.py``.
    """

    size: tuple[int, ...]
    apart: int
    reach: int
    repeated: int

    @property
    def copied(self) -> set[int]:
        """Nodes whose planes are to be copied, when they are there."""
        ...

    @property
    def flat(self) -> NDArray[Any]:
        """What is read of all planes, in a row."""
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
    """The signals that a node reads of some planes, with a border around each of them.

    They are (planes, signals, H, W). Rows are followed by room for ``slack`` values: whole vectors
    are read at their ends.
    """

    repeated = 0

    def __init__(
        self, plan: NodePlan, planes: int, size: tuple[int, ...], lanes: int, slack: int
    ) -> None:
        self.size, self._signals, self.reach = size, plan.signals, plan.border
        self.pitch = -(-size[1] // lanes) * lanes + 2 * plan.border
        self._shape = planes, len(plan.signals), size[0] + 2 * plan.border, self.pitch
        self.apart = math.prod(self._shape[1:])
        self._slack = slack
        self._there = range(0)
        self._memory: NDArray[np.float32] | None = None

    @property
    def copied(self) -> set[int]:
        """Nodes whose planes are to be copied, when they are there."""
        return {s.node for number, s in enumerate(self._signals) if number not in self._there}

    @property
    def flat(self) -> NDArray[np.float32]:
        """What is read of all planes, in a row."""
        return self._values()

    def _values(self, workers: int = 1) -> NDArray[np.float32]:
        """Memory for everything, which is taken at the first call."""
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
        begin = self._signals.index(wanted[0]) if wanted[0] in self._signals else 0
        if self._signals[begin : begin + channels] != wanted:
            return None
        self._there = range(begin, begin + channels)
        border, (height, width) = self.reach, self.size
        _, _, rows, pitch = self._shape
        step = rows * pitch
        start = begin * step + border * (pitch + 1)
        inside = self._bordered(workers)[:, begin : begin + channels, border:, border:]
        inside = inside[..., :height, :width]
        return Room(self.flat, start, pitch, step, self.apart, inside)

    def follow(self, first: int, last: int) -> None:
        """Put the edges of rows on that are in the room now."""
        for of_plane in self._bordered():
            there = of_plane[self._there.start : self._there.stop]
            repeat_edges(there, self.reach, self.size[1], first, last)

    def complete(self, signals: Sequence[Planes], padding: Padding, workers: int) -> None:
        """Copy what no node puts there, with its border."""
        bordered = self._bordered(workers)
        for number, signal in enumerate(self._signals):
            if number not in self._there:
                values = signals[signal.node][:, signal.channel]
                for plane, target in zip(values, bordered[:, number], strict=True):
                    put_with_border(plane, target, padding)

    def _bordered(self, workers: int = 1) -> Planes:
        return self._values(workers)[: math.prod(self._shape)].reshape(self._shape)
