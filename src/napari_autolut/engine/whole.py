"""Look-ups on whole numbers: the short cut for published tables on 8-bit planes.

Belongs here: what such a node reads, and the kernel's loops. Which nodes can take it is
``whole_plan.py``. The bits are those of ``fast.py`` and of the reference, since every sum is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from napari_autolut.engine.borders import put_with_border, repeat_edges
from napari_autolut.engine.jit import kernel
from napari_autolut.engine.plan import NodePlan
from napari_autolut.engine.planes import Planes, Room
from napari_autolut.engine.simd import LANES, static
from napari_autolut.engine.whole_plan import WholePlan
from napari_autolut.engine.whole_simd import (
    whole_accumulate,
    whole_finish,
    whole_finish_run,
    whole_simplex,
)
from napari_autolut.model.graph import LutModel, Padding

STRIP = 256
"""Columns handled together, so that running sums stay in the first-level cache."""

SPAN = STRIP + 16
"""Room for a strip's blocks and those to its left: whole vectors of them, and known when compiling,
as is then the distance of everything that is read for a pixel."""

ONE = static(1)

TOGETHER = {1: 32, 2: 16, 4: 8}
"""Pixels that are looked up together, by the values that each of them gets: fill a vector."""


class WholeRead:
    """The whole numbers that a node reads of some planes, as bytes with a border."""

    def __init__(self, plan: WholePlan, node: NodePlan, planes: int, size: tuple[int, ...]) -> None:
        self.plan, self.planes, self.size, self._signal = plan, planes, size, node.signals[0]
        # Blocks above a band give pixels in it, and look as far up as all others.
        self.repeated, self.reach = plan.reach, 2 * plan.reach
        self.pitch = size[1] + 2 * plan.reach
        self.offsets = plan.taps @ np.array([self.pitch, 1])
        rows = size[0] + 2 * plan.reach
        # Vectors read up to LANES bytes past a row's end; the slack keeps the last row's inside.
        self.flat = np.zeros(planes * rows * self.pitch + LANES, np.uint8)
        self.apart = rows * self.pitch
        self._bytes = self.flat[:-LANES].reshape(planes, rows, self.pitch)
        self._room: Room | None = None

    @property
    def copied(self) -> set[int]:
        """The node whose plane is to be copied, when it is there."""
        return set() if self._room else {self._signal.node}

    def room(self, node: int, channels: int, workers: int) -> Room | None:
        """Memory for the channels of a node; the one that is read becomes bytes."""
        if self._signal.node == node:
            self._room = Room.new((self.planes, channels, *self.size), workers)
        return self._room

    def follow(self, first: int, last: int) -> None:
        """Make bytes of rows that are in the room now."""
        if self._room is None:
            return
        reach, width = self.plan.reach, self.size[1]
        values = self._room.values[:, self._signal.channel, first:last]
        self._bytes[:, reach + first : reach + last, reach : reach + width] = values
        repeat_edges(self._bytes, reach, width, first, last)

    def complete(self, signals: Sequence[Planes], padding: Padding, workers: int) -> None:
        """Copy the plane with its border, if no node puts it there."""
        if self._room is None:
            values = signals[self._signal.node][:, self._signal.channel]
            for plane, target in zip(values, self._bytes, strict=True):
                put_with_border(plane, target, padding)

    def done(self) -> None:
        """There is nothing that others use."""


class WholeBand:
    """Puts rows of one node's (planes, channels, H * r, W * r) into a room, from a band's first on.

    Sums of rows below, which the rows so far have a part in, are kept for the next ones.
    """

    def __init__(self, read: WholeRead, node: NodePlan, model: LutModel) -> None:
        plan, width, columns = read.plan, read.size[1], node.columns
        strips, line = -(-width // STRIP), (STRIP + 2 * plan.reach) * columns
        self._sums = np.zeros((read.planes, strips, plan.reach + 1, line), np.int16)
        self._read = read.flat, read.apart
        rounds = int(model.rounding == "stage")
        together = TOGETHER.get(columns, 1)
        kinds = columns, 4 * columns, 4, together, node.upscale
        self._others = (
            read.offsets, plan.shares, plan.shifts, plan.depths, plan.starts, plan.values,
            np.float32(node.divisor), np.float32(node.bias), rounds,
            width, read.pitch, plan.reach, *map(static, kinds),
        )  # fmt: skip
        self._above = plan.reach

    def __call__(self, room: Room, first: int, last: int) -> None:
        """Do the next rows."""
        whole_rows(
            *self._read, self._sums, room.flat, room.start, room.apart, room.pitch, room.step,
            self._above, first, last, *self._others,
        )  # fmt: skip
        self._above = 0


@kernel
def _target(shift: Any, row: int, ring: int, line: int, edge: int, count: int) -> Any:
    """Where the sums begin for the pixels that lie ``shift`` from a row's."""
    return (row + shift[0]) % ring * line + (shift[1] + edge) * count


