"""Vector instructions for training: the backward steps of sampling and look-up."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from napari_autolut.engine.simd import LANES
from napari_autolut.engine.vectors import (
    FLOAT,
    constant,
    data,
    declare,
    load,
    splat,
    store,
)


@intrinsic
def scatter(
    typingctx: Any,
    gradient: Any,
    at: Any,
    table: Any,
    table_gradient: Any,
    rows: Any,
    weights: Any,
    x: Any,
    step: Any,
    columns: Any,
    inputs: Any,
) -> Any:
    """Backward of :func:`accumulate` at one pixel, for training.

    Adds ``weight * gradient`` to the looked-up rows of ``table_gradient`` and returns, for each
    input in walking order, the gradient of the output along its fraction.
    """
    count, width = len(inputs), len(columns)
    result_type = types.UniTuple(types.float32, count)
    signature = result_type(
        gradient, at, table, table_gradient, rows, weights, x, step, columns, inputs
    )

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        grad, tab, tab_grad, row_of, weight_of = (
            data(context, builder, sig.args[i], args[i]) for i in (0, 2, 3, 4, 5)
        )
        vector = ir.VectorType(FLOAT, width)
        arriving = load(builder, grad, args[1], vector)
        reduce = declare(
            builder, "vector.reduce.fadd", vector, ir.FunctionType(FLOAT, [FLOAT, vector])
        )
        values, slopes = [], []
        for v in range(count + 1):
            offset = builder.add(args[6], builder.mul(args[7], args[7].type(v)))
            weight = builder.load(builder.gep(weight_of, [offset]))
            row = builder.sext(builder.load(builder.gep(row_of, [offset])), ir.IntType(64))
            place = builder.mul(row, row.type(width))
            values.append(load(builder, tab, place, vector))
            term = builder.fmul(splat(builder, weight, width), arriving)
            before = load(builder, tab_grad, place, vector)
            store(builder, builder.fadd(before, term), tab_grad, place)
        for lower, upper in pairwise(values):
            product = builder.fmul(builder.fsub(upper, lower), arriving)
            call = builder.call(reduce, [ir.Constant(FLOAT, 0.0), product], fastmath=["reassoc"])
            slopes.append(call)
        return context.make_tuple(builder, result_type, slopes)

    return signature, codegen


@intrinsic
def tap_backward(
    typingctx: Any,
    source: Any,
    source_gradient: Any,
    start: Any,
    pitch: Any,
    gradient: Any,
    at: Any,
    weight: Any,
    height: Any,
    width: Any,
) -> Any:
    """Backward of one tap of :func:`weighted_sum` over a whole plane, for training.

    Adds ``weight * gradient`` to ``source_gradient[start:]`` (rows ``pitch`` apart) and returns the
    sum of ``gradient * source``; ``gradient[at:]`` is (height, width), width a multiple of LANES.
    """
    signature = types.float32(
        source, source_gradient, start, pitch, gradient, at, weight, height, width
    )

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        src, src_grad, grad = (data(context, builder, sig.args[i], args[i]) for i in (0, 1, 4))
        _, _, start, pitch, _, at, weight, height, width = args
        vector = ir.VectorType(FLOAT, LANES)
        dot = cgutils.alloca_once_value(builder, constant(FLOAT, 0.0, LANES))
        # The stack slot lives in the entry block: clear it each time this code runs.
        builder.store(constant(FLOAT, 0.0, LANES), dot)
        factor = splat(builder, weight, LANES)
        zero, one, lanes = (height.type(i) for i in (0, 1, LANES))
        with (
            cgutils.for_range_slice(builder, zero, height, one) as (y, _),
            cgutils.for_range_slice(builder, zero, width, lanes) as (x, _),
        ):
            here = builder.add(start, builder.add(builder.mul(y, pitch), x))
            arriving = load(
                builder, grad, builder.add(at, builder.add(builder.mul(y, width), x)), vector
            )
            product = builder.fmul(arriving, load(builder, src, here, vector))
            builder.store(builder.fadd(builder.load(dot), product), dot)
            before = load(builder, src_grad, here, vector)
            store(builder, builder.fadd(before, builder.fmul(factor, arriving)), src_grad, here)
        reduce = declare(
            builder, "vector.reduce.fadd", vector, ir.FunctionType(FLOAT, [FLOAT, vector])
        )
        return builder.call(
            reduce, [ir.Constant(FLOAT, 0.0), builder.load(dot)], fastmath=["reassoc"]
        )

    return signature, codegen
