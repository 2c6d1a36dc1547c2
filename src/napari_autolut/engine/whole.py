"""Look-ups on whole numbers: the short cut for published tables on 8-bit planes.

Belongs here: which nodes can take it, their layout, and the kernel's loops. The bits are those of
``fast.py`` and of the reference, since every sum is exact.

A node can take it when its inputs are bytes, its windows fixed taps and its tables int8 with 17
nodes. Two things make it quick: sums of 16-bit numbers; and where a pattern's four taps are a
square, its four rotations look the same four pixels up, for four different pixels, so one look-up
in a table of four times the columns serves them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from napari_autolut.engine.borders import put_with_border, repeat_edges
from napari_autolut.engine.jit import kernel
from napari_autolut.engine.memory import aligned
from napari_autolut.engine.plan import NodePlan
from napari_autolut.engine.planes import Planes, Room
from napari_autolut.engine.simd import LANES, static
from napari_autolut.engine.whole_simd import (
    DIVISOR_BITS,
    FRACTION_BITS,
    whole_accumulate,
    whole_finish,
    whole_finish_run,
    whole_simplex,
)
from napari_autolut.model import Branch, LutModel, Node, Padding, SpatialNode, Table
from napari_autolut.symmetry import turned_columns

GRID_SIZE = 17
STRIP = 256
"""Columns handled together, so that running sums stay in the first-level cache."""

SPAN = STRIP + 16
"""Room for a strip's blocks and those to its left: whole vectors of them, and known when compiling,
as is then the distance of everything that is read for a pixel."""

TOGETHER = 16
"""Values of pixels that are looked up together where they have less: one vector's."""

Taps = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class WholePlan:
    """The look-ups of one node: K of them, on the pixel that is called the block's.

    ``taps`` (K, 4, 2) are the (row, column) distances of the four inputs. ``shares`` (K,) is 4
    where a row holds the values for four pixels, which lie ``shifts`` (K, 4, 2) from the block,
    and 1 where it is for the block's own pixel. A table starts at value ``starts[k]``.
    """

    reach: int
    taps: Taps
    shares: NDArray[np.int64]
    shifts: Taps
    starts: NDArray[np.int64]
    values: NDArray[np.int8]

    @cached_property
    def depths(self) -> NDArray[np.int64]:
        """(K,) rows from a block down to the lowest pixel that it gives something."""
        deepest: NDArray[np.int64] = self.shifts[:, :, 0].max(1)
        return deepest


_plans: WeakKeyDictionary[Node, WholePlan | None] = WeakKeyDictionary()


def whole_plan(node: Node) -> WholePlan | None:
    """The layout for whole numbers, or None where a node needs real ones; made once per node."""
    if node not in _plans:
        _plans[node] = _plan(node)
    return _plans[node]


def _plan(node: Node) -> WholePlan | None:
    if not isinstance(node, SpatialNode) or node.rotations == 1 or len(set(node.sources)) > 1:
        return None
    if not node.windowed or not all(_is_whole(branch) for branch in node.windowed):
        return None
    if node.divisor not in range(1, 2**DIVISOR_BITS):
        return None
    largest = max(int(np.abs(t.values.astype(np.int16)).max()) for t in _tables(node))
    if largest * 4 * len(node.branches) * 2**FRACTION_BITS > np.iinfo(np.int16).max:
        return None
    plan = _Layout(node.upscale)
    for branch in node.windowed:
        plan.add(branch)
    return WholePlan(
        reach=node.reach,
        taps=np.array(plan.taps),
        shares=np.array(plan.shares),
        shifts=np.array(plan.shifts),
        starts=np.array(plan.starts),
        values=aligned(np.concatenate(plan.values)),
    )


def _tables(node: SpatialNode) -> list[Table]:
    return [table for table in node.tables if isinstance(table, Table)]


