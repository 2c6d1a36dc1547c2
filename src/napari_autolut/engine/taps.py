"""Taps of windows and filters on unrotated planes: where each weight lies from its pixel.

Belongs here: the taps of a node's look-ups in every rotation, and which look-ups share them, so
that a pixel is read once for several. AdaRL's mixture of two signals is folded into the weights.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate, groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.engine.shapes import group_sizes
from napari_autolut.model import (
    AnyBranch,
    ChannelNode,
    DualTable,
    FilterBranch,
    Node,
    Signal,
    SpatialNode,
)

INSIDE = np.float32(255.99)
"""Largest input made by a window, whose weights sum to 1 but for rounding: never reached."""

WHITE = np.float32(255)
"""Largest input made by a filter, whose sums are clipped."""

PlaneOf = Callable[[Signal], int]


class NodeTaps(NamedTuple):
    """The taps of a node; G groups of look-ups that read the same ones, J inputs.

    ``taps`` (T, 3) are (plane, row, column) offsets; ``weights``, ``groups``, ``bounds`` and
    ``limit`` are those of :class:`napari_autolut.engine.kernels.Taps`.
    """

    taps: NDArray[np.int64]
    weights: NDArray[np.float32]
    groups: NDArray[np.int64]
    bounds: NDArray[np.int64]
    limit: np.float32


def node_taps(node: Node, inputs: int, plane_of: PlaneOf) -> NodeTaps:
    """Taps of a node, whose tables have been padded to so many inputs.

    ``plane_of`` gives the number of a signal's plane. Groups come in the order of the branches,
    each in all rotations; taps in the order of signals, rows and columns. A weight that is 0 stands
    where another member of a group has a tap; it changes no sum.
    """
    if isinstance(node, ChannelNode):
        filters = np.eye(len(node.signals), dtype=np.float32)[None, :, :, None, None]
        return _collected([_Group(node.signals, filters)], (0,), inputs, plane_of, INSIDE)
    limit = WHITE if isinstance(node.branches[0], FilterBranch) else INSIDE
    turns = tuple(range(node.rotations))
    return _collected(list(_groups(node.branches)), turns, inputs, plane_of, limit, node)


class _Group(NamedTuple):
    """Signals, (members, inputs, signals, K, K) weights, and how many tables are looked up."""

    signals: Sequence[Signal]
    filters: NDArray[np.float32]
    look_ups: int = 1


def _groups(branches: Sequence[AnyBranch]) -> list[_Group]:
    """Branches that are sampled together: filters in a few of about one size, windows alone."""
    first = branches[0]
    if isinstance(first, FilterBranch):
        every = (branch.filters for branch in branches if isinstance(branch, FilterBranch))
        runs = (np.stack(list(alike)) for _, alike in groupby(every, len))
        return [group for run in runs for group in _together(first.signals, run)]
    return [_Group(b.sources, b.weights[None], _look_ups(b)) for b in branches]


def _together(signals: Sequence[Signal], filters: NDArray[np.float32]) -> list[_Group]:
    sizes = group_sizes(len(filters))
    return [
        _Group(signals, filters[end - size : end], size)
        for size, end in zip(sizes, accumulate(sizes), strict=True)
    ]


def _look_ups(branch: AnyBranch) -> int:
    """Two grids are looked up one after the other, for the same inputs."""
    return 2 if isinstance(branch.table, DualTable) else 1


def _collected(
    groups: Sequence[_Group],
    turns: Sequence[int],
    inputs: int,
    plane_of: PlaneOf,
    limit: np.float32,
    node: SpatialNode | None = None,
) -> NodeTaps:
    taps: list[tuple[int, int, int]] = []
    weights: list[NDArray[np.float32]] = []
    records, bounds = [], []
    first, weight_count = 0, 0
    for group in groups:
        members = len(group.filters)
        planes = [plane_of(signal) for signal in group.signals]
        for turn in turns:
            records.append((members, turn, first, inputs, group.look_ups))
            for filters in group.filters.swapaxes(0, 1):
                some = filters.any(0)
                used = np.argwhere(some).tolist()
                bounds.append((len(taps), len(taps) + len(used), weight_count))
                taps += [(planes[s], *_turned(node, row, column, filters.shape[-1], turn))
                         for s, row, column in used]  # fmt: skip
                weights.append(filters[:, some].T.reshape(-1))
                weight_count += members * len(used)
            bounds += [(0, 0, 0)] * (inputs - group.filters.shape[1])
        first += group.look_ups
    return NodeTaps(
        np.array(taps, np.int64),
        np.concatenate(weights),
        np.array(records, np.int64),
        np.array(bounds, np.int64).reshape(len(records), inputs, 3),
        limit,
    )


def _turned(
    node: SpatialNode | None, row: int, column: int, size: int, turns: int
) -> tuple[int, int]:
    """How far a place of a window lies below and right of its pixel on an unrotated plane."""
    before = 0 if node is None else node.border(size)[0]
    row, column = row - before, column - before
    for _ in range(turns):
        row, column = column, -row
    return row, column
