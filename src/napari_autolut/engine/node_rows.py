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
from napari_autolut.engine.window_simd import filtered_sums, mixed_sum, weighted_sum

BLOCK = 256
"""Pixels of a row handled together, so that the running sums stay in the first-level cache."""

TOGETHER, ALONE = static(4), static(1)
SPAN = len(TOGETHER) * LANES
"""Pixels sampled together."""

FILTER_TOGETHER = static(4 if WIDE_VECTORS else 1)
FILTER_SPAN = len(FILTER_TOGETHER) * LANES
"""Pixels whose filters are summed together."""

ANY, CLIPPED = static(1), static(2)
"""Inputs of look-ups: any numbers, or such as are known to lie in [0, 255]."""


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
    member: int, block: int, group: Any,
) -> None:  # fmt: skip
    """Inputs of a group's look-ups for a block of pixels, each branch's ``member`` further on."""
    for j in range(bounds.shape[0]):
        start, stop = bounds[j, 0], bounds[j, 1]
        for x in range(0, blocks, FILTER_SPAN):
            filtered_sums(samples, j * block + x, member, padded, here + x, offsets, weights,
                          start, stop, group, FILTER_TOGETHER)  # fmt: skip


@kernel
def _locate(
    samples: Any, start: int, rows: Any, weights: Any, far_rows: Any, far_weights: Any,
    grid_sizes: Any, first_rows: Any, scales: Any, reach: float, blocks: int, count: int,
    block: int, inputs: Any, kind: Any,
) -> None:  # fmt: skip
    """Table rows and weights for a block of pixels; of two grids, the one each pixel belongs to.

    Inputs begin at ``start`` of ``samples``.
    """
    for x in range(0, blocks, LANES):
        simplex(samples, start + x, block, rows, weights, x, block,
                grid_sizes[0], first_rows[0], scales[0], inputs, kind)  # fmt: skip
    if reach < 0:
        return
    for x in range(0, blocks, LANES):
        simplex(samples, start + x, block, far_rows, far_weights, x, block,
                grid_sizes[1], first_rows[1], scales[1], inputs, kind)  # fmt: skip
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
def _add_up(
    totals: Any, start: int, table: Any, rows: Any, weights: Any, pixels: int, columns: Any,
    inputs: Any, together: Any,
) -> None:  # fmt: skip
    """Look a block of pixels up and add what is found to ``totals``, from ``start`` on."""
    count, runs = len(columns), pixels // len(together) * len(together)
    for x in range(0, runs, len(together)):
        accumulate(totals, start + x * count, table, rows, weights, x, BLOCK, columns, inputs,
                   together)  # fmt: skip
    for x in range(runs, pixels):
        accumulate(totals, start + x * count, table, rows, weights, x, BLOCK, columns, inputs,
                   ALONE)  # fmt: skip


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
    planes: int, padded: Any, apart: int, out: Any, start: int, out_apart: int, *others: Any
) -> None:
    """:func:`_sampled_rows` of planes whose values lie ``apart``, and those of their results."""
    for n in range(planes):
        _sampled_rows(padded[n * apart :], out, start + n * out_apart, *others)


@kernel
def _sampled_rows(
    padded: Any,
    out: Any, start: int, out_pitch: int, out_plane: int, first: int, last: int,
    offsets: Any, tap_weights: Any, tap_bounds: Any, keep: Any,
    table: Any, grid_sizes: Any, first_rows: Any, scales: Any, reaches: Any,
    turned: Any, divisor: float, bias: float, rounding: int,
    height: int, width: int, pitch: int, border: int,
    columns: Any, upscale: Any, inputs: Any, turns: Any, together: Any,
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
                            inputs, ANY)  # fmt: skip
                    if rounding >= 2 and rotations == 4:
                        term[:] = 0
                        _add_up(term, 0, table, rows, weights, pixels, columns, inputs,
                                together)  # fmt: skip
                        for x in range(pixels):
                            for c in range(count):
                                place = x * count + c
                                totals[place] = np.rint(
                                    totals[place] + term[x * count + turned[k, c]]
                                )
                    else:
                        _add_up(totals, k * step, table, rows, weights, pixels, columns, inputs,
                                together)  # fmt: skip
            totals[:step] += finished
            for x in range(pixels):
                finish(totals, x * count, step, out,
                       start + (y * out_pitch + left + x) * factor, out_pitch, out_plane,
                       divisor, bias,
                       min(rounding, 1), columns, upscale, turns)  # fmt: skip


@kernel
def filtered_rows(
    planes: int, padded: Any, apart: int, out: Any, start: int, out_apart: int, *others: Any
) -> None:
    """:func:`_filtered_rows` of planes whose values lie ``apart``, and those of their results."""
    for n in range(planes):
        _filtered_rows(padded[n * apart :], out, start + n * out_apart, *others)


@kernel
def _filtered_rows(
    padded: Any,
    out: Any, start: int, out_pitch: int, out_plane: int, first: int, last: int,
    offsets: Any, tap_weights: Any, tap_bounds: Any,
    table: Any, grid_sizes: Any, first_rows: Any, scales: Any, reaches: Any,
    divisor: float, bias: float, rounding: int,
    height: int, width: int, pitch: int, border: int,
    columns: Any, upscale: Any, inputs: Any, turns: Any, together: Any,
    group: Any,
) -> None:  # fmt: skip
    """One node whose branches have filters on the rows ``first`` to ``last``."""
    count, factor, rotations, block = len(columns), len(upscale), len(turns), BLOCK
    member, members = len(inputs) * block, len(group)
    step = block * count
    samples, rows, weights, far_rows, far_weights, totals = _buffers(
        members, columns, inputs, turns
    )
    for y in range(first, last):
        for left in range(0, width, block):
            pixels = min(block, width - left)
            blocks = (pixels + LANES - 1) // LANES * LANES
            totals[:] = 0
            here = (y + border) * pitch + border + left
            for g in range(tap_bounds.shape[0]):
                for k in range(rotations):
                    _filter(padded, offsets, tap_weights, tap_bounds[g, k], here, blocks, samples,
                            member, block, group)  # fmt: skip
                    for b in range(g * members, min((g + 1) * members, len(reaches))):
                        _locate(samples, (b - g * members) * member, rows, weights, far_rows,
                                far_weights, grid_sizes[b], first_rows[b], scales[b], reaches[b],
                                blocks, pixels, block, inputs, CLIPPED)  # fmt: skip
                        _add_up(totals, k * step, table, rows, weights, pixels, columns, inputs,
                                together)  # fmt: skip
            for x in range(pixels):
                finish(totals, x * count, step, out,
                       start + (y * out_pitch + left + x) * factor, out_pitch, out_plane,
                       divisor, bias,
                       rounding, columns, upscale, turns)  # fmt: skip
