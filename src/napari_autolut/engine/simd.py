"""Vector instructions for the kernels: a few numba intrinsics that emit LLVM vector code.

Plain numba loops over a table's columns do not vectorise (aliasing, 64-bit promotion), so the four
inner steps of every look-up are written for whole vectors here. LLVM lowers them to whatever the
processor has (AVX2, AVX-512, NEON). No fused or reordered arithmetic: the bits are the reference's.

Sizes that must be known when compiling (columns, inputs, upscaling factor) are passed as the
*length* of a tuple, because a tuple's length is part of its type: see :func:`static`.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np import arrayobj

LANES = 16
"""Pixels handled by one vector; row buffers are padded to a multiple of it."""

MAX_STATIC = 256

_FLOAT, _INT = ir.FloatType(), ir.IntType(32)
_SORTING_NETWORKS = {
    2: ((0, 1),),
    3: ((0, 1), (1, 2), (0, 1)),
    4: ((0, 1), (2, 3), (0, 2), (1, 3), (1, 2)),
}


def static(size: int) -> tuple[int, ...]:
    """A tuple whose length tells a kernel a size at compile time."""
    return (0,) * size


def _data(context: Any, builder: Any, kind: Any, value: Any) -> Any:
    return arrayobj.make_array(kind)(context, builder, value).data


def _at(builder: Any, pointer: Any, offset: Any, vector: ir.VectorType) -> Any:
    """Address of a vector that starts at an element; loads and stores there are unaligned."""
    return builder.bitcast(builder.gep(pointer, [offset]), vector.as_pointer())


def _load(builder: Any, pointer: Any, offset: Any, vector: ir.VectorType) -> Any:
    return builder.load(_at(builder, pointer, offset, vector), align=1)


def _store(builder: Any, value: Any, pointer: Any, offset: Any) -> None:
    builder.store(value, _at(builder, pointer, offset, value.type), align=1)


def _splat(builder: Any, value: Any, count: int) -> Any:
    vector = ir.VectorType(value.type, count)
    first = builder.insert_element(ir.Constant(vector, ir.Undefined), value, _INT(0))
    return builder.shuffle_vector(first, first, ir.Constant(ir.VectorType(_INT, count), None))


def _declare(builder: Any, name: str, vector: ir.VectorType, function: ir.FunctionType) -> Any:
    """LLVM's own function for a vector of floats; llvmlite only knows the names for scalars."""
    return cgutils.get_or_insert_function(
        builder.module, function, f"llvm.{name}.v{vector.count}f32"
    )


def _constant(kind: ir.Type, value: float, count: int) -> Any:
    return ir.Constant(ir.VectorType(kind, count), [value] * count)


def _as_float(builder: Any, values: Any) -> Any:
    if isinstance(values.type.element, ir.FloatType):
        return values
    return builder.sitofp(values, ir.VectorType(_FLOAT, values.type.count))


@intrinsic
def weighted_sum(typingctx, out, at, source, base, offsets, weights, start, stop):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """``out[at:at+LANES] = sum(weights[t] * source[base+offsets[t]:][:LANES])`` over the taps."""
    signature = types.void(out, at, source, base, offsets, weights, start, stop)

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        arrays = {i: _data(context, builder, sig.args[i], args[i]) for i in (0, 2, 4, 5)}
        vector = ir.VectorType(_FLOAT, LANES)
        total = cgutils.alloca_once_value(builder, _constant(_FLOAT, 0.0, LANES))
        with cgutils.for_range_slice(builder, args[6], args[7], args[6].type(1)) as (tap, _):
            offset = builder.load(builder.gep(arrays[4], [tap]))
            weight = builder.load(builder.gep(arrays[5], [tap]))
            values = _load(builder, arrays[2], builder.add(args[3], offset), vector)
            term = builder.fmul(_splat(builder, weight, LANES), values)
            builder.store(builder.fadd(builder.load(total), term), total)
        _store(builder, builder.load(total), arrays[0], args[1])
        return context.get_dummy_value()

    return signature, codegen


