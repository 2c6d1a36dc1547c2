"""Where the time of a model of filters goes: summing them, finding rows, adding rows up.

The kernels of the fast engine run on blocks of pixels, with one of their three steps left out.
"""

from __future__ import annotations

import time
from functools import partial

import numpy as np
from timing import seconds
from workloads import grey

from napari_autolut.compilation.kernels import kernel
from napari_autolut.engine.fast import PlaneBuffer, Size
from napari_autolut.engine.kernels import Scratch, Tables, View, scratch_for
from napari_autolut.engine.lookup_steps import add_up, locate
from napari_autolut.engine.plan import NodePlan, plan_model
from napari_autolut.engine.sampling_steps import BLOCK, Block, sample
from napari_autolut.engine.shapes import Shape
from napari_autolut.engine.square_steps import FIRST_NUMBER, NUMBERS_OF_PLANE, square
from napari_autolut.engine.taps import Taps
from napari_autolut.engine.threads import aligned_empty
from napari_autolut.model import SQUARE_SIDE, LutModel

STEPS = ("filters", "rows and weights", "adding up")
SIDE, REPEATS = 300, 40


@kernel
def _look_ups(
    without: int, taps: Taps, tables: Tables, source: View, scratch: Scratch, shape: Shape
) -> float:
    """All look-ups of a node on blocks of pixels, without step number ``without``."""
    together = SQUARE_SIDE if len(taps.planes) else 1
    for number in range(REPEATS):
        here = source.start + number * together * source.row_stride
        topmost = 1 if number == 0 else 0
        block = Block(here, source.row_stride, together, BLOCK // together, number & 1, topmost)
        for group in range(len(taps.groups)):
            if without != 0:
                sample(scratch.sampler, (scratch.samples, taps, group, source.flat, block))
                if len(taps.planes):
                    square(scratch.squarer, (scratch.samples, taps, group, source.flat, block))
            for slot in range(taps.groups[group, 4]):
                if without != 1:
                    look_up = taps.groups[group, 2] + slot
                    locate(scratch, shape, slot, tables, look_up, BLOCK)
                if without != 2:
                    add_up(scratch, shape, 0, tables, BLOCK)
    total: float = scratch.totals[0]
    return total


def profile(model: LutModel) -> list[dict[str, float]]:
    """Nanoseconds of each step in one look-up, for every node."""
    plan = plan_model(model)
    return [_profile(node, *plan.read[node.scale]) for node in plan.nodes]


def _profile(node: NodePlan, count: int, border: int) -> dict[str, float]:
    part = node.parts[0]
    size = Size(1, count, SIDE, SIDE, border, node.scale)
    planes = PlaneBuffer(np.zeros(size.values, np.float32), size, "edge")
    for plane in range(count):
        planes.put(plane, grey(SIDE, SIDE)[None])
    taps = planes.placed(node.taps)
    samples = aligned_empty(FIRST_NUMBER + NUMBERS_OF_PLANE * len(taps.planes), np.float32)
    scratch = scratch_for(part.shape)._replace(samples=samples)
    for memory in scratch[:4]:
        memory[:] = 0
    best = []
    for without in range(len(STEPS) + 1):
        arguments = (without, taps, part.tables, planes.view(0, 0), scratch, part.shape)
        _look_ups(*arguments)
        work = partial(_look_ups, *arguments)
        best.append(min(seconds(work, time.process_time) for _ in range(15)))
    tables = int(taps.groups[:, 0].sum())
    look_ups = REPEATS * BLOCK * tables
    whole = best[-1]
    figures = {
        step: 1e9 * max(0.0, whole - part) / look_ups
        for step, part in zip(STEPS, best, strict=False)
    }
    return {"tables": tables, "columns": len(part.shape.columns),
            "nanoseconds": 1e9 * whole / look_ups} | figures  # fmt: skip