@kernel
def _look_up(
    plane: Any, here: int, taps: Any, start: int, table: Any, rows: Any, weights: Any,
    totals: Any, targets: Any, pixels: int, columns: Any, wide: Any, shares: Any, together: Any,
) -> None:  # fmt: skip
    """Add the rows of ``wide`` values, ``columns`` for each share, that some pixels look up."""
    for x in range(0, pixels, LANES):
        whole_simplex(plane, here + x, taps, rows, weights, x, SPAN, start, wide)
    runs = pixels - pixels % len(together)
    for x in range(0, runs, len(together)):
        whole_accumulate(totals, targets, x * len(columns), table, rows, weights, x, SPAN, columns,
                         shares, together)  # fmt: skip
    for x in range(runs, pixels):
        whole_accumulate(totals, targets, x * len(columns), table, rows, weights, x, SPAN, columns,
                         shares, ONE)  # fmt: skip


@kernel
def whole_rows(
    planes: Any, apart: int, sums: Any, out: Any, start: int, out_apart: int, *others: Any
) -> None:
    """:func:`_whole_rows` of planes whose values lie ``apart``, and those of their results."""
    for n in range(len(sums)):
        _whole_rows(planes[n * apart :], sums[n], out, start + n * out_apart, *others)


@kernel
def _whole_rows(
    plane: Any, sums: Any,
    out: Any, start: int, out_pitch: int, out_plane: int, above: int, first: int, last: int,
    taps: Any, shares: Any, shifts: Any, depths: Any, starts: Any, table: Any,
    divisor: float, bias: float, rounds: int, width: int, pitch: int, reach: int,
    columns: Any, wide: Any, four: Any, together: Any, upscale: Any,
) -> None:  # fmt: skip
    """One node on the rows ``first`` to ``last`` of a plane of bytes with a border of ``reach``.

    Look-ups begin ``above`` rows before. ``sums`` (strips, ring, line) are those of rows to come.
    """
    count, factor, ring, line = len(columns), len(upscale), sums.shape[1], sums.shape[2]
    rows = np.zeros(5 * SPAN, np.uint32)
    weights = np.zeros(5 * SPAN, np.uint32)
    for strip, left in enumerate(range(0, width, STRIP)):
        pixels, totals = min(STRIP, width - left), sums[strip].reshape(-1)
        for y in range(first - above, last):
            for k in range(len(shares)):
                shared = shares[k] == 4
                if y + depths[k] < first:
                    continue
                # Blocks left of the strip serve its first pixels.
                before = reach if shared else 0
                here = (y + reach) * pitch + reach + left - before
                edge = reach - before
                targets = (
                    _target(shifts[k, 0], y + reach, ring, line, edge, count),
                    _target(shifts[k, 1], y + reach, ring, line, edge, count),
                    _target(shifts[k, 2], y + reach, ring, line, edge, count),
                    _target(shifts[k, 3], y + reach, ring, line, edge, count),
                )
                if shared:
                    _look_up(plane, here, taps[k], starts[k], table, rows, weights, totals,
                             targets, pixels + before, columns, wide, four, together)  # fmt: skip
                else:
                    _look_up(plane, here, taps[k], starts[k], table, rows, weights, totals,
                             targets, pixels, columns, columns, ONE, together)  # fmt: skip
            done = (y + reach) % ring * line
            if y >= first:
                runs = pixels - pixels % LANES if count == 1 and factor == 1 else 0
                for x in range(0, runs, LANES):
                    whole_finish_run(totals, done + reach + x, out,
                                     start + y * out_pitch + left + x, divisor, bias,
                                     rounds)  # fmt: skip
                for x in range(runs, pixels):
                    whole_finish(totals, done + (reach + x) * count, out,
                                 start + (y * out_pitch + left + x) * factor, out_pitch,
                                 out_plane, divisor, bias, rounds, columns, upscale)  # fmt: skip
            totals[done : done + line] = 0
