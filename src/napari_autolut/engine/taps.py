"""Taps of windows and filters on unturned planes, as the fast engine reads them.

Belongs here: where each weight of a branch's windows lies from its pixel in every rotation, and how
filters are put together to groups that read a pixel once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_autolut.model.graph import FilterBranch, Signal, SpatialNode

Tap = tuple[int, int, int, float]
"""(plane, row offset, column offset, weight)"""

MOST = 6
"""Filters of different branches that are summed together at most: sums stay in registers."""


@dataclass(frozen=True, eq=False)
class FilterTaps:
    """Taps of filters; branches are in groups of G, k rotations, j inputs.

    ``taps`` (T, 3) are (plane, row, column) offsets, ``weights`` (T, G) those of a group's
    branches there, 0 beyond the last branch. ``bounds`` (groups, k, inputs, 2) says where each
    input's taps start and stop.
    """

    taps: NDArray[np.int64]
    weights: NDArray[np.float32]
    bounds: NDArray[np.int64]


def window_taps(
    plane: int, windows: NDArray[np.float32], node: SpatialNode, turns: int
) -> list[list[Tap]]:
    """Taps of each input in the order of the window's rows and columns."""
    taps: list[list[Tap]] = [[] for _ in windows]
    for j, row, column in np.argwhere(windows).tolist():
        place = _turned(node, row, column, windows.shape[-1], turns)
        taps[j].append((plane, *place, float(windows[j, row, column])))
    return taps


def filter_taps(node: SpatialNode, signals: tuple[Signal, ...]) -> FilterTaps | None:
    """Taps of a node's filters; None where it has none.

    Weights come in the order of signals, rows and columns. One that is 0 stands where another
    branch of its group has a tap; it changes no sum.
    """
    branches = [branch for branch in node.branches if isinstance(branch, FilterBranch)]
    if not branches:
        return None
    planes = [signals.index(signal) for signal in branches[0].signals]
    members = _members(len(branches))
    groups = [branches[i : i + members] for i in range(0, len(branches), members)]
    inputs = branches[0].table.inputs
    bounds = np.zeros((len(groups), node.rotations, inputs, 2), np.int64)
    taps: list[tuple[int, int, int]] = []
    weights: list[NDArray[np.float32]] = []
    for g, group in enumerate(groups):
        filters = np.zeros((members, *branches[0].filters.shape), np.float32)
        filters[: len(group)] = [branch.filters for branch in group]
        for j in range(inputs):
            some = filters[:, j].any(0)
            used = np.argwhere(some).tolist()
            for turns in range(node.rotations):
                bounds[g, turns, j] = len(taps), len(taps) + len(used)
                taps += [(planes[s], *_turned(node, row, column, filters.shape[-1], turns))
                         for s, row, column in used]  # fmt: skip
                weights.append(filters[:, j, some].T)
    return FilterTaps(np.array(taps, np.int64), np.concatenate(weights), bounds)


def _members(branches: int) -> int:
    """Filters of a group, for the least work: products, four a filter, and what is read."""

    def work(members: int) -> int:
        return -(-branches // members) * max(4 * members, 8 + members)

    return min(range(MOST, 0, -1), key=work)


def _turned(node: SpatialNode, row: int, column: int, size: int, turns: int) -> tuple[int, int]:
    """How far a place of a window lies below and right of its pixel on an unturned plane."""
    before, _ = node.border(size)
    row, column = row - before, column - before
    for _ in range(turns):
        row, column = column, -row
    return row, column
