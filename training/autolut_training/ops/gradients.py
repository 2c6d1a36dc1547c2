"""Vector instructions for training: forward and backward steps of sampling and look-up.

Belongs here: the steps for one vector of pixels, or one pixel. The loops are in ``kernels.py``.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from napari_autolut.engine.lookup_steps import interpolated, simplex
from napari_autolut.engine.sampling_steps import weighted_sums
from napari_autolut.engine.vectors import (
    FLOAT,
    INT,
    LANES,
    LONG,
    at,
    constant,
    index,
    load,
    splat,
    step,
    store,
    unpacked_all,
)

BLOCK = 256
"""Pixels whose rows and weights are kept at a time."""


@step
def window_sum(builder: Any, out: Any, to: Any, plane: Any, here: Any, taps: Any) -> None:
    """``out[to:]`` becomes the sums over taps for as many vectors as ``taps.together`` is long."""
    pointers, bounds = (plane, taps.offsets, taps.weights), (LONG(0), taps.taps, LONG(0))
    (sums,) = weighted_sums(builder, pointers, here, bounds, (1, taps.together))
    for number, values in enumerate(sums):
        store(builder, values, out, index(builder, to, number * LANES))


@step
def find(
    builder: Any, scratch: Any, x: Any, values: Any, start: Any, stride: Any, table: Any, shape: Any
) -> None:
    """Rows and weights of LANES pixels from number ``x`` on into ``scratch``, BLOCK a vertex.

    Input j of the first one is ``values[start + j * stride]``; ``table`` are its grid size and
    where it begins. Rows are where their values begin.
    """
    nodes, first = (builder.trunc(builder.extract_value(table, i), INT) for i in range(2))
    strides = [INT(shape.columns)]
    while len(strides) < shape.inputs:
        strides.insert(0, builder.mul(strides[0], nodes))
    vector = ir.VectorType(FLOAT, LANES)
    places = [index(builder, start, (stride, j)) for j in range(shape.inputs)]
    cells = builder.sitofp(builder.sub(nodes, INT(1)), FLOAT)
    vertices = simplex(
        builder,
        [load(builder, values, place, vector) for place in places],
        [splat(builder, stride, LANES) for stride in strides],
        splat(builder, first, LANES),
        builder.fmul(cells, ir.Constant(FLOAT, 1 / 256)),
        last=splat(builder, builder.sub(nodes, INT(2)), LANES),
    )
    for v, (row, weight) in enumerate(vertices):
        to = index(builder, x, v * BLOCK)
        store(builder, row, scratch.rows, to)
        store(builder, weight, scratch.weights, to)


@step
def gather(builder: Any, out: Any, to: Any, tables: Any, scratch: Any, x: Any, shape: Any) -> None:
    """Add the rows found for pixel ``x`` to ``out[to:]``."""
    counts = shape.columns, shape.inputs + 1, 1
    term = interpolated(builder, (tables, scratch.rows, scratch.weights), x, counts, BLOCK)
    before = load(builder, out, to, term.type)
    store(builder, builder.fadd(before, term), out, to)


@intrinsic
def scatter(
    typingctx: Any, gradient: Any, start: Any, tables: Any, table_gradient: Any, scratch: Any,
    x: Any, shape: Any,
) -> Any:  # fmt: skip
    """Backward of :func:`gather` at one pixel.

    Adds ``weight * gradient`` to the looked-up rows of ``table_gradient`` and returns, for each
    input in walking order, the gradient of the output along its fraction.
    """
    width, count = len(shape[0]), len(shape[1])
    result_type = types.UniTuple(types.float32, count)
    signature = result_type(gradient, start, tables, table_gradient, scratch, x, shape)

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        grad, start, tab, tab_grad, found, x, _ = unpacked_all(context, builder, sig, args)
        vector = ir.VectorType(FLOAT, width)
        arriving = load(builder, grad, start, vector)
        values, slopes = [], []
        for v in range(count + 1):
            offset = index(builder, x, v * BLOCK)
            weight = at(builder, found.weights, offset)
            place = builder.sext(at(builder, found.rows, offset), LONG)
            values.append(load(builder, tab, place, vector))
            term = builder.fmul(splat(builder, weight, width), arriving)
            before = load(builder, tab_grad, place, vector)
            store(builder, builder.fadd(before, term), tab_grad, place)
        for lower, upper in pairwise(values):
            product = builder.fmul(builder.fsub(upper, lower), arriving)
            slopes.append(_lanes_summed(builder, product))
        return context.make_tuple(builder, result_type, slopes)

    return signature, codegen


@intrinsic
def tap_backward(
    typingctx: Any, planes: Any, start: Any, row_stride: Any, gradient: Any, place: Any, weight: Any
) -> Any:
    """Backward of one tap of :func:`window_sum` over a whole plane.

    Adds ``weight * gradient`` to ``planes.gradient[start:]`` (rows ``row_stride`` apart) and
    returns the sum of ``gradient * planes.values``. ``place`` are where the gradient begins, its
    rows and its columns, a multiple of LANES.
    """
    signature = types.float32(planes, start, row_stride, gradient, place, weight)

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        read, start, row_stride, grad, place, weight = unpacked_all(context, builder, sig, args)
        src, src_grad = read.values, read.gradient
        first, height, width = (builder.extract_value(place, i) for i in range(3))
        vector = ir.VectorType(FLOAT, LANES)
        dot = cgutils.alloca_once_value(builder, constant(FLOAT, 0.0, LANES))
        # The stack slot lives in the entry block: clear it each time this code runs.
        builder.store(constant(FLOAT, 0.0, LANES), dot)
        factor = splat(builder, weight, LANES)
        zero, one, lanes = (LONG(i) for i in (0, 1, LANES))
        with (
            cgutils.for_range_slice(builder, zero, height, one) as (y, _),
            cgutils.for_range_slice(builder, zero, width, lanes) as (x, _),
        ):
            here = builder.add(start, builder.add(builder.mul(y, row_stride), x))
            there = builder.add(first, builder.add(builder.mul(y, width), x))
            arriving = load(builder, grad, there, vector)
            product = builder.fmul(arriving, load(builder, src, here, vector))
            builder.store(builder.fadd(builder.load(dot), product), dot)
            before = load(builder, src_grad, here, vector)
            store(builder, builder.fadd(before, builder.fmul(factor, arriving)), src_grad, here)
        return _lanes_summed(builder, builder.load(dot))

    return signature, codegen


def _lanes_summed(builder: Any, values: Any) -> Any:
    """The sum of a vector's lanes, in any order."""
    kind = ir.FunctionType(FLOAT, [FLOAT, values.type])
    name = f"llvm.vector.reduce.fadd.v{values.type.count}f32"
    function = cgutils.get_or_insert_function(builder.module, kind, name)
    return builder.call(function, [ir.Constant(FLOAT, 0.0), values], fastmath=["reassoc"])
