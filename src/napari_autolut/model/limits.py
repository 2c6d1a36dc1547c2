"""What a model may cost as a whole: a small file must not ask for hours or for all memory.

Belongs here: limits on the sum over all nodes. They are many times what any published layout or
shipped table needs: 120 look-ups, 1 KB and 17,000 weights a pixel; 6 MB of tables, 24 MB times
look-ups. Limits of a single node, branch or table stand with these.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from napari_autolut.model.errors import require
from napari_autolut.model.nodes import Node, SpatialNode
from napari_autolut.model.tables import AnyTable, DualTable

MAX_LOOKUPS = 1024
"""Look-ups for a pixel of the image: branches, their rotations, on planes of any scale."""

MAX_LOOKUPS_WITH_NOISY = 2 * MAX_LOOKUPS
"""The same of a model and its models for noise together, of which one is run."""

MAX_FETCHED = 2**16
"""Bytes that these look-ups read from their tables."""

MAX_WORK = 2**31
"""Look-ups for a pixel times the bytes of the tables that they go to: beyond the processor's cache
a look-up takes a hundred times as long."""

MAX_WEIGHTS = 2**18
"""Weights of windows and filters, other than 0, that they multiply by."""

MAX_VALUES = 2048
"""Values that nodes give for a pixel of the image: their planes are held for as long as a later
node reads them, of a tile of a million pixels and more."""

MAX_TABLE_BYTES = 2**30
"""Of all tables, those that several branches share counted for each."""


def check_size(nodes: Sequence[Node], scales: Sequence[int]) -> None:
    """Refuse a graph that no image of ordinary size could be given to.

    Parameters
    ----------
    nodes : sequence of SpatialNode or ChannelNode
        The look-ups in order.
    scales : sequence of int
        Of each signal, the input first.

    Raises
    ------
    ModelError
        If a node is read by no other, or all together are too much work or too large.
    """
    read = {signal.node for node in nodes for signal in node.sources}
    unread = [number for number in range(1, len(nodes)) if number not in read]
    require(not unread, "nodes", f"{unread} that no other reads", "that every one but the last is")
    times = [_times(node, scales[node.sources[0].node]) for node in nodes]
    pairs = list(zip(times, nodes, strict=True))
    check_lookups(count_lookups(nodes, scales))
    costs = (
        (
            "bytes read a pixel",
            sum(n * sum(map(_row_bytes, node.tables)) for n, node in pairs),
            MAX_FETCHED,
        ),
        (
            "look-ups a pixel times bytes of their tables",
            sum(n * table.nbytes for n, node in pairs for table in node.tables),
            MAX_WORK,
        ),
        ("values a pixel in all planes", _values(nodes, scales), MAX_VALUES),
        ("weights a pixel", sum(n * _weights(node) for n, node in pairs), MAX_WEIGHTS),
        ("bytes of all tables", sum(t.nbytes for n in nodes for t in n.tables), MAX_TABLE_BYTES),
    )
    for what, found, limit in costs:
        require(found <= limit, what, found, f"at most {limit}")


def count_lookups(nodes: Sequence[Node], scales: Sequence[int]) -> int:
    """Look-ups for a pixel of the image; as for `check_size`."""
    return sum(_times(n, scales[n.sources[0].node]) * len(n.tables) for n in nodes)


def check_lookups(count: int, max_count: int = MAX_LOOKUPS) -> None:
    """Refuse too many look-ups a pixel; a file's are counted before any is built.

    Parameters
    ----------
    count : int
        Look-ups, of which those on larger planes may be counted too low.
    max_count : int, default MAX_LOOKUPS
        How many there may be.

    Raises
    ------
    ModelError
        If there are more.
    """
    require(count <= max_count, "look-ups a pixel", count, f"at most {max_count}")


def _times(node: Node, scale: int) -> int:
    """How often a branch is looked up for a pixel of the image."""
    return scale**2 * (node.rotations if isinstance(node, SpatialNode) else 1)


def _row_bytes(table: AnyTable) -> int:
    first = table.near if isinstance(table, DualTable) else table
    return first.columns * first.values.itemsize


def _values(nodes: Sequence[Node], scales: Sequence[int]) -> int:
    """How many values the nodes give for a pixel of the image."""
    return sum(n.channels * side**2 for n, side in zip(nodes, scales[1:], strict=True))


def _weights(node: Node) -> int:
    if not isinstance(node, SpatialNode):
        return 0
    return sum(int(np.count_nonzero(branch.weights)) for branch in node.branches)
