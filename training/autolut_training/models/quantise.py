"""Storing float tables as whole numbers with one scale for each table.

Belongs here: rounding of finished models. Tables that are trained as int8 round themselves.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from napari_autolut.model import AnyBranch, ChannelNode, LutModel, Node, Table

Part = TypeVar("Part", AnyBranch, ChannelNode)
Whole = TypeVar("Whole", np.int8, np.int16)


def nearest_int8(values: NDArray[np.float32]) -> tuple[NDArray[np.int8], float]:
    """Nearest int8 values and the scale that gives the floats back: ``values ~ int8 * scale``."""
    return _nearest(values, np.int8)


def _nearest(values: NDArray[Any], dtype: type[Whole]) -> tuple[NDArray[Whole], float]:
    scale = float(np.abs(values).max()) / np.iinfo(dtype).max or 1.0
    return np.rint(values / scale).astype(dtype), scale


def in_16_bits(model: LutModel) -> LutModel:
    """The model with its float32 tables as int16: finer steps, in twice the bytes of int8."""
    return replace(model, nodes=tuple(_node_in_16_bits(node) for node in model.nodes))


def _node_in_16_bits(node: Node) -> Node:
    if isinstance(node, ChannelNode):
        return _with_table(node)
    return replace(node, branches=tuple(_with_table(branch) for branch in node.branches))


def _with_table(part: Part) -> Part:
    table = part.table
    if not isinstance(table, Table):
        return part
    values, scale = _nearest(table.values, np.int16)
    return replace(part, table=replace(table, values=values, scale=scale))
