"""Forward and backward of sampling and look-up on batches, in the engine's vector code.

Belongs here: compiled loops over plain arrays. What makes them a torch operation is ``lookup.py``.
Shapes: N crops, T tables, J inputs, P pixels (a multiple of the vector length), C columns.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autolut_training.ops.gradients import (
    BLOCK,
    find,
    gather,
    scatter,
    tap_backward,
    window_sum,
)
from napari_autolut.compilation.kernels import kernel
from napari_autolut.compilation.values import LANES
from napari_autolut.engine.shapes import Shape

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]


class Tables(NamedTuple):
    """Flat tables of one size, how many they are, and how many crops and pixels are looked up."""

    values: Floats
    nodes: int
    tables: int
    crops: int
    pixels: int


class Gradients(NamedTuple):
    """What arrives from the output, and where that of inputs and of tables goes; all flat."""

    out: Floats
    values: Floats
    tables: Floats


class Found(NamedTuple):
    """Rows and weights of a block of pixels."""

    rows: NDArray[np.int32]
    weights: Floats


class Windows(NamedTuple):
    """``weights`` (T, J, S, K * K) on the planes ``planes_of`` (T, S), and the taps' distances.

    ``offsets`` (K * K,) are counted from a window's pixel, in one rotation.
    """

    weights: Floats
    planes_of: Integers
    offsets: Integers


class Geometry(NamedTuple):
    """Padded planes of N crops: how many, size and row stride, where row 0 begins, its size."""

    crops: int
    planes: int
    plane_size: int
    row_stride: int
    start: int
    height: int
    width: int


class WindowTaps(NamedTuple):
    """Taps of one window on all its planes; as many vectors at a time as ``together`` is long."""

    offsets: Integers
    weights: Floats
    taps: int
    together: tuple[int, ...]


class Padded(NamedTuple):
    """Padded planes and their gradient, both flat."""

    values: Floats
    gradient: Floats


@kernel
def forward(values: Floats, tables: Tables, out: Floats, shape: Shape) -> None:
    """``out`` (N, P, C) += rows looked up in every table for ``values`` (N, T, J, P); all flat."""
    columns, inputs = len(shape.columns), len(shape.inputs)
    found = Found(
        np.empty((inputs + 1) * BLOCK, np.int32), np.empty((inputs + 1) * BLOCK, np.float32)
    )
    size = tables.nodes**inputs * columns
    for n in range(tables.crops):
        for left in range(0, tables.pixels, BLOCK):
            width = min(BLOCK, tables.pixels - left)
            for t in range(tables.tables):
                start = (n * tables.tables + t) * inputs * tables.pixels + left
                for x in range(0, width, LANES):
                    find(found, x, values, start + x, tables.pixels, (tables.nodes, t * size),
                         shape)  # fmt: skip
                for x in range(width):
                    to = (n * tables.pixels + left + x) * columns
                    gather(out, to, tables.values, found, x, shape)


@kernel
def backward(values: Floats, tables: Tables, gradients: Gradients, shape: Shape) -> None:
    """Gradients of :func:`forward`: written to that of inputs, added to that of tables."""
    columns, inputs, nodes = len(shape.columns), len(shape.inputs), tables.nodes
    found = Found(
        np.empty((inputs + 1) * BLOCK, np.int32), np.empty((inputs + 1) * BLOCK, np.float32)
    )
    size = nodes**inputs * columns
    per_value = np.float32((nodes - 1) / 256)
    for n in range(tables.crops):
        for left in range(0, tables.pixels, BLOCK):
            width = min(BLOCK, tables.pixels - left)
            for t in range(tables.tables):
                start = (n * tables.tables + t) * inputs * tables.pixels + left
                for x in range(0, width, LANES):
                    find(found, x, values, start + x, tables.pixels, (nodes, t * size),
                         shape)  # fmt: skip
                for x in range(width):
                    slopes = scatter(gradients.out, (n * tables.pixels + left + x) * columns,
                                     tables.values, gradients.tables, found, x, shape)  # fmt: skip
                    for v in range(inputs):
                        # The step from one vertex to the next tells which input was walked.
                        row = found.rows[(v + 1) * BLOCK + x] - found.rows[v * BLOCK + x]
                        stride = row // columns
                        j = inputs - 1
                        j -= (stride >= nodes) + (stride >= nodes**2) + (stride >= nodes**3)
                        j -= stride >= nodes**4
                        gradients.values[start + j * tables.pixels + x] = slopes[v] * per_value


@kernel
def sample_forward(
    padded: Floats, windows: Windows, out: Floats, geometry: Geometry, together: Any
) -> None:
    """``out`` (N, T, J, H * W): window sums of padded planes (N, U, plane_size), one rotation."""
    tables, inputs, sources, taps = windows.weights.shape
    distances = np.empty(sources * taps, np.int64)
    flat = windows.weights.reshape(tables, inputs, sources * taps)
    height, width = geometry.height, geometry.width
    for n in range(geometry.crops):
        first = n * geometry.planes * geometry.plane_size + geometry.start
        for t in range(tables):
            for s in range(sources):
                plane = windows.planes_of[t, s] * geometry.plane_size
                for k in range(taps):
                    distances[s * taps + k] = plane + windows.offsets[k]
            for j in range(inputs):
                to = ((n * tables + t) * inputs + j) * height * width
                of_window = WindowTaps(distances, flat[t, j], sources * taps, together)
                for y in range(height):
                    for x in range(0, width, len(together) * LANES):
                        window_sum(out, to + y * width + x, padded,
                                   first + y * geometry.row_stride + x, of_window)  # fmt: skip


@kernel
def sample_backward(
    planes: Padded, windows: Windows, gradient: Floats, weight_gradient: Floats, geometry: Geometry
) -> None:
    """Gradients of :func:`sample_forward`, added to those of planes and of weights."""
    tables, inputs, sources, taps = windows.weights.shape
    height, width = geometry.height, geometry.width
    for n in range(geometry.crops):
        for t in range(tables):
            for j in range(inputs):
                place = ((n * tables + t) * inputs + j) * height * width, height, width
                for s in range(sources):
                    plane = n * geometry.planes + windows.planes_of[t, s]
                    here = plane * geometry.plane_size + geometry.start
                    for k in range(taps):
                        weight_gradient[t, j, s, k] += tap_backward(
                            planes, here + windows.offsets[k], geometry.row_stride, gradient, place,
                            windows.weights[t, j, s, k],
                        )  # fmt: skip
