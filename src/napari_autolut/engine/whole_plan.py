"""The layout of tables for look-ups on whole numbers, for the kernel of ``whole.py``.

Belongs here: which nodes can take that short cut, and how their tables are laid out for it.

A node can take it when its inputs are bytes, its windows fixed taps and its tables int8 with 17
nodes. Two things make it quick: sums of 16-bit numbers; and where a pattern's four taps are a
square, its four rotations look the same four pixels up, for four different pixels, so one look-up
in a table of four times the columns serves them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from napari_autolut.engine.memory import aligned
from napari_autolut.engine.whole_simd import DIVISOR_BITS, FRACTION_BITS
from napari_autolut.model.graph import Branch, Node, SpatialNode, Table
from napari_autolut.model.symmetry import rotated_columns

GRID_SIZE = 17

Taps = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class WholePlan:
    """The look-ups of one node: K of them, on the pixel that is called the block's.

    ``taps`` (K, 4, 2) are the (row, column) distances of the four inputs. ``shares`` (K,) is 4
    where a row holds the values for four pixels, which lie ``shifts`` (K, 4, 2) below and right of
    the block, from 0 to ``reach``; and 1 where it is for the block's own pixel. A table starts at
    value ``starts[k]``.
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
    plan = _Layout(node.upscale, node.halo)
    for branch in node.windowed:
        plan.add(branch)
    return WholePlan(
        reach=node.halo,
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

    def __init__(self, upscale: int, reach: int) -> None:
        self.upscale, self.reach = upscale, reach
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
        shifts = np.array([corners[0] - corner for corner in corners])
        # Sums are kept for pixels as far below and right of a block as a window reaches.
        within = shifts.min() >= 0 and shifts.max() <= self.reach
        if within and all(_same_pixels(block, blocks[0]) for block in blocks):
            reordered = [
                _reordered(v, _positions(block, blocks[0]))
                for v, block in zip(turned, blocks, strict=True)
            ]
            self._look_up(taps[0], 4, shifts, np.concatenate(reordered, 1))
        else:
            for tap, value in zip(taps, turned, strict=True):
                self._look_up(tap, 1, np.zeros((4, 2), np.int64), value)

    def _turned_back(self, values: NDArray[np.int8], turns: int) -> NDArray[np.int8]:
        return values[:, rotated_columns(values.shape[1], self.upscale, turns)]

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
