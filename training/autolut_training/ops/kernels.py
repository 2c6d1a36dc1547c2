"""Forward and backward of sampling and look-up on batches, in the engine's vector code.

Belongs here: compiled loops over plain arrays. What makes them a torch operation is ``lookup.py``.
Shapes: N crops, T tables, J inputs, P pixels (a multiple of the vector length), C columns.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autolut_training.ops.gradients import scatter, tap_backward
from napari_autolut.engine.jit import kernel
from napari_autolut.engine.node_rows import ALONE, ANY
from napari_autolut.engine.simd import LANES, accumulate, simplex
from napari_autolut.engine.window_simd import weighted_sum

BLOCK = 256


@kernel
def forward(
    values: Any, tables: Any, nodes: int, out: Any,
    crops: int, count: int, pixels: int, columns: Any, inputs: Any,
) -> None:  # fmt: skip
    """``out`` (N, P, C) += rows looked up in every table for ``values`` (N, T, J, P); all flat."""
    rows = np.empty((len(inputs) + 1) * BLOCK, np.int32)
    weights = np.empty((len(inputs) + 1) * BLOCK, np.float32)
    table_rows = nodes ** len(inputs)
    for n in range(crops):
        for left in range(0, pixels, BLOCK):
            width = min(BLOCK, pixels - left)
            for t in range(count):
                start = (n * count + t) * len(inputs) * pixels + left
                for x in range(0, width, LANES):
                    simplex(values, start + x, pixels, rows, weights, x, BLOCK,
                            nodes, t * table_rows, np.float32(1), inputs, ANY)  # fmt: skip
                for x in range(width):
                    accumulate(out, (n * pixels + left + x) * len(columns), tables, rows, weights,
                               x, BLOCK, columns, inputs, ALONE)  # fmt: skip


@kernel
def backward(
    values: Any, tables: Any, nodes: int, out_gradient: Any, value_gradient: Any,
    table_gradient: Any, crops: int, count: int, pixels: int, columns: Any, inputs: Any,
) -> None:  # fmt: skip
    """Gradients of :func:`forward`: written to ``value_gradient``, added to ``table_gradient``."""
    rows = np.empty((len(inputs) + 1) * BLOCK, np.int32)
    weights = np.empty((len(inputs) + 1) * BLOCK, np.float32)
    table_rows = nodes ** len(inputs)
    per_value = np.float32((nodes - 1) / 256)
    for n in range(crops):
        for left in range(0, pixels, BLOCK):
            width = min(BLOCK, pixels - left)
            for t in range(count):
                start = (n * count + t) * len(inputs) * pixels + left
                for x in range(0, width, LANES):
                    simplex(values, start + x, pixels, rows, weights, x, BLOCK,
                            nodes, t * table_rows, np.float32(1), inputs, ANY)  # fmt: skip
                for x in range(width):
                    slopes = scatter(out_gradient, (n * pixels + left + x) * len(columns), tables,
                                     table_gradient, rows, weights, x, BLOCK,
                                     columns, inputs)  # fmt: skip
                    for v in range(len(inputs)):
                        # The step from one vertex to the next tells which input was walked.
                        stride = rows[(v + 1) * BLOCK + x] - rows[v * BLOCK + x]
                        j = len(inputs) - 1
                        j -= (stride >= nodes) + (stride >= nodes**2) + (stride >= nodes**3)
                        j -= stride >= nodes**4
                        value_gradient[start + j * pixels + x] = slopes[v] * per_value


@kernel
def sample_forward(
    padded: Any, weights: Any, offsets: Any, planes_of: Any, out: Any, crops: int,
    planes: int, plane_size: int, pitch: int, start: int, height: int, width: int, together: Any,
) -> None:  # fmt: skip
    """``out`` (N, T, J, H * W): window sums of padded planes (N, U, plane_size), one rotation.

    ``weights`` (T, J, S, K * K) belong to the planes ``planes_of`` (T, S); ``offsets`` (K * K,) are
    the distances of the taps from their pixel, whose row begins at ``start`` in a padded plane.
    """
    tables, inputs, sources, taps = weights.shape
    distances = np.empty(sources * taps, np.int64)
    flat = weights.reshape(tables, inputs, sources * taps)
    for n in range(crops):
        for t in range(tables):
            for s in range(sources):
                for k in range(taps):
                    distances[s * taps + k] = planes_of[t, s] * plane_size + offsets[k]
            for j in range(inputs):
                to = (n * tables + t) * inputs * height * width + j * height * width
                for y in range(height):
                    for x in range(0, width, len(together) * LANES):
                        weighted_sum(
                            out, to + y * width + x, padded,
                            n * planes * plane_size + start + y * pitch + x,
                            distances, flat[t, j], 0, sources * taps, together,
                        )  # fmt: skip


@kernel
def sample_backward(
    padded: Any, weights: Any, offsets: Any, planes_of: Any, gradient: Any,
    padded_gradient: Any, weight_gradient: Any, crops: int, planes: int, plane_size: int,
    pitch: int, start: int, height: int, width: int,
) -> None:  # fmt: skip
    """Gradients of :func:`sample_forward`, added to ``padded_gradient`` and ``weight_gradient``."""
    tables, inputs, sources, taps = weights.shape
    for n in range(crops):
        for t in range(tables):
            for j in range(inputs):
                at = ((n * tables + t) * inputs + j) * height * width
                for s in range(sources):
                    here = (n * planes + planes_of[t, s]) * plane_size + start
                    for k in range(taps):
                        weight_gradient[t, j, s, k] += tap_backward(
                            padded, padded_gradient, here + offsets[k], pitch,
                            gradient, at, weights[t, j, s, k], height, width,
                        )  # fmt: skip
