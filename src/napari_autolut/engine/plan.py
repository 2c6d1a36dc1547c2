"""A model laid out for the fast engine: flat tables, taps in every rotation, numbers of planes.

Belongs here: what can be computed once per model. ``fast.py`` keeps it as long as the model lives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from napari_autolut.engine.kernels import Rule, Tables
from napari_autolut.engine.lookup_steps import FAR, NEAR
from napari_autolut.engine.shapes import COLUMNS, Shape, shape_of
from napari_autolut.engine.taps import Taps, node_taps
from napari_autolut.engine.threads import aligned_empty
from napari_autolut.model import (
    AnyTable,
    ChannelNode,
    DualTable,
    LutModel,
    Node,
    Rounding,
    Signal,
    Table,
)
from napari_autolut.util.keys_cubic import BICUBIC_RADIUS


@dataclass(frozen=True, eq=False)
class Part:
    """Some channels of a node, as many as one row of a kernel's shape holds."""

    first_channel: int
    shape: Shape
    tables: Tables


@dataclass(frozen=True, eq=False)
class NodePlan:
    """One node as flat arrays, with taps whose offsets are (plane, row, column).

    ``scale`` is that of the planes it reads. ``planes`` are its own among those of their scale,
    ``channels`` in number, those of padded columns among them. ``rounding`` is the model's, where
    sums are rounded after each look-up.
    """

    scale: int
    planes: slice
    channels: int
    taps: Taps
    parts: tuple[Part, ...]
    rule: Rule
    rounding: Rounding | None


class PlanesRead(NamedTuple):
    """How many planes of a scale there are, and how far beyond their edge nodes look."""

    planes: int
    border: int


@dataclass(frozen=True, eq=False)
class ModelPlan:
    """The nodes in their order, and the planes that they read, by scale."""

    nodes: tuple[NodePlan, ...]
    read: dict[int, PlanesRead]


def plan_model(model: LutModel) -> ModelPlan:
    """Lay a model out."""
    counts, first_planes, nodes = {1: 1}, [0], []
    # What follows the last node reads the image itself.
    borders = {1: BICUBIC_RADIUS if model.coring else int(model.noise_floor > 0)}
    for number, node in enumerate(model.nodes, 1):
        parts = _parts(node)
        scale, target = model.signal_scales[node.sources[0].node], model.signal_scales[number]
        borders[scale] = max(borders.get(scale, 0), node.halo)
        first_planes.append(counts.get(target, 0))

        def plane_of(signal: Signal) -> int:
            return first_planes[signal.node] + signal.channel

        last = parts[-1]
        channels = last.first_channel + len(last.shape.columns) // node.upscale**2
        counts[target] = first_planes[-1] + channels
        stepwise = model.rounding in ("running", "branch") and not isinstance(node, ChannelNode)
        made = NodePlan(
            scale=scale,
            planes=slice(first_planes[-1], counts[target]),
            channels=channels,
            taps=node_taps(node, len(last.shape.inputs), plane_of),
            parts=parts,
            rule=_rule(node, model),
            rounding=model.rounding if stepwise else None,
        )
        nodes.append(made)
    read = {scale: PlanesRead(counts[scale], border) for scale, border in borders.items()}
    return ModelPlan(tuple(nodes), read)


def _rule(node: Node, model: LutModel) -> Rule:
    divisor, rotations = (
        (1.0, 1) if isinstance(node, ChannelNode) else (node.divisor, node.rotations)
    )
    return Rule(
        divisor=np.float32(divisor),
        bias=np.float32(node.bias),
        low=np.float32(0),
        high=np.float32(255),
        rounds=int(model.rounding != "none"),
        rotations=rotations,
        upscale=node.upscale,
    )


def _parts(node: Node) -> tuple[Part, ...]:
    """The tables padded to a shape; rows too wide for any are cut between channels."""
    block, columns = node.upscale**2, node.tables[0].columns
    together = max(COLUMNS) // block * block
    grids = [grid for table in node.tables for grid in _grids(table)]
    parts = []
    for first in range(0, columns, together):
        wanted = slice(first, min(first + together, columns))
        width, inputs = wanted.stop - wanted.start, max(table.inputs for table in node.tables)
        dtype = np.result_type(*(table.values.dtype for table, *_ in grids))
        shape = shape_of(width, inputs, 8 * dtype.itemsize)
        missing = (0, 0), (0, len(shape.columns) - width)
        values = [np.pad(table.values[:, wanted], missing) for table, *_ in grids]
        starts = np.cumsum([0, *(len(each.reshape(-1)) for each in values)])
        walks = [
            (kind, start, *_strides(table.grid_size, table.inputs, shape))
            for (table, kind, _), start in zip(grids, starts, strict=False)
        ]
        numbers = [((table.grid_size - 1) / 256, table.scale, reach) for table, _, reach in grids]
        flat = aligned_empty(starts[-1], dtype)
        np.concatenate([each.reshape(-1) for each in values], out=flat)
        tables = Tables(
            flat.view(np.uint8),
            np.array(walks, np.int32),
            np.array(numbers, np.float32),
        )
        parts.append(Part(first // block, shape, tables))
    return tuple(parts)


def _grids(table: AnyTable) -> list[tuple[Table, int, float]]:
    """What is looked up: a table, its kind, and the radius of the near one of two grids."""
    if isinstance(table, DualTable):
        return [(table.near, NEAR, table.reach), (table.far, FAR, table.reach)]
    return [(table, 0, 0.0)]


def _strides(grid_size: int, inputs: int, shape: Shape) -> list[int]:
    """Values from one grid node to the next along each input; 0 along those that are always 0."""
    strides = [len(shape.columns) * grid_size**axis for axis in reversed(range(inputs))]
    return strides + [0] * (len(shape.inputs) - inputs)
