"""Where the time of a model of filters goes: summing them, finding rows, adding rows up.

The kernels of the fast engine run on blocks of pixels, with one of their three steps left out.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from timing import seconds
from workloads import grey

from napari_autolut.engine.jit import kernel
from napari_autolut.engine.node_rows import BLOCK, FILTER_SPAN, _filter, _locate
from napari_autolut.engine.plan import NodePlan, plan_model
from napari_autolut.engine.simd import accumulate, static
from napari_autolut.engine.taps import GROUP
from napari_autolut.model import LutModel

STEPS = ("filters", "rows and weights", "adding up")
SIDE, REPEATS = 300, 40


@kernel
def _look_ups(
    without: int, padded: Any, offsets: Any, tap_weights: Any, bounds: Any, table: Any,
    grid_sizes: Any, first_rows: Any, scales: Any, columns: Any, inputs: Any,
) -> float:  # fmt: skip
    """All look-ups of a node on blocks of pixels, without step number ``without``."""
    member = len(inputs) * BLOCK
    samples = np.full(GROUP * member, 100, np.float32)
    rows = np.zeros((len(inputs) + 1) * BLOCK, np.int32)
    weights = np.zeros((len(inputs) + 1) * BLOCK, np.float32)
    other_rows, other_weights = np.zeros_like(rows), np.zeros_like(weights)
    totals = np.zeros(BLOCK * len(columns), np.float32)
    for r in range(REPEATS):
        here = (20 + r) * SIDE + 20
        for b in range(len(first_rows)):
            if without != 0 and b % GROUP == 0:
                _filter(padded, offsets, tap_weights, bounds[b // GROUP, 0], here, BLOCK, samples,
                        member, BLOCK)  # fmt: skip
            if without != 1:
                _locate(samples, b % GROUP * member, rows, weights, other_rows, other_weights,
                        grid_sizes[b], first_rows[b], scales[b], -1.0, BLOCK, BLOCK, BLOCK,
                        inputs)  # fmt: skip
            if without != 2:
                for x in range(BLOCK):
                    accumulate(totals, x * len(columns), table, rows, weights,
                               x, BLOCK, columns, inputs)  # fmt: skip
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
            static(node.columns), static(node.inputs),
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
