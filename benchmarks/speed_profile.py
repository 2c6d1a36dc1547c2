"""Where the time of a model of filters goes: summing them, finding rows, adding rows up.

The kernels of the fast engine run on blocks of pixels, with one of their three steps left out.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from timing import seconds
from workloads import grey

from napari_autolut.engine.fast import pixels_together
from napari_autolut.engine.jit import kernel
from napari_autolut.engine.node_rows import BLOCK, CLIPPED, FILTER_SPAN, _add_up, _filter, _locate
from napari_autolut.engine.plan import NodePlan, plan_model
from napari_autolut.engine.simd import static
from napari_autolut.model.graph import LutModel

STEPS = ("filters", "rows and weights", "adding up")
SIDE, REPEATS = 300, 40


@kernel
def _look_ups(
    without: int, padded: Any, offsets: Any, tap_weights: Any, bounds: Any, table: Any,
    grid_sizes: Any, first_rows: Any, scales: Any, columns: Any, inputs: Any, together: Any,
    group: Any,
) -> float:  # fmt: skip
    """All look-ups of a node on blocks of pixels, without step number ``without``."""
    member = len(inputs) * BLOCK
    samples = np.full(len(group) * member, 100, np.float32)
    rows = np.zeros((len(inputs) + 1) * BLOCK, np.int32)
    weights = np.zeros((len(inputs) + 1) * BLOCK, np.float32)
    other_rows, other_weights = np.zeros_like(rows), np.zeros_like(weights)
    totals = np.zeros(BLOCK * len(columns), np.float32)
    for r in range(REPEATS):
        here = (20 + r) * SIDE + 20
        for b in range(len(first_rows)):
            if without != 0 and b % len(group) == 0:
                _filter(padded, offsets, tap_weights, bounds[b // len(group), 0], here, BLOCK,
                        samples, member, BLOCK, group)  # fmt: skip
            if without != 1:
                _locate(samples, b % len(group) * member, rows, weights, other_rows, other_weights,
                        grid_sizes[b], first_rows[b], scales[b], -1.0, BLOCK, BLOCK, BLOCK,
                        inputs, CLIPPED)  # fmt: skip
            if without != 2:
                _add_up(totals, 0, table, rows, weights, BLOCK, columns, inputs, together)
    return totals[0]


def profile(model: LutModel) -> list[dict[str, float]]:
    """Nanoseconds of each step in one look-up, for every node."""
    return [_profile(node) for node in plan_model(model)]


def _profile(node: NodePlan) -> dict[str, float]:
    filters = node.filters
    assert filters is not None, "a node without filters"
    plane = grey(SIDE, SIDE).reshape(-1)
    padded = np.concatenate([plane] * len(node.signals) + [np.zeros(FILTER_SPAN, np.float32)])
    best = []
    for without in (*range(len(STEPS)), len(STEPS)):
        arguments = (
            without, padded, node.tap_offsets(SIDE, SIDE), filters.weights.reshape(-1),
            filters.bounds, node.values, node.grid_sizes, node.first_rows, node.scales,
            static(node.columns), static(node.inputs), static(pixels_together(node)),
            static(filters.weights.shape[1]),
        )  # fmt: skip
        _look_ups(*arguments)
        best.append(min(seconds(lambda a=arguments: _look_ups(*a)) for _ in range(15)))
    look_ups = REPEATS * BLOCK * len(node.first_rows)
    whole = best[-1]
    figures = {
        step: 1e9 * (whole - part) / look_ups for step, part in zip(STEPS, best, strict=False)
    }
    return {"tables": len(node.first_rows), "columns": node.columns,
            "nanoseconds": 1e9 * whole / look_ups} | figures  # fmt: skip
