"""Vector instructions for the kernels: a few numba intrinsics that emit LLVM vector code.

Plain numba loops over a table's columns do not vectorise (aliasing, 64-bit promotion), so the inner
steps of every look-up are written for whole vectors here, those of sampling in ``window_simd.py``.
LLVM lowers them to whatever the processor has (AVX2, AVX-512, NEON). Nothing is reordered, and
nothing fused but what the reference fuses too: the bits are the reference's.

Sizes that must be known when compiling (columns, inputs, upscaling factor) are passed as the
*length* of a tuple, because a tuple's length is part of its type: see :func:`static`.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from napari_autolut.engine.vectors import (
    FLOAT,
    INT,
    as_float,
    clipped,
    constant,
    data,
    declare,
    load,
    pick,
    rounded,
    splat,
    store,
    table_rows,
)
from napari_autolut.model.symmetry import rotated_columns

LANES = 16
"""Pixels handled by one vector; row buffers are padded to a multiple of it."""

MAX_STATIC = 256

SORTING_NETWORKS = {
    2: ((0, 1),),
    3: ((0, 1), (1, 2), (0, 1)),
    4: ((0, 1), (2, 3), (0, 2), (1, 3), (1, 2)),
    5: ((0, 3), (1, 4), (0, 2), (1, 3), (0, 1), (2, 4), (1, 2), (3, 4), (2, 3)),
}


def static(size: int) -> tuple[int, ...]:
    """A tuple whose length tells a kernel a size at compile time."""
    return (0,) * size


@intrinsic
def simplex(
    typingctx: Any,
    values: Any,
    at: Any,
    step: Any,
    rows: Any,
    weights: Any,
    to: Any,
    out_step: Any,
    nodes: Any,
    first: Any,
    scale: Any,
    inputs: Any,
    limits: Any,
) -> Any:
    """Rows and weights of the simplex around LANES points.

    ``values[at + j*step:]`` holds input j; vertex v goes to ``rows[to + v*out_step:]`` (table rows
    counted from ``first``) and ``weights[...]`` (times ``scale``). ``nodes`` is the grid size.
    Inputs may be any numbers, or lie in [0, 255] if the length of ``limits`` is 2: none is then
    before the first cell or behind the last.
    """
    signature = types.void(
        values, at, step, rows, weights, to, out_step, nodes, first, scale, inputs, limits
    )
    count, within = len(inputs), len(limits) == 2

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        source = data(context, builder, sig.args[0], args[0])
        row_out = data(context, builder, sig.args[3], args[3])
        weight_out = data(context, builder, sig.args[4], args[4])
        at, step, to, out_step = args[1], args[2], args[5], args[6]
        node_count, first_row = (builder.trunc(args[i], INT) for i in (7, 8))
        vector, ints = ir.VectorType(FLOAT, LANES), ir.VectorType(INT, LANES)
        floor = declare(builder, "floor", vector, ir.FunctionType(vector, [vector]))

        cells = builder.sitofp(builder.sub(node_count, INT(1)), FLOAT)
        per_node = splat(builder, builder.fmul(cells, ir.Constant(FLOAT, 1 / 256)), LANES)
        last_base = splat(builder, builder.sub(node_count, INT(2)), LANES)
        strides = [INT(1)]
        while len(strides) < count:
            strides.insert(0, builder.mul(strides[0], node_count))

        row = splat(builder, first_row, LANES)
        fractions, walks = [], []
        for j, stride in enumerate(strides):
            offset = builder.add(at, builder.mul(step, step.type(j)))
            position = builder.fmul(load(builder, source, offset, vector), per_node)
            if within:
                base = builder.fptosi(position, ints)
            else:
                base = builder.fptosi(builder.call(floor, [position]), ints)
                too_high = builder.icmp_signed(">", base, last_base)
                base = builder.select(too_high, last_base, base)
                too_low = builder.icmp_signed("<", base, constant(INT, 0, LANES))
                base = builder.select(too_low, constant(INT, 0, LANES), base)
            fractions.append(builder.fsub(position, builder.sitofp(base, vector)))
            walks.append(splat(builder, stride, LANES))
            row = builder.add(row, builder.mul(base, walks[j]))

        for a, b in SORTING_NETWORKS[count]:
            swap = builder.fcmp_ordered("<", fractions[a], fractions[b])
            for pair in (fractions, walks):
                high = builder.select(swap, pair[b], pair[a])
                pair[b] = builder.select(swap, pair[a], pair[b])
                pair[a] = high

        unit = splat(builder, args[9], LANES)
        bounds = [constant(FLOAT, 1.0, LANES), *fractions, constant(FLOAT, 0.0, LANES)]
        for v, (upper, lower) in enumerate(pairwise(bounds)):
            if v:
                row = builder.add(row, walks[v - 1])
            offset = builder.add(to, builder.mul(out_step, out_step.type(v)))
            store(builder, row, row_out, offset)
            store(builder, builder.fmul(builder.fsub(upper, lower), unit), weight_out, offset)
        return context.get_dummy_value()

    return signature, codegen


@intrinsic
def accumulate(
    typingctx: Any,
    total: Any,
    at: Any,
    table: Any,
    rows: Any,
    weights: Any,
    x: Any,
    step: Any,
    columns: Any,
    inputs: Any,
    pixels: Any,
) -> Any:
    """``total[at:at+columns] += sum(weights[x+v*step] * table[rows[x+v*step]])`` over vertices.

    The same for the ``pixels`` that follow, whose totals lie one behind the other.
    """
    signature = types.void(total, at, table, rows, weights, x, step, columns, inputs, pixels)
    width, vertices, together = len(columns), len(inputs) + 1, len(pixels)
    each = [pixel for pixel in range(together) for _ in range(width)]

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        out, tab, row_of, weight_of = (
            data(context, builder, sig.args[i], args[i]) for i in (0, 2, 3, 4)
        )
        term = None
        for v in range(vertices):
            offset = builder.add(args[5], builder.mul(args[6], args[6].type(v)))
            starts = []
            for pixel in range(together):
                place = builder.gep(row_of, [builder.add(offset, offset.type(pixel))])
                row = builder.sext(builder.load(place), ir.IntType(64))
                starts.append(builder.mul(row, row.type(width)))
            values = as_float(builder, table_rows(builder, tab, starts, width))
            weight = load(builder, weight_of, offset, ir.VectorType(FLOAT, together))
            product = builder.fmul(pick(builder, weight, each), values)
            term = product if term is None else builder.fadd(term, product)
        before = load(builder, out, args[1], ir.VectorType(FLOAT, width * together))
        store(builder, builder.fadd(before, term), out, args[1])
        return context.get_dummy_value()

    return signature, codegen


@intrinsic
def finish(
    typingctx: Any,
    total: Any,
    at: Any,
    step: Any,
    out: Any,
    to: Any,
    row_step: Any,
    plane_step: Any,
    divisor: Any,
    bias: Any,
    rounds: Any,
    columns: Any,
    upscale: Any,
    turns: Any,
) -> Any:
    """Turn the rotations' sums back, add, divide, clip, and store one pixel's block.

    ``total[at + k*step:]`` holds rotation k; channel c's block goes to ``out[to + c*plane_step:]``
    with rows ``row_step`` apart. ``rounds`` is 1 to round half to even.
    """
    signature = types.void(
        total, at, step, out, to, row_step, plane_step, divisor, bias, rounds, columns, upscale,
        turns,
    )  # fmt: skip
    width, factor, rotations = len(columns), len(upscale), len(turns)

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        source, target = (data(context, builder, sig.args[i], args[i]) for i in (0, 3))
        vector = ir.VectorType(FLOAT, width)
        summed = None
        for turn in range(rotations):
            offset = builder.add(args[1], builder.mul(args[2], args[2].type(turn)))
            values = load(builder, source, offset, vector)
            turned = pick(builder, values, rotated_columns(width, factor, turn))
            summed = turned if summed is None else builder.fadd(summed, turned)
        divided = builder.fdiv(summed, splat(builder, args[7], width))
        result = settled(builder, divided, *args[8:10])
        store_blocks(builder, result, target, args[4:7], factor)
        return context.get_dummy_value()

    return signature, codegen


def settled(builder: Any, divided: Any, bias: Any, rounds: Any) -> Any:
    """Add the bias, clip to [0, 255], and round half to even where ``rounds`` is not 0."""
    vector = divided.type
    result = builder.fadd(divided, splat(builder, bias, vector.count))
    result = clipped(
        builder, result, *(constant(FLOAT, limit, vector.count) for limit in (0.0, 255.0))
    )
    wanted = builder.icmp_signed("!=", rounds, rounds.type(0))
    return builder.select(wanted, rounded(builder, result), result)


def store_blocks(builder: Any, values: Any, target: Any, place: Any, factor: int) -> None:
    """Store a pixel's blocks; ``place`` is where, and how far rows and planes are apart."""
    to, row_step, plane_step = place
    for channel in range(values.type.count // factor**2):
        plane = builder.add(to, builder.mul(plane_step, plane_step.type(channel)))
        for row in range(factor):
            first = (channel * factor + row) * factor
            piece = pick(builder, values, list(range(first, first + factor)))
            at = builder.add(plane, builder.mul(row_step, row_step.type(row)))
            store(builder, piece, target, at)
