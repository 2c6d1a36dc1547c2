"""Vector instructions for look-ups on whole numbers: bytes in, 16-bit sums.

Belongs here: the inner steps of ``whole.py``. On a grid of 17 nodes the fractions of a byte are
sixteenths, so weights are whole numbers from 0 to 16 and every sum is exact in any order.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from napari_autolut.engine.simd import LANES, SORTING_NETWORKS, settled, store_blocks
from napari_autolut.engine.vectors import (
    FLOAT,
    INT,
    constant,
    data,
    declare,
    load,
    pick,
    splat,
    store,
    table_rows,
)

BYTE, SHORT = ir.IntType(8), ir.IntType(16)

FRACTION_BITS = 4
STRIDES = (17**3, 17**2, 17, 1)
KEY_BITS = 16
"""A key holds a fraction above these bits and the stride of its input below: both sort as one."""

DIVISOR_BITS = 12
"""Divisors are whole numbers of so many bits: few enough for quotients to be exact."""

TWICE = 2**16 + 1
"""Times a weight puts it into both halves of 32 bits: those are spread over a vector in one go."""


@intrinsic
def whole_simplex(
    typingctx: Any,
    plane: Any,
    base: Any,
    offsets: Any,
    rows: Any,
    weights: Any,
    to: Any,
    step: Any,
    first: Any,
    columns: Any,
) -> Any:
    """Row starts and weights (sixteenths, in both halves) of LANES pixels of a plane of bytes.

    Input j of the first pixel is ``plane[base + offsets[j]]``; vertex v goes to
    ``rows[to + v*step:]`` and ``weights[...]``. The table's first row starts at ``first``.
    """
    signature = types.void(plane, base, offsets, rows, weights, to, step, first, columns)
    width = len(columns)

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        source, taps, row_out, weight_out = (
            data(context, builder, sig.args[i], args[i]) for i in (0, 2, 3, 4)
        )
        bytes_in, ints = ir.VectorType(BYTE, LANES), ir.VectorType(INT, LANES)
        shift, mask = (
            constant(INT, FRACTION_BITS, LANES),
            constant(INT, 2**FRACTION_BITS - 1, LANES),
        )
        row, keys = constant(INT, 0, LANES), []
        for j, stride in enumerate(STRIDES):
            tap = builder.load(builder.gep(taps, [INT(j)]))
            values = builder.zext(load(builder, source, builder.add(args[1], tap), bytes_in), ints)
            fraction = builder.shl(builder.and_(values, mask), constant(INT, KEY_BITS, LANES))
            keys.append(builder.or_(fraction, constant(INT, stride, LANES)))
            cell = builder.lshr(values, shift)
            row = builder.add(row, builder.mul(cell, constant(INT, stride, LANES)))
        for a, b in SORTING_NETWORKS[4]:
            swap = builder.icmp_signed("<", keys[a], keys[b])
            keys[a], keys[b] = (
                builder.select(swap, keys[b], keys[a]),
                builder.select(swap, keys[a], keys[b]),
            )
        start = splat(builder, builder.trunc(args[7], INT), LANES)
        upper = constant(INT, 2**FRACTION_BITS, LANES)
        for v in range(5):
            if v:
                walked = builder.and_(keys[v - 1], constant(INT, 2**KEY_BITS - 1, LANES))
                row = builder.add(row, walked)
            lower = (
                builder.lshr(keys[v], constant(INT, KEY_BITS, LANES))
                if v < 4
                else constant(INT, 0, LANES)
            )
            at = builder.add(args[5], builder.mul(args[6], args[6].type(v)))
            place = builder.add(builder.mul(row, constant(INT, width, LANES)), start)
            store(builder, place, row_out, at)
            weight = builder.sub(upper, lower)
            store(builder, builder.mul(weight, constant(INT, TWICE, LANES)), weight_out, at)
            upper = lower
        return context.get_dummy_value()

    return signature, codegen


@intrinsic
def whole_accumulate(
    typingctx: Any,
    total: Any,
    targets: Any,
    ahead: Any,
    table: Any,
    rows: Any,
    weights: Any,
    x: Any,
    step: Any,
    columns: Any,
    shares: Any,
    pixels: Any,
) -> Any:
    """Add looked-up rows of ``shares * columns`` values, each share to a pixel of its own.

    There is one for each of some ``pixels``, which lie one behind the other. Share k of the first
    goes to ``total[targets[k] + ahead:]``, ``columns`` values; ``targets`` is a tuple.
    """
    signature = types.void(
        total, targets, ahead, table, rows, weights, x, step, columns, shares, pixels
    )
    width, count, together = len(columns), len(shares), len(pixels)
    values = width * count

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        out, tab, row_of, weight_of = (
            data(context, builder, sig.args[i], args[i]) for i in (0, 3, 4, 5)
        )
        looked_up = None
        for v in range(5):
            at = builder.add(args[6], builder.mul(args[7], args[7].type(v)))
            places = [builder.gep(row_of, [builder.add(at, at.type(n))]) for n in range(together)]
            starts = [builder.zext(builder.load(place), ir.IntType(64)) for place in places]
            row = table_rows(builder, tab, starts, values)
            weight = _spread(builder, weight_of, at, values, together)
            term = builder.mul(builder.sext(row, weight.type), weight)
            looked_up = term if looked_up is None else builder.add(looked_up, term)
        for k in range(count):
            place = builder.add(builder.extract_value(args[1], k), args[2])
            lanes = [
                pixel * values + k * width + c for pixel in range(together) for c in range(width)
            ]
            share = pick(builder, looked_up, lanes)
            before = load(builder, out, place, share.type)
            store(builder, builder.add(before, share), out, place)
        return context.get_dummy_value()

    return signature, codegen


def _spread(builder: Any, weight_of: Any, at: Any, values: int, together: int) -> Any:
    """The weight of each pixel, which is in both halves of 32 bits, once for each value."""
    shorts = ir.VectorType(SHORT, values * together)
    if together == 1:
        weight = builder.load(builder.gep(weight_of, [at]))
        if values % 2:
            return splat(builder, builder.trunc(weight, SHORT), values)
        return builder.bitcast(splat(builder, weight, values // 2), shorts)
    weights = load(builder, weight_of, at, ir.VectorType(INT, together))
    halves = builder.bitcast(weights, ir.VectorType(SHORT, 2 * together))
    return pick(builder, halves, [2 * pixel for pixel in range(together) for _ in range(values)])


@intrinsic
def whole_finish(
    typingctx: Any,
    total: Any,
    at: Any,
    out: Any,
    to: Any,
    row_step: Any,
    plane_step: Any,
    divisor: Any,
    bias: Any,
    rounds: Any,
    columns: Any,
    upscale: Any,
) -> Any:
    """Divide the sum of sixteenths at ``total[at:]``, clip, and store one pixel's block."""
    signature = types.void(
        total, at, out, to, row_step, plane_step, divisor, bias, rounds, columns, upscale
    )
    width, factor = len(columns), len(upscale)

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        source, target = (data(context, builder, sig.args[i], args[i]) for i in (0, 2))
        divided = _divided(builder, source, args[1], args[6], width)
        result = settled(builder, divided, *args[7:9])
        store_blocks(builder, result, target, args[3:6], factor)
        return context.get_dummy_value()

    return signature, codegen


