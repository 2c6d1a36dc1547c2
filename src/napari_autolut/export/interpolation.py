"""Look-ups of a table as ONNX operations.

Belongs here: the simplex interpolation of ``engine/reference.py``, in its order, so that float32
sums have the same bits.
"""

from __future__ import annotations

import numpy as np

from napari_autolut.export.graph import FLOAT, INT64, Graph, real, whole
from napari_autolut.model import AnyTable, DualTable, Table


def look_up(graph: Graph, table: AnyTable, values: str) -> str:
    """Rows of a table, interpolated.

    Parameters
    ----------
    graph : Graph
        Where the operations go.
    table : Table or DualTable
        The rows, or two sets of them.
    values : str
        Name of (N, H, W, inputs) values in [0, 255].

    Returns
    -------
    str
        Name of (N, H, W, columns) rows.
    """
    if isinstance(table, Table):
        return _interpolated(graph, table, values)
    return _of_two_grids(graph, table, values)


def _of_two_grids(graph: Graph, table: DualTable, values: str) -> str:
    first = graph.add("Gather", values, whole(0), axis=-1)
    distance = graph.add("Abs", graph.add("Sub", values, first))
    largest = graph.add("ReduceMax", distance, axes=[-1])
    near = graph.add("LessOrEqual", largest, real(table.reach))
    found = (_interpolated(graph, each, values) for each in (table.near, table.far))
    return graph.add("Where", near, *found)


def _interpolated(graph: Graph, table: Table, values: str) -> str:
    """Walk from the base node to the opposite one, the largest fraction first."""
    size, inputs = table.grid_size, table.inputs
    position = graph.add("Mul", values, real((size - 1) / 256))
    base = graph.add("Clip", graph.add("Floor", position), real(0), real(size - 2))
    fraction = graph.add("Sub", position, base)
    strides = size ** np.arange(inputs, dtype=np.int64)[::-1]
    places = graph.add("Mul", graph.add("Cast", base, to=INT64), strides)
    row = graph.add("ReduceSum", places, whole(-1))

    descending, order = graph.add_several("TopK", 2, fraction, whole(inputs), axis=-1)
    fractions = graph.add_several("Split", inputs, descending, axis=-1)
    steps = graph.add_several("Split", inputs, graph.add("Gather", strides, order), axis=-1)
    rows = graph.add("Cast", table.values, to=FLOAT)
    result = _weighted(graph, table, graph.add("Sub", real(1), fractions[0]), rows, row)
    for number, step in enumerate(steps):
        row = graph.add("Add", row, step)
        weight = fractions[number]
        if number + 1 < inputs:
            weight = graph.add("Sub", weight, fractions[number + 1])
        result = graph.add("Add", result, _weighted(graph, table, weight, rows, row))
    return result


def _weighted(graph: Graph, table: Table, weight: str, rows: str, row: str) -> str:
    scaled = graph.add("Mul", weight, real(table.scale))
    return graph.add("Mul", scaled, graph.add("GatherND", rows, row))
