"""A LUT model as a graph of ONNX operations.

Belongs here: nodes, sums over branches and rotations, rounding, blocks of pixels: what
``engine/reference.py`` says, in its order.
"""

from __future__ import annotations

from functools import reduce

import numpy as np

from napari_autolut.export.coring import cored, without_changes_below
from napari_autolut.export.graph import Graph, real, whole
from napari_autolut.export.interpolation import look_up
from napari_autolut.export.sampling import gathered, sampled
from napari_autolut.model import ChannelNode, DualTable, LutModel, SpatialNode
from napari_autolut.model.symmetry import rotated_columns

SOURCE = "image"


def cascade(model: LutModel) -> tuple[Graph, str]:
    """The look-ups of a model.

    Parameters
    ----------
    model : LutModel
        Any model; those for noise that it holds are left out.

    Returns
    -------
    graph : Graph
        Reads ``SOURCE``, (batch, channel, H, W) float32 in [0, 255]; each plane is on its own.
    result : str
        Name of the (batch, channel, H * r, W * r) result in [0, 255].

    Raises
    ------
    ExportError
        If the model is too large.
    """
    graph = Graph(model.name or "model")
    shape = graph.add("Shape", SOURCE)
    outer = graph.add("Slice", shape, whole(0), whole(2))
    inner = graph.add("Slice", shape, whole(2), whole(4))
    planes = graph.add("Reshape", SOURCE, graph.add("Concat", whole(-1, 1), inner, axis=0))
    signals = [graph.add("Clip", planes, real(0), real(255))]
    for node in model.nodes:
        if isinstance(node, ChannelNode):
            values = gathered(graph, signals, node.signals)
            rows = look_up(graph, node.table, graph.add("Transpose", values, perm=[0, 2, 3, 1]))
        else:
            rows = graph.add("Div", _sum(graph, signals, node, model), real(node.divisor))
        signal = graph.add("Add", rows, real(node.bias))
        signal = graph.add("Transpose", signal, perm=[0, 3, 1, 2])
        if node.upscale > 1:
            signal = graph.add("DepthToSpace", signal, blocksize=node.upscale, mode="CRD")
        signal = graph.add("Clip", signal, real(0), real(255))
        signals.append(signal if model.rounding == "none" else graph.add("Round", signal))
    result = cored(graph, signals[-1], signals[0], model)
    result = without_changes_below(graph, result, signals[0], model)
    larger = graph.add("Mul", inner, whole(model.scale))
    return graph, graph.add("Reshape", result, graph.add("Concat", outer, larger, axis=0))


def _sum(graph: Graph, signals: list[str], node: SpatialNode, model: LutModel) -> str:
    """(N, H, W, columns): branches summed within a rotation, then rotations if there are."""
    exact = model.rounding != "none" or any(isinstance(t, DualTable) for t in node.tables)
    terms = []
    for rotations in range(node.rotations):
        values = sampled(graph, signals, node, rotations, model.padding, exact=exact)
        rows = [look_up(graph, *pair) for pair in zip(node.tables, values, strict=True)]
        terms.append([_rotated_back(graph, each, node, rotations) for each in rows])

    def add(first: str, second: str) -> str:
        return graph.add("Add", first, second)

    if model.rounding in ("none", "stage"):
        return reduce(add, (reduce(add, of_rotation) for of_rotation in terms))
    totals: list[str] = []
    for of_branch in zip(*terms, strict=True):
        for number, term in enumerate(of_branch):
            if not totals or (number == 0 and model.rounding == "branch"):
                totals.append(graph.add("Round", term))
            else:
                totals[-1] = graph.add("Round", add(totals[-1], term))
    return reduce(add, totals)


def _rotated_back(graph: Graph, rows: str, node: SpatialNode, rotations: int) -> str:
    """Rows in the order of the upright image's pixels."""
    columns = node.tables[0].columns
    order = rotated_columns(columns, node.upscale, rotations)
    if order == list(range(columns)):
        return rows
    return graph.add("Gather", rows, np.array(order), axis=-1)
