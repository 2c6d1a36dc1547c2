"""Where the time of a model goes: sampling the windows, finding rows, adding rows up.

The kernels of the fast engine run on blocks of pixels, with one of their three steps left out.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from timing import seconds
from workloads import grey

from napari_autolut.engine.fast import BLOCK, _locate, _sample
from napari_autolut.engine.jit import kernel
from napari_autolut.engine.plan import NodePlan, plan_model
from napari_autolut.engine.simd import LANES, accumulate, static
from napari_autolut.model import LutModel

STEPS = ("sampling", "rows and weights", "adding up")
SIDE, REPEATS = 300, 40


@kernel
def _look_ups(
    without: int, padded: Any, offsets: Any, tap_weights: Any, bounds: Any, keep: Any, table: Any,
    grid_sizes: Any, first_rows: Any, scales: Any, columns: Any, inputs: Any,
) -> float:  # fmt: skip
    """All look-ups of a node on blocks of pixels, without step number ``without``."""
    samples = np.full(len(inputs) * BLOCK, 100, np.float32)
    rows = np.zeros((len(inputs) + 1) * BLOCK, np.int32)
    weights = np.zeros((len(inputs) + 1) * BLOCK, np.float32)
    other_rows, other_weights = np.zeros_like(rows), np.zeros_like(weights)
    totals = np.zeros(bounds.shape[1] * BLOCK * len(columns), np.float32)
    for r in range(REPEATS):
        here = (20 + r) * SIDE + 20
        for b in range(bounds.shape[0]):
            for k in range(bounds.shape[1]):
                if without != 0:
                    _sample(padded, offsets, tap_weights, bounds[b, k], keep[b], here,
                            BLOCK, samples, BLOCK)  # fmt: skip
                if without != 1:
                    _locate(samples, rows, weights, other_rows, other_weights, grid_sizes[b],
                            first_rows[b], scales[b], -1.0, BLOCK, BLOCK, BLOCK,
                            inputs)  # fmt: skip
                if without != 2:
                    for x in range(BLOCK):
                        accumulate(totals, (k * BLOCK + x) * len(columns), table, rows, weights,
                                   x, BLOCK, columns, inputs)  # fmt: skip
    return totals[0]


def profile(model: LutModel) -> list[dict[str, float]]:
    """Nanoseconds of each step in one look-up, for every node."""
    return [_profile(node) for node in plan_model(model)]


def _profile(node: NodePlan) -> dict[str, float]:
    plane = grey(SIDE, SIDE).reshape(-1)
    padded = np.concatenate([plane] * len(node.signals) + [np.zeros(LANES, np.float32)])
    best = []
    for without in (*range(len(STEPS)), len(STEPS)):
        arguments = (
            without, padded, node.tap_offsets(SIDE, SIDE), node.tap_weights, node.tap_bounds,
            node.keep, node.values, node.grid_sizes, node.first_rows, node.scales,
            static(node.columns), static(node.inputs),
        )  # fmt: skip
        _look_ups(*arguments)
        best.append(min(seconds(lambda a=arguments: _look_ups(*a)) for _ in range(15)))
    look_ups = REPEATS * BLOCK * node.rotations * len(node.first_rows)
    whole = best[-1]
    figures = {
        step: 1e9 * (whole - part) / look_ups for step, part in zip(STEPS, best, strict=False)
    }
    return {"tables": len(node.first_rows), "columns": node.columns,
            "nanoseconds": 1e9 * whole / look_ups} | figures  # fmt: skip
