"""A model laid out for the fast engine: one flat table per node, and taps in every rotation.

Belongs here: what can be computed once per model. The result is kept as long as the model lives.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from napari_autolut.engine.memory import aligned
from napari_autolut.engine.taps import FilterTaps, Tap, filter_taps, window_taps
from napari_autolut.model.graph import (
    AnyTable,
    ChannelNode,
    DualTable,
    LutModel,
    Node,
    Signal,
    SpatialNode,
    Table,
)
from napari_autolut.model.symmetry import rotated_columns


@dataclass(frozen=True, eq=False)
class NodePlan:
    """One node as flat arrays; B branches, k rotations, j inputs.

    ``taps`` (T, 3) are (plane, row, column) offsets, ``tap_bounds`` (B, k, 2, inputs, 2) says where
    each input's taps start and stop, of the source and of the previous signal. ``values``
    holds the rows of every table of the node; a branch's table (and its far grid) starts at
    ``first_rows[b]``. ``reaches`` is -1 where there is one grid.

    Branches with filters have their taps in ``filters``, and none of these.
    """

    signals: tuple[Signal, ...]
    border: int
    columns: int
    upscale: int
    inputs: int
    rotations: int
    divisor: float
    bias: float
    taps: NDArray[np.int64]
    tap_weights: NDArray[np.float32]
    tap_bounds: NDArray[np.int64]
    keep: NDArray[np.float32]
    filters: FilterTaps | None
    values: NDArray[np.int8 | np.int16 | np.float32]
    grid_sizes: NDArray[np.int64]
    first_rows: NDArray[np.int64]
    scales: NDArray[np.float32]
    reaches: NDArray[np.float32]
    turned: NDArray[np.int64]

    @property
    def channels(self) -> int:
        """Planes that the node gives."""
        return self.columns // self.upscale**2

    def tap_offsets(self, height: int, pitch: int) -> NDArray[np.int64]:
        """The taps as distances in padded planes of ``height`` rows, ``pitch`` values a row."""
        taps = self.taps if self.filters is None else self.filters.taps
        offsets: NDArray[np.int64] = taps @ np.array([height * pitch, pitch, 1])
        return offsets


_plans: WeakKeyDictionary[LutModel, tuple[NodePlan, ...]] = WeakKeyDictionary()


def plan_model(model: LutModel) -> tuple[NodePlan, ...]:
    """Plans of all nodes; made on the first call for a model."""
    plans = _plans.get(model)
    if plans is None:
        plans = _plans[model] = tuple(
            _plan_spatial(node) if isinstance(node, SpatialNode) else _plan_channel(node)
            for node in model.nodes
        )
    return plans


def _plan_spatial(node: SpatialNode) -> NodePlan:
    signals = tuple(dict.fromkeys(node.sources))
    taps = [
        [
            [window_taps(signals.index(s), b.windows, node, turns) for s in b.sources]
            for turns in range(node.rotations)
        ]
        for b in node.windowed
    ]
    keep = [
        np.zeros(branch.table.inputs) if branch.residual is None else branch.residual
        for branch in node.windowed
    ]
    filters = filter_taps(node, signals)
    return _plan(node, signals, node.divisor, node.upscale, node.rotations, taps, keep, filters)


def _plan_channel(node: ChannelNode) -> NodePlan:
    signals = tuple(dict.fromkeys(node.signals))
    taps = [[[(signals.index(signal), 0, 0, 1.0)] for signal in node.signals]]
    return _plan(node, signals, 1.0, 1, 1, [[taps]], [np.zeros(len(node.signals))])


def _plan(
    node: Node,
    signals: tuple[Signal, ...],
    divisor: float,
    upscale: int,
    rotations: int,
    taps: list[list[list[list[list[Tap]]]]],
    keep: Iterable[NDArray[np.floating]],
    filters: FilterTaps | None = None,
) -> NodePlan:
    count = node.tables[0].inputs
    flat: list[Tap] = []
    bounds = np.zeros((len(taps), rotations, 2, count, 2), np.int64)
    for b, of_branch in enumerate(taps):
        for k, of_turn in enumerate(of_branch):
            for s, of_source in enumerate(of_turn):
                for j, of_input in enumerate(of_source):
                    bounds[b, k, s, j] = len(flat), len(flat) + len(of_input)
                    flat += of_input
    grids = [_grids(table) for table in node.tables]
    every = [grid for pair in grids for grid in dict.fromkeys(pair)]
    starts = dict(zip(every, np.cumsum([0, *(len(t.values) for t in every)]), strict=False))
    dtype = np.result_type(*(grid.values.dtype for grid in every))
    columns = every[0].columns
    return NodePlan(
        signals=signals,
        border=node.halo,
        columns=columns,
        upscale=upscale,
        inputs=count,
        rotations=rotations,
        divisor=divisor,
        bias=node.bias,
        taps=np.array([tap[:3] for tap in flat], np.int64).reshape(-1, 3),
        tap_weights=np.array([tap[3] for tap in flat], np.float32),
        tap_bounds=bounds,
        keep=np.array(list(keep), np.float32),
        filters=filters,
        values=aligned(np.concatenate([grid.values for grid in every]).astype(dtype).reshape(-1)),
        grid_sizes=np.array([[grid.grid_size for grid in pair] for pair in grids]),
        first_rows=np.array([[starts[grid] for grid in pair] for pair in grids]),
        scales=np.array([[grid.scale for grid in pair] for pair in grids], np.float32),
        reaches=np.array(
            [t.reach if isinstance(t, DualTable) else -1 for t in node.tables], np.float32
        ),
        turned=np.array([rotated_columns(columns, upscale, turns) for turns in range(4)]),
    )


def _grids(table: AnyTable) -> tuple[Table, Table]:
    return (table.near, table.far) if isinstance(table, DualTable) else (table, table)
