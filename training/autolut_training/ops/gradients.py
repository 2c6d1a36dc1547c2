"""Vector instructions for training: forward and backward steps of sampling and look-up.

Belongs here: the steps for one vector of pixels, or one pixel. The loops are in ``kernels.py``.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils

from napari_autolut.compilation.values import (
    FLOAT,
    INT,
    LANES,
    LONG,
    Value,
    Variable,
    constant,
    splat,
)
from napari_autolut.compilation.vectors import loop, step
from napari_autolut.engine.lookup_steps import interpolated, simplex
from napari_autolut.engine.sampling_steps import weighted_sums

BLOCK = 256
"""Pixels whose rows and weights are kept at a time."""


@step
def window_sum(builder: Any, out: Any, to: Any, plane: Any, here: Any, taps: Any) -> None:
    """``out[to:]`` becomes the sums over taps for as many vectors as ``taps.together`` is long."""
    read, bounds = (plane, taps.offsets, taps.weights), (0, taps.taps, 0)
    (sums,) = weighted_sums(read, here, bounds, (1, taps.together))
    for number, values in enumerate(sums):
        out.put(values, to + number * LANES)


@step
def find(
    builder: Any, scratch: Any, x: Any, values: Any, start: Any, stride: Any, table: Any, shape: Any
) -> None:
    """Rows and weights of LANES pixels from number ``x`` on into ``scratch``, BLOCK a vertex.

    Input j of the first one is ``values[start + j * stride]``; ``table`` are its grid size and
    where it begins. Rows are where their values begin.
    """
    nodes, first = (number.as_int(INT) for number in table)
    strides = [constant(builder, shape.columns, INT, None)]
    while len(strides) < shape.inputs:
        strides.insert(0, strides[0] * nodes)
    vertices = simplex(
        [values.vector(start + stride * j) for j in range(shape.inputs)],
        [splat(stride) for stride in strides],
        splat(first),
        (nodes - 1).as_float() * (1 / 256),
        last=splat(nodes - 2),
    )
    for v, (row, weight) in enumerate(vertices):
        scratch.rows.put(row, x + v * BLOCK)
        scratch.weights.put(weight, x + v * BLOCK)


@step
def gather(builder: Any, out: Any, to: Any, tables: Any, scratch: Any, x: Any, shape: Any) -> None:
    """Add the rows found for pixel ``x`` to ``out[to:]``."""
    found, counts = (tables, scratch.rows, scratch.weights), (shape.columns, shape.inputs + 1, 1)
    out.put(out.vector(to, shape.columns) + interpolated(found, x, counts, BLOCK), to)


@step(result=lambda *kinds: types.UniTuple(types.float32, len(kinds[-1][1])))
def scatter(
    builder: Any, gradient: Any, start: Any, tables: Any, table_gradient: Any, scratch: Any,
    x: Any, shape: Any,
) -> list[Value]:  # fmt: skip
    """Backward of :func:`gather` at one pixel.

    Adds ``weight * gradient`` to the looked-up rows of ``table_gradient`` and returns, for each
    input in walking order, the gradient of the output along its fraction.
    """
    width = shape.columns
    arriving, values = gradient.vector(start, width), []
    for v in range(shape.inputs + 1):
        weight, place = scratch.weights[x + v * BLOCK], scratch.rows[x + v * BLOCK].as_int(LONG)
        values.append(tables.vector(place, width))
        before = table_gradient.vector(place, width)
        table_gradient.put(before + arriving * weight, place)
    return [_lanes_summed((upper - lower) * arriving) for lower, upper in pairwise(values)]


@step(result=lambda *kinds: types.float32)
def tap_backward(
    builder: Any, planes: Any, start: Any, row_stride: Any, gradient: Any, place: Any, weight: Any
) -> Value:
    """Backward of one tap of :func:`window_sum` over a whole plane.

    Adds ``weight * gradient`` to ``planes.gradient[start:]`` (rows ``row_stride`` apart) and
    returns the sum of ``gradient * planes.values``. ``place`` are where the gradient begins, its
    rows and its columns, a multiple of LANES.
    """
    first, height, width = place
    total = Variable(constant(builder, 0.0))
    with loop(builder, height) as y, loop(builder, width, LANES) as x:
        here = start + (y * row_stride + x)
        arriving = gradient.vector(first + (y * width + x))
        total.value = total.value + arriving * planes.values.vector(here)
        planes.gradient.put(planes.gradient.vector(here) + arriving * weight, here)
    return _lanes_summed(total.value)


def _lanes_summed(values: Value) -> Value:
    """The sum of a vector's lanes, in any order."""
    builder, kind = values.builder, ir.FunctionType(FLOAT, [FLOAT, values.ir.type])
    name = f"llvm.vector.reduce.fadd.v{values.count}f32"
    function = cgutils.get_or_insert_function(builder.module, kind, name)
    total = builder.call(function, [ir.Constant(FLOAT, 0.0), values.ir], fastmath=["reassoc"])
    return Value(builder, total)
