"""What windows and filters see around each pixel, as ONNX operations.

Belongs here: borders, rotations, and weighted sums. Windows are rotated, never the image.

Sums are convolutions where the last bit of a sum cannot matter. Where values are rounded or choose
between two grids, they are made tap by tap in double precision. Each is rounded once to float32, as
``engine/reference.py`` does it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from napari_autolut.export.graph import DOUBLE, FLOAT, Graph, real, whole
from napari_autolut.model import AnyBranch, FilterBranch, Padding, Signal, SpatialNode, weights_on

Around = tuple[int, int]
"""Pixels that are added before and after a side; negative ones are taken away."""


def gathered(graph: Graph, signals: Sequence[str], wanted: Sequence[Signal]) -> str:
    """Planes (N, wanted, H, W) of the (N, channels, H, W) results of nodes."""
    planes = [graph.add("Gather", signals[s.node], whole(s.channel), axis=1) for s in wanted]
    return planes[0] if len(planes) == 1 else graph.add("Concat", *planes, axis=1)


def sampled(
    graph: Graph,
    signals: Sequence[str],
    node: SpatialNode,
    rotations: int,
    padding: Padding,
    *,
    exact: bool,
) -> list[str]:
    """Inputs of the look-ups of a node on its rotated signals.

    Parameters
    ----------
    graph : Graph
        Where the operations go.
    signals : sequence of str
        Names of the (N, channels, H, W) results of the nodes before, and of the image.
    node : SpatialNode
        Its branches are sampled.
    rotations : int
        Quarter turns of the signals.
    padding : {"edge", "reflect"}
        How planes go on beyond their border.
    exact : bool
        Whether the last bit matters.

    Returns
    -------
    list of str
        Names of (N, H, W, inputs) values in [0, 255], one for each branch.
    """
    if exact:
        found = [_tap_by_tap(graph, signals, b, node, rotations, padding) for b in node.branches]
    else:
        found = _convolved(graph, signals, node, rotations, padding)
    if isinstance(node.branches[0], FilterBranch):
        found = [graph.add("Clip", each, real(0), real(255)) for each in found]
    return [graph.add("Transpose", each, perm=[0, 2, 3, 1]) for each in found]


def _convolved(
    graph: Graph, signals: Sequence[str], node: SpatialNode, rotations: int, padding: Padding
) -> list[str]:
    """One convolution for all branches."""
    reads = tuple(dict.fromkeys(node.sources))
    size = max(branch.window_size for branch in node.branches)
    border = node.border(size)[0]
    kernels = [
        weights_on(branch, reads, size, border - node.border(branch.window_size)[0])
        for branch in node.branches
    ]
    down, right = _offsets(node, size, rotations)
    planes = gathered(graph, signals, reads)
    padded = resized(graph, planes, _around(down), _around(right), padding)
    rotated = np.rot90(np.concatenate(kernels), -rotations, (2, 3))
    sums = graph.add("Conv", padded, np.ascontiguousarray(rotated))
    counts = whole(*(branch.table.inputs for branch in node.branches))
    return list(graph.add_several("Split", len(counts), sums, counts, axis=1))


def _tap_by_tap(
    graph: Graph,
    signals: Sequence[str],
    branch: AnyBranch,
    node: SpatialNode,
    rotations: int,
    padding: Padding,
) -> str:
    down, right = _offsets(node, branch.window_size, rotations)
    total = ""
    for number, signal in enumerate(branch.sources):
        plane = gathered(graph, signals, [signal])
        windows = branch.weights[:, number]
        for row, column in np.argwhere(windows.any(0)):
            dy, dx = int(down[row, column]), int(right[row, column])
            tap = resized(graph, plane, (-dy, dy), (-dx, dx), padding)
            weights = windows[:, row, column].astype(np.float64)[:, None, None]
            term = graph.add("Mul", graph.add("Cast", tap, to=DOUBLE), weights)
            if total:
                term = graph.add("Add", term, graph.add("Cast", total, to=DOUBLE))
            total = graph.add("Cast", term, to=FLOAT)
    return total


def _offsets(
    node: SpatialNode, size: int, rotations: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(K, K) rows and columns from the pixel to what a rotated window's weights lie on."""
    down, right = np.indices((size, size)) - node.border(size)[0]
    for _ in range(rotations):
        down, right = right, -down
    return down, right


def _around(offsets: NDArray[np.int64]) -> Around:
    return -int(offsets.min()), int(offsets.max())


def resized(graph: Graph, planes: str, rows: Around, columns: Around, padding: Padding) -> str:
    """Planes with more or fewer pixels on each side.

    Parameters
    ----------
    graph : Graph
        Where the operations go.
    planes : str
        Name of (N, channels, H, W) planes.
    rows, columns : tuple of int
        Pixels that are added before and after; negative ones are taken away.
    padding : {"edge", "reflect"}
        How planes go on beyond their border.

    Returns
    -------
    str
        Name of the planes.
    """
    for axis, (before, after) in ((2, rows), (3, columns)):
        if before or after:
            index = _index(graph, planes, axis, before, after, padding)
            planes = graph.add("Gather", planes, index, axis=axis)
    return planes


def _index(graph: Graph, planes: str, axis: int, before: int, after: int, padding: Padding) -> str:
    """Which rows (or columns) follow each other, for planes of any size from 1."""
    size = graph.add("Gather", graph.add("Shape", planes), np.array(axis), axis=0)
    end = graph.add("Add", size, np.array(after))
    places = graph.add("Range", np.array(-before), end, np.array(1))
    last = graph.add("Sub", size, np.array(1))
    if padding == "edge":
        return graph.add("Min", graph.add("Max", places, np.array(0)), last)
    period = graph.add("Max", graph.add("Add", last, last), np.array(1))
    inside = graph.add("Mod", places, period)
    return graph.add("Min", inside, graph.add("Sub", period, inside))
