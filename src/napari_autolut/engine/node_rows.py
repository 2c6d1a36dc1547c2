"""The kernels of the fast engine: rows of one node, in blocks of pixels.

Belongs here: the two loops (rows and weights of a block, then the look-ups). The vector steps are
``simd.py``; what is computed and in which order is ``reference.py``, whose bits these give.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from napari_autolut.engine.jit import WIDE_VECTORS, kernel
from napari_autolut.engine.simd import (
    LANES,
    accumulate,
    finish,
    simplex,
    static,
)
from napari_autolut.engine.taps import GROUP
from napari_autolut.engine.window_simd import filtered_sums, mixed_sum, weighted_sum

BLOCK = 256
"""Pixels of a row handled together, so that the running sums stay in the first-level cache."""

TOGETHER = static(4)
SPAN = len(TOGETHER) * LANES
"""Pixels sampled together."""

FILTER_GROUP, FILTER_TOGETHER = static(GROUP), static(4 if WIDE_VECTORS else 1)
FILTER_SPAN = len(FILTER_TOGETHER) * LANES
"""Filters, and pixels, summed together."""


@kernel
def _sample(
    padded: Any, offsets: Any, weights: Any, bounds: Any, keep: Any, here: int,
    blocks: int, samples: Any, block: int,
) -> None:  # fmt: skip
    """Inputs of one look-up for a block of pixels: samples (inputs * block,)."""
    for j in range(bounds.shape[1]):
        start, stop = bounds[0, j, 0], bounds[0, j, 1]
        start_before, stop_before = bounds[1, j, 0], bounds[1, j, 1]
        if stop_before > start_before:
            for x in range(0, blocks, SPAN):
                mixed_sum(samples, j * block + x, padded, here + x, offsets, weights,
                          start, stop, start_before, stop_before, keep[j], TOGETHER)  # fmt: skip
        else:
            for x in range(0, blocks, SPAN):
                weighted_sum(samples, j * block + x, padded, here + x, offsets, weights,
                             start, stop, TOGETHER)  # fmt: skip


@kernel
def _filter(
    padded: Any, offsets: Any, weights: Any, bounds: Any, here: int, blocks: int, samples: Any,
    member: int, block: int,
) -> None:  # fmt: skip
    """Inputs of a group's look-ups for a block of pixels, each branch's ``member`` further on."""
    for j in range(bounds.shape[0]):
        start, stop = bounds[j, 0], bounds[j, 1]
        for x in range(0, blocks, FILTER_SPAN):
            filtered_sums(samples, j * block + x, member, padded, here + x, offsets, weights,
                          start, stop, FILTER_GROUP, FILTER_TOGETHER)  # fmt: skip


@kernel
def _locate(
    samples: Any, start: int, rows: Any, weights: Any, far_rows: Any, far_weights: Any,
    grid_sizes: Any, first_rows: Any, scales: Any, reach: float, blocks: int, count: int,
    block: int, inputs: Any,
) -> None:  # fmt: skip
    """Table rows and weights for a block of pixels; of two grids, the one each pixel belongs to.

    Inputs begin at ``start`` of ``samples``.
    """
    for x in range(0, blocks, LANES):
        simplex(samples, start + x, block, rows, weights, x, block,
                grid_sizes[0], first_rows[0], scales[0], inputs)  # fmt: skip
    if reach < 0:
        return
    for x in range(0, blocks, LANES):
        simplex(samples, start + x, block, far_rows, far_weights, x, block,
                grid_sizes[1], first_rows[1], scales[1], inputs)  # fmt: skip
    for x in range(count):
        near = True
        for j in range(len(inputs)):
            distance = abs(samples[start + j * block + x] - samples[start + x])
            near = near and distance <= reach
        if not near:
            for v in range(len(inputs) + 1):
                rows[v * block + x] = far_rows[v * block + x]
                weights[v * block + x] = far_weights[v * block + x]


@kernel
def _buffers(members: int, columns: Any, inputs: Any, turns: Any) -> Any:
    """What a block needs: inputs of ``members`` look-ups, rows and weights on two grids, sums."""
    vertices = (len(inputs) + 1) * BLOCK
    return (
        np.zeros(members * len(inputs) * BLOCK, np.float32),
        np.zeros(vertices, np.int32), np.zeros(vertices, np.float32),
        np.zeros(vertices, np.int32), np.zeros(vertices, np.float32),
        np.zeros(len(turns) * BLOCK * len(columns), np.float32),
    )  # fmt: skip


@kernel
def sampled_rows(
    padded: Any, offsets: Any, tap_weights: Any, tap_bounds: Any, keep: Any,
    table: Any, grid_sizes: Any, first_rows: Any, scales: Any, reaches: Any,
    turned: Any, divisor: float, bias: float, rounding: int,
    out: Any, start: int, out_pitch: int, out_plane: int, first: int, last: int,
    height: int, width: int, pitch: int, border: int,
    columns: Any, upscale: Any, inputs: Any, turns: Any,
) -> None:  # fmt: skip
    """One node on the rows ``first`` to ``last``."""
    count, factor, rotations, block = len(columns), len(upscale), len(turns), BLOCK
    step = block * count
    samples, rows, weights, far_rows, far_weights, totals = _buffers(1, columns, inputs, turns)
    term = np.zeros(step, np.float32)
    finished = np.zeros(step, np.float32)
    for y in range(first, last):
        for left in range(0, width, block):
            pixels = min(block, width - left)
            blocks = (pixels + LANES - 1) // LANES * LANES
            totals[:] = 0
            finished[:] = 0
            here = (y + border) * pitch + border + left
            for b in range(tap_bounds.shape[0]):
                if rounding == 3:
                    finished += totals[:step]
                    totals[:step] = 0
                for k in range(rotations):
                    _sample(padded, offsets, tap_weights, tap_bounds[b, k], keep[b], here,
                            blocks, samples, block)  # fmt: skip
                    _locate(samples, 0, rows, weights, far_rows, far_weights, grid_sizes[b],
                            first_rows[b], scales[b], reaches[b], blocks, pixels, block,
                            inputs)  # fmt: skip
                    if rounding >= 2 and rotations == 4:
                        term[:] = 0
                        for x in range(pixels):
                            accumulate(term, x * count, table, rows, weights, x, block,
                                       columns, inputs)  # fmt: skip
                            for c in range(count):
                                place = x * count + c
                                totals[place] = np.rint(
                                    totals[place] + term[x * count + turned[k, c]]
                                )
                    else:
                        for x in range(pixels):
                            accumulate(totals, k * step + x * count, table, rows, weights, x,
                                       block, columns, inputs)  # fmt: skip
            totals[:step] += finished
            for x in range(pixels):
                finish(totals, x * count, step, out,
                       start + (y * out_pitch + left + x) * factor, out_pitch, out_plane,
                       divisor, bias,
                       min(rounding, 1), columns, upscale, turns)  # fmt: skip


@kernel
def filtered_rows(
    padded: Any, offsets: Any, tap_weights: Any, tap_bounds: Any,
    table: Any, grid_sizes: Any, first_rows: Any, scales: Any, reaches: Any,
    divisor: float, bias: float, rounding: int,
    out: Any, start: int, out_pitch: int, out_plane: int, first: int, last: int,
    height: int, width: int, pitch: int, border: int,
    columns: Any, upscale: Any, inputs: Any, turns: Any,
) -> None:  # fmt: skip
    """One node whose branches have filters on the rows ``first`` to ``last``."""
    count, factor, rotations, block = len(columns), len(upscale), len(turns), BLOCK
    member = len(inputs) * block
    step = block * count
    samples, rows, weights, far_rows, far_weights, totals = _buffers(GROUP, columns, inputs, turns)
    for y in range(first, last):
        for left in range(0, width, block):
            pixels = min(block, width - left)
            blocks = (pixels + LANES - 1) // LANES * LANES
            totals[:] = 0
            here = (y + border) * pitch + border + left
            for g in range(tap_bounds.shape[0]):
                for k in range(rotations):
                    _filter(padded, offsets, tap_weights, tap_bounds[g, k], here, blocks, samples,
                            member, block)  # fmt: skip
                    for b in range(g * GROUP, min((g + 1) * GROUP, len(reaches))):
                        _locate(samples, (b - g * GROUP) * member, rows, weights, far_rows,
                                far_weights, grid_sizes[b], first_rows[b], scales[b], reaches[b],
                                blocks, pixels, block, inputs)  # fmt: skip
                        for x in range(pixels):
                            accumulate(totals, k * step + x * count, table, rows, weights, x,
                                       block, columns, inputs)  # fmt: skip
            for x in range(pixels):
                finish(totals, x * count, step, out,
                       start + (y * out_pitch + left + x) * factor, out_pitch, out_plane,
                       divisor, bias,
                       rounding, columns, upscale, turns)  # fmt: skip
