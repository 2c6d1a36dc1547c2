"""Taps of windows and filters on unrotated planes: where each weight lies from its pixel.

Belongs here: the taps of a node's look-ups in every rotation, and which look-ups share them, so
that a pixel is read once for several. AdaRL's mixture of two signals is folded into the weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.engine.shapes import group_sizes
from napari_autolut.engine.squares import factors_of
from napari_autolut.model import (
    ChannelNode,
    DualTable,
    FilterBranch,
    Node,
    Signal,
    SpatialNode,
)

Integers = NDArray[np.int64]


ALONE = -1
"""In place of a quadrant: an input is summed tap by tap."""


class Taps(NamedTuple):
    """Where look-ups read; G groups of look-ups that share their taps, J inputs.

    ``groups`` (G, 5) are members, rotation, first look-up, J and look-ups, of which those beyond
    the members have the last one's inputs; ``bounds`` (G, J, 4) each input's first tap, the one
    behind its last, where its weights begin, and ``ALONE``. Inputs that are summed in squares have
    no taps, but a quadrant around the pixel in place of ``ALONE``, 0 to 3, row by row; ``planes``
    are those that they read.
    """

    offsets: Integers
    weights: NDArray[np.float32]
    groups: Integers
    bounds: Integers
    planes: Integers


class Group(NamedTuple):
    """Look-ups that are sampled together: (members, inputs, signals, K, K) weights of signals.

    There may be more look-ups than members: those of two grids have the same inputs.
    """

    signals: Sequence[Signal]
    weights: NDArray[np.float32]
    look_ups: int
    corners: Sequence[tuple[int, int] | None]


def node_taps(node: Node, inputs: int, plane_of: Callable[[Signal], int]) -> Taps:
    """Taps of a node, whose tables have been padded to so many inputs.

    ``offsets`` and ``planes`` are (plane, row, column), (T, 3) and (S, 3); ``plane_of`` gives the
    number of a signal's plane. Groups come in the order of the branches, each in all rotations;
    taps in the order of signals, rows and columns. A weight that is 0 stands where another member
    of a group has a tap; it changes no sum.
    """
    taps: list[tuple[int, int, int]] = []
    weights: list[NDArray[np.float32]] = []
    records, bounds, squared = [], [], []
    first = 0
    for group in _groups(node):
        members, used_inputs, *_ = group.weights.shape
        planes = [plane_of(signal) for signal in group.signals]
        for rotation in range(1 if isinstance(node, ChannelNode) else node.rotations):
            records.append((members, rotation, first, inputs, group.look_ups))
            for filters, corner in zip(group.weights.swapaxes(0, 1), group.corners, strict=True):
                begin = sum(map(len, weights))
                if corner is not None:
                    squared = [(plane, 0, 0) for plane in planes]
                    quadrant = 2 * (corner[0] > 0) + (corner[1] > 0)
                    bounds.append((0, 0, begin, quadrant))
                    weights.append(_factors(filters, corner))
                    continue
                used = filters.any(0)
                places = _rotated(node, np.argwhere(used), filters.shape[-1], rotation)
                bounds.append((len(taps), len(taps) + len(places), begin, ALONE))
                taps += [(planes[signal], row, column) for signal, row, column in places]
                weights.append(filters[:, used].T.reshape(-1))
            bounds += [(0, 0, 0, ALONE)] * (inputs - used_inputs)
        first += group.look_ups
    return Taps(
        np.array(taps, np.int64).reshape(-1, 3),
        np.concatenate(weights),
        np.array(records, np.int64),
        np.array(bounds, np.int64).reshape(len(records), inputs, 4),
        np.array(squared, np.int64).reshape(-1, 3),
    )


def _factors(filters: NDArray[np.float32], corner: tuple[int, int]) -> NDArray[np.float32]:
    """Factors of (members, S, K, K) filters in a quadrant, by column, signal, row and member."""
    factors = factors_of(filters, corner).reshape(*filters.shape[:2], 4, 4)
    return factors.transpose(3, 1, 2, 0).reshape(-1)


def _groups(node: Node) -> Iterator[Group]:
    """Branches that are sampled together: filters in a few of about one size, windows alone."""
    if isinstance(node, ChannelNode):
        itself = np.eye(len(node.signals), dtype=np.float32)
        yield Group(node.signals, itself[None, :, :, None, None], 1, (None,) * len(itself))
        return
    filters = [branch for branch in node.branches if isinstance(branch, FilterBranch)]
    for corners, alike in groupby(filters, node.corners):
        weights = np.stack([branch.filters for branch in alike])
        sizes = group_sizes(len(weights))
        for size, end in zip(sizes, accumulate(sizes), strict=True):
            yield Group(filters[0].signals, weights[end - size : end], size, corners)
    for branch in node.windowed:
        look_ups = 2 if isinstance(branch.table, DualTable) else 1
        yield Group(branch.sources, branch.weights[None], look_ups, node.corners(branch))


def _rotated(
    node: Node, places: NDArray[np.int64], size: int, rotation: int
) -> list[tuple[int, int, int]]:
    """(signal, row, column) of a window's places, from their pixel on an unrotated plane."""
    before = node.border(size)[0] if isinstance(node, SpatialNode) else 0
    signals, rows, columns = (places - (0, before, before)).T
    for _ in range(rotation):
        rows, columns = columns, -rows
    return list(zip(signals.tolist(), rows.tolist(), columns.tolist(), strict=True))