def _is_whole(branch: Branch) -> bool:
    table = branch.table
    return (
        isinstance(table, Table)
        and (table.inputs, table.grid_size, table.scale) == (4, GRID_SIZE, 1)
        and table.values.dtype == np.int8
        and branch.residual is None
        and bool(((branch.windows == 0) | (branch.windows == 1)).all())
    )


class _Layout:
    """Collects the look-ups of a node."""

    def __init__(self, upscale: int) -> None:
        self.upscale = upscale
        self.taps: list[Taps] = []
        self.shares: list[int] = []
        self.shifts: list[Taps] = []
        self.starts: list[int] = []
        self.values: list[NDArray[np.int8]] = []

    def add(self, branch: Branch) -> None:
        """Put a branch's four rotations in, as one look-up where its taps are a square."""
        assert isinstance(branch.table, Table)
        values = branch.table.values
        taps = [_turned(np.argwhere(branch.windows)[:, 1:], turns) for turns in range(4)]
        turned = [self._turned_back(values, turns) for turns in range(4)]
        corners = [tap.min(0) for tap in taps]
        blocks = [tap - corner + corners[0] for tap, corner in zip(taps, corners, strict=True)]
        if all(_same_pixels(block, blocks[0]) for block in blocks):
            reordered = [
                _reordered(v, _positions(block, blocks[0]))
                for v, block in zip(turned, blocks, strict=True)
            ]
            shifts = np.array([corners[0] - corner for corner in corners])
            self._look_up(taps[0], 4, shifts, np.concatenate(reordered, 1))
        else:
            for tap, value in zip(taps, turned, strict=True):
                self._look_up(tap, 1, np.zeros((4, 2), np.int64), value)

    def _turned_back(self, values: NDArray[np.int8], turns: int) -> NDArray[np.int8]:
        return values[:, turned_columns(values.shape[1], self.upscale, turns)]

    def _look_up(self, taps: Taps, shares: int, shifts: Taps, values: NDArray[np.int8]) -> None:
        self.starts.append(sum(map(len, self.values)))
        self.values.append(np.ascontiguousarray(values).reshape(-1))
        self.taps.append(taps)
        self.shares.append(shares)
        self.shifts.append(shifts)


def _turned(taps: Taps, turns: int) -> Taps:
    for _ in range(turns):
        taps = np.stack([taps[:, 1], -taps[:, 0]], 1)
    return taps


def _same_pixels(taps: Taps, others: Taps) -> bool:
    return set(map(tuple, taps.tolist())) == set(map(tuple, others.tolist()))


def _positions(taps: Taps, others: Taps) -> list[int]:
    """Where in ``others`` each of the taps stands."""
    return [others.tolist().index(tap) for tap in taps.tolist()]


def _reordered(values: NDArray[np.int8], positions: list[int]) -> NDArray[np.int8]:
    """The table whose input ``positions[j]`` is input j of the given one."""
    columns = values.shape[1]
    grid = values.reshape(*[GRID_SIZE] * 4, columns)
    return grid.transpose(*np.argsort(positions), 4).reshape(-1, columns)