@intrinsic
def whole_finish_run(
    typingctx: Any,
    total: Any,
    at: Any,
    out: Any,
    to: Any,
    divisor: Any,
    bias: Any,
    rounds: Any,
) -> Any:
    """:func:`whole_finish` for LANES pixels of one value each, which lie one behind the other."""
    signature = types.void(total, at, out, to, divisor, bias, rounds)

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        source, target = (data(context, builder, sig.args[i], args[i]) for i in (0, 2))
        divided = _divided(builder, source, args[1], args[4], LANES)
        store(builder, settled(builder, divided, *args[5:7]), target, args[3])
        return context.get_dummy_value()

    return signature, codegen


def _divided(builder: Any, source: Any, at: Any, divisor: Any, width: int) -> Any:
    """The floats nearest to sums of sixteenths over a divisor, without a division of vectors.

    A product with the inverse is less than two units in the last place off, and its error is known
    exactly. Taking it off leaves 2**-46 of the quotient, which lies at least 2**-(25 + b) from
    where rounding changes, for a divisor of b bits: see ``DIVISOR_BITS``.
    """
    vector = ir.VectorType(FLOAT, width)
    fma = declare(builder, "fma", vector, ir.FunctionType(vector, [vector] * 3))
    sums = builder.sitofp(load(builder, source, at, ir.VectorType(SHORT, width)), vector)
    summed = builder.fmul(sums, constant(FLOAT, 2.0**-FRACTION_BITS, width))
    inverse = splat(builder, builder.fdiv(ir.Constant(FLOAT, 1.0), divisor), width)
    about = builder.fmul(summed, inverse)
    negative = splat(builder, builder.fsub(ir.Constant(FLOAT, -0.0), divisor), width)
    error = builder.call(fma, [about, negative, summed])
    return builder.call(fma, [error, inverse, about])
