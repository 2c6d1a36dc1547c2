"""Vector instructions for look-ups on whole numbers: bytes in, 16-bit sums.

Belongs here: the inner steps of ``whole.py``. On a grid of 17 nodes the fractions of a byte are
sixteenths, so weights are whole numbers from 0 to 16 and every sum is exact in any order.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from napari_autolut.engine.simd import LANES, SORTING_NETWORKS, settle
from napari_autolut.engine.vectors import FLOAT, INT, constant, data, load, pick, splat, store

BYTE, SHORT = ir.IntType(8), ir.IntType(16)

FRACTION_BITS = 4
STRIDES = (17**3, 17**2, 17, 1)
KEY_BITS = 16
"""A key holds a fraction above these bits and the stride of its input below: both sort as one."""

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
) -> Any:
    """Add one looked-up row of ``shares * columns`` values, each share to a pixel of its own.

    Share k goes to ``total[targets[k] + ahead:]``, ``columns`` values; ``targets`` is a tuple.
    """
    signature = types.void(total, targets, ahead, table, rows, weights, x, step, columns, shares)
    width, count = len(columns), len(shares)

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        out, tab, row_of, weight_of = (
            data(context, builder, sig.args[i], args[i]) for i in (0, 3, 4, 5)
        )
        looked_up = None
        shorts = ir.VectorType(SHORT, width * count)
        for v in range(5):
            at = builder.add(args[6], builder.mul(args[7], args[7].type(v)))
            start = builder.zext(builder.load(builder.gep(row_of, [at])), ir.IntType(64))
            row = load(builder, tab, start, ir.VectorType(BYTE, width * count))
            weight = _spread(builder, builder.load(builder.gep(weight_of, [at])), shorts)
            term = builder.mul(builder.sext(row, shorts), weight)
            looked_up = term if looked_up is None else builder.add(looked_up, term)
        for k in range(count):
            place = builder.add(builder.extract_value(args[1], k), args[2])
            share = pick(builder, looked_up, list(range(k * width, (k + 1) * width)))
            before = load(builder, out, place, share.type)
            store(builder, builder.add(before, share), out, place)
        return context.get_dummy_value()

    return signature, codegen


def _spread(builder: Any, weight: Any, shorts: ir.VectorType) -> Any:
    """The half of 32 bits that is in both of them in every lane."""
    if shorts.count % 2:
        return splat(builder, builder.trunc(weight, SHORT), shorts.count)
    return builder.bitcast(splat(builder, weight, shorts.count // 2), shorts)


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
        sums = load(builder, source, args[1], ir.VectorType(SHORT, width))
        unit = constant(FLOAT, 2.0**-FRACTION_BITS, width)
        summed = builder.fmul(builder.sitofp(sums, ir.VectorType(FLOAT, width)), unit)
        settle(builder, summed, target, args[3:9], factor)
        return context.get_dummy_value()

    return signature, codegen