class WholeRead:
    """The whole numbers that a node reads of some planes, as bytes with a border."""

    def __init__(self, plan: WholePlan, node: NodePlan, planes: int, size: tuple[int, ...]) -> None:
        self.plan, self.size, self._signal = plan, size, node.signals[0]
        # Blocks above a band give pixels in it, and look as far up as all others.
        self.repeated, self.reach = plan.reach, 2 * plan.reach
        self.pitch = size[1] + 2 * plan.reach
        self.offsets = plan.taps @ np.array([self.pitch, 1])
        rows = size[0] + 2 * plan.reach
        # Vectors read up to LANES bytes past a row's end; the slack keeps the last row's inside.
        flat = np.zeros(planes * rows * self.pitch + LANES, np.uint8)
        self._bytes = flat[:-LANES].reshape(planes, rows, self.pitch)
        starts = range(0, planes * rows * self.pitch, rows * self.pitch)
        self.flats = [flat[start : start + rows * self.pitch + LANES] for start in starts]
        self._room: Room | None = None

    @property
    def copied(self) -> set[int]:
        """The node whose plane is to be copied, when it is there."""
        return set() if self._room else {self._signal.node}

    def room(self, node: int, channels: int, workers: int) -> Room | None:
        """Memory for the channels of a node; the one that is read becomes bytes."""
        if self._signal.node == node:
            self._room = Room.new((len(self.flats), channels, *self.size), workers)
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
        sums = np.zeros((len(read.flats), strips, plan.reach + 1, line), np.int16)
        self._planes = list(zip(read.flats, sums, strict=True))
        self._layout = plan.shares, plan.shifts, plan.depths, plan.starts, plan.values
        rounds = int(model.rounding == "stage")
        self._numbers = np.float32(node.divisor), np.float32(node.bias), rounds
        self._sizes = width, read.pitch, plan.reach
        together = max(1, TOGETHER // columns)
        kind = columns, 4 * columns, 4, 1, together, node.upscale
        self._kind = [static(number) for number in kind]
        self._taps, self._above = read.offsets, plan.reach

    def __call__(self, room: Room, first: int, last: int) -> None:
        """Do the next rows."""
        for (flat, sums), start in zip(self._planes, room.starts, strict=True):
            whole_rows(
                flat, self._taps, *self._layout, *self._numbers,
                room.flat, start, room.pitch, room.step, self._above, first, last,
                *self._sizes, sums, *self._kind,
            )  # fmt: skip
        self._above = 0


@kernel
def _target(shift: Any, row: int, ring: int, line: int, edge: int, count: int) -> Any:
    """Where the sums begin for the pixels that lie ``shift`` from a row's."""
    return (row + shift[0]) % ring * line + (shift[1] + edge) * count


@kernel
def whole_rows(
    plane: Any, taps: Any, shares: Any, shifts: Any, depths: Any, starts: Any, table: Any,
    divisor: float, bias: float, rounds: int,
    out: Any, start: int, out_pitch: int, out_plane: int, above: int, first: int, last: int,
    width: int, pitch: int, reach: int, sums: Any,
    columns: Any, wide: Any, four: Any, one: Any, together: Any, upscale: Any,
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
                for x in range(0, pixels + before, LANES):
                    if shared:
                        whole_simplex(plane, here + x, taps[k], rows, weights, x, SPAN,
                                      starts[k], wide)  # fmt: skip
                    else:
                        whole_simplex(plane, here + x, taps[k], rows, weights, x, SPAN,
                                      starts[k], columns)  # fmt: skip
                edge = reach - before
                targets = (
                    _target(shifts[k, 0], y + reach, ring, line, edge, count),
                    _target(shifts[k, 1], y + reach, ring, line, edge, count),
                    _target(shifts[k, 2], y + reach, ring, line, edge, count),
                    _target(shifts[k, 3], y + reach, ring, line, edge, count),
                )
                if shared:
                    runs = (pixels + before) // len(together) * len(together)
                    for x in range(0, runs, len(together)):
                        whole_accumulate(totals, targets, x * count, table, rows, weights, x,
                                         SPAN, columns, four, together)  # fmt: skip
                    for x in range(runs, pixels + before):
                        whole_accumulate(totals, targets, x * count, table, rows, weights, x,
                                         SPAN, columns, four, one)  # fmt: skip
                else:
                    runs = pixels // len(together) * len(together)
                    for x in range(0, runs, len(together)):
                        whole_accumulate(totals, targets, x * count, table, rows, weights, x,
                                         SPAN, columns, one, together)  # fmt: skip
                    for x in range(runs, pixels):
                        whole_accumulate(totals, targets, x * count, table, rows, weights, x,
                                         SPAN, columns, one, one)  # fmt: skip
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