@intrinsic
def simplex(typingctx, values, at, step, rows, weights, to, out_step, nodes, first, scale, inputs):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Rows and weights of the simplex around LANES points.

    ``values[at + j*step:]`` holds input j; vertex v goes to ``rows[to + v*out_step:]`` (table rows
    counted from ``first``) and ``weights[...]`` (times ``scale``). ``nodes`` is the grid size.
    """
    signature = types.void(
        values, at, step, rows, weights, to, out_step, nodes, first, scale, inputs
    )
    count = len(inputs)

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        source = _data(context, builder, sig.args[0], args[0])
        row_out = _data(context, builder, sig.args[3], args[3])
        weight_out = _data(context, builder, sig.args[4], args[4])
        at, step, to, out_step = args[1], args[2], args[5], args[6]
        node_count, first_row = (builder.trunc(args[i], _INT) for i in (7, 8))
        vector, ints = ir.VectorType(_FLOAT, LANES), ir.VectorType(_INT, LANES)
        floor = _declare(builder, "floor", vector, ir.FunctionType(vector, [vector]))

        cells = builder.sitofp(builder.sub(node_count, _INT(1)), _FLOAT)
        per_node = _splat(builder, builder.fmul(cells, ir.Constant(_FLOAT, 1 / 256)), LANES)
        last_base = _splat(builder, builder.sub(node_count, _INT(2)), LANES)
        strides = [_INT(1)]
        while len(strides) < count:
            strides.insert(0, builder.mul(strides[0], node_count))

        row = _splat(builder, first_row, LANES)
        fractions, walks = [], []
        for j, stride in enumerate(strides):
            offset = builder.add(at, builder.mul(step, step.type(j)))
            position = builder.fmul(_load(builder, source, offset, vector), per_node)
            base = builder.fptosi(builder.call(floor, [position]), ints)
            too_high = builder.icmp_signed(">", base, last_base)
            base = builder.select(too_high, last_base, base)
            too_low = builder.icmp_signed("<", base, _constant(_INT, 0, LANES))
            base = builder.select(too_low, _constant(_INT, 0, LANES), base)
            fractions.append(builder.fsub(position, builder.sitofp(base, vector)))
            walks.append(_splat(builder, stride, LANES))
            row = builder.add(row, builder.mul(base, walks[j]))

        for a, b in _SORTING_NETWORKS[count]:
            swap = builder.fcmp_ordered("<", fractions[a], fractions[b])
            for pair in (fractions, walks):
                high = builder.select(swap, pair[b], pair[a])
                pair[b] = builder.select(swap, pair[a], pair[b])
                pair[a] = high

        unit = _splat(builder, args[9], LANES)
        bounds = [_constant(_FLOAT, 1.0, LANES), *fractions, _constant(_FLOAT, 0.0, LANES)]
        for v, (upper, lower) in enumerate(pairwise(bounds)):
            if v:
                row = builder.add(row, walks[v - 1])
            offset = builder.add(to, builder.mul(out_step, out_step.type(v)))
            _store(builder, row, row_out, offset)
            _store(builder, builder.fmul(builder.fsub(upper, lower), unit), weight_out, offset)
        return context.get_dummy_value()

    return signature, codegen


def _table_row(builder: Any, table: Any, rows: Any, at: Any, columns: int) -> Any:
    """The float vector of the table row whose number stands at ``rows[at]``."""
    row = builder.sext(builder.load(builder.gep(rows, [at])), ir.IntType(64))
    vector = ir.VectorType(table.type.pointee, columns)
    offset = builder.mul(row, row.type(columns))
    return _as_float(builder, _load(builder, table, offset, vector))


@intrinsic
def accumulate(typingctx, total, at, table, rows, weights, x, step, columns, inputs):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """``total[at:at+columns] += sum(weights[x+v*step] * table[rows[x+v*step]])`` over vertices."""
    signature = types.void(total, at, table, rows, weights, x, step, columns, inputs)
    width, vertices = len(columns), len(inputs) + 1

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        out, tab, row_of, weight_of = (
            _data(context, builder, sig.args[i], args[i]) for i in (0, 2, 3, 4)
        )
        term = None
        for v in range(vertices):
            offset = builder.add(args[5], builder.mul(args[6], args[6].type(v)))
            weight = builder.load(builder.gep(weight_of, [offset]))
            values = _table_row(builder, tab, row_of, offset, width)
            product = builder.fmul(_splat(builder, weight, width), values)
            term = product if term is None else builder.fadd(term, product)
        before = _load(builder, out, args[1], ir.VectorType(_FLOAT, width))
        _store(builder, builder.fadd(before, term), out, args[1])
        return context.get_dummy_value()

    return signature, codegen


def turned_columns(columns: int, upscale: int, turns: int) -> list[int]:
    """Where the columns of a row looked up on a turned plane belong when it is turned back.

    Entry *i* is the turned row's column that belongs at column *i*; blocks of ``upscale**2``
    columns turn on their own.
    """
    belongs = list(range(columns))
    for column in range(columns):
        block, inside = divmod(column, upscale**2)
        row, col = divmod(inside, upscale)
        for _ in range(turns):
            row, col = col, upscale - 1 - row
        belongs[block * upscale**2 + row * upscale + col] = column
    return belongs


@intrinsic
def finish(typingctx, total, at, step, out, to, row_step, plane_step, divisor, bias, rounds, columns, upscale):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201, E501
    """Turn the four rotations' sums back, add, divide, clip, and store one pixel's block.

    ``total[at + k*step:]`` holds rotation k; channel c's block goes to ``out[to + c*plane_step:]``
    with rows ``row_step`` apart. ``rounds`` is 1 to round half to even.
    """
    signature = types.void(
        total, at, step, out, to, row_step, plane_step, divisor, bias, rounds, columns, upscale
    )
    width, factor = len(columns), len(upscale)

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        source, target = (_data(context, builder, sig.args[i], args[i]) for i in (0, 3))
        vector = ir.VectorType(_FLOAT, width)
        summed = None
        for turns in range(4):
            offset = builder.add(args[1], builder.mul(args[2], args[2].type(turns)))
            values = _load(builder, source, offset, vector)
            turned = _pick(builder, values, turned_columns(width, factor, turns))
            summed = turned if summed is None else builder.fadd(summed, turned)
        divided = builder.fdiv(summed, _splat(builder, args[7], width))
        result = builder.fadd(divided, _splat(builder, args[8], width))
        low, high = _constant(_FLOAT, 0.0, width), _constant(_FLOAT, 255.0, width)
        result = builder.select(builder.fcmp_ordered("<", result, low), low, result)
        result = builder.select(builder.fcmp_ordered(">", result, high), high, result)
        rint = _declare(builder, "rint", vector, ir.FunctionType(vector, [vector]))
        rounded = builder.call(rint, [result])
        result = builder.select(builder.icmp_signed("!=", args[9], args[9].type(0)),
                                rounded, result)  # fmt: skip
        for channel in range(width // factor**2):
            plane = builder.add(args[4], builder.mul(args[6], args[6].type(channel)))
            for row in range(factor):
                first = (channel * factor + row) * factor
                piece = _pick(builder, result, list(range(first, first + factor)))
                offset = builder.add(plane, builder.mul(args[5], args[5].type(row)))
                _store(builder, piece, target, offset)
        return context.get_dummy_value()

    return signature, codegen


def _pick(builder: Any, values: Any, lanes: list[int]) -> Any:
    mask = ir.Constant(ir.VectorType(_INT, len(lanes)), lanes)
    return builder.shuffle_vector(values, ir.Constant(values.type, ir.Undefined), mask)


@intrinsic
def scatter(typingctx, gradient, at, table, table_gradient, rows, weights, x, step, columns, inputs):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201, E501
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
            _data(context, builder, sig.args[i], args[i]) for i in (0, 2, 3, 4, 5)
        )
        vector = ir.VectorType(_FLOAT, width)
        arriving = _load(builder, grad, args[1], vector)
        reduce = _declare(
            builder, "vector.reduce.fadd", vector, ir.FunctionType(_FLOAT, [_FLOAT, vector])
        )
        values, slopes = [], []
        for v in range(count + 1):
            offset = builder.add(args[6], builder.mul(args[7], args[7].type(v)))
            weight = builder.load(builder.gep(weight_of, [offset]))
            values.append(_table_row(builder, tab, row_of, offset, width))
            row = builder.sext(builder.load(builder.gep(row_of, [offset])), ir.IntType(64))
            place = builder.mul(row, row.type(width))
            term = builder.fmul(_splat(builder, weight, width), arriving)
            before = _load(builder, tab_grad, place, vector)
            _store(builder, builder.fadd(before, term), tab_grad, place)
        for lower, upper in pairwise(values):
            product = builder.fmul(builder.fsub(upper, lower), arriving)
            call = builder.call(reduce, [ir.Constant(_FLOAT, 0.0), product], fastmath=["reassoc"])
            slopes.append(call)
        return context.make_tuple(builder, result_type, slopes)

    return signature, codegen
