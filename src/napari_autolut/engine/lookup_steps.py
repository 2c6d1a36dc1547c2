"""Vector instructions for look-ups: rows and weights of simplices, and rows added up.

Belongs here: from inputs to sums of table rows. Nothing is reordered, and nothing fused: the bits
are the reference's.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from llvmlite import ir
from numba.core import cgutils

from napari_autolut.engine.sampling_steps import BLOCK
from napari_autolut.engine.vectors import (
    FLOAT,
    INT,
    LANES,
    LONG,
    as_float,
    at,
    call,
    constant,
    index,
    load,
    pick,
    splat,
    step,
    store,
    table_rows,
)

SORTING_NETWORKS = {
    2: ((0, 1),),
    3: ((0, 1), (1, 2), (0, 1)),
    4: ((0, 1), (2, 3), (0, 2), (1, 3), (1, 2)),
    5: ((0, 3), (1, 4), (0, 2), (1, 3), (0, 1), (2, 4), (1, 2), (3, 4), (2, 3)),
}

KINDS = {8: ir.IntType(8), 16: ir.IntType(16), 32: FLOAT}
"""What a table's values are, by their bits."""

NEAR, FAR = 1, 2
"""Kinds of look-ups that only some pixels take part in, those of two grids; 0: all do."""


@step
def locate(
    builder: Any, scratch: Any, shape: Any, slot: Any, tables: Any, number: Any, pixels: Any
) -> None:
    """Rows and weights of look-up ``number`` for some pixels, whose inputs are in slot ``slot``.

    Vertex v of pixel x goes to ``scratch.rows[v * BLOCK + x]``, where the row's values begin, and
    ``scratch.weights[...]``, times the table's scale.
    """
    count, vector = shape.inputs, ir.VectorType(FLOAT, LANES)
    kind, first, *strides = (
        at(builder, tables.walks, index(builder, (number, count + 2), i)) for i in range(count + 2)
    )
    cells, scale, radius = (
        at(builder, tables.numbers, index(builder, (number, 3), i)) for i in range(3)
    )
    walk = [splat(builder, stride, LANES) for stride in strides]
    with cgutils.for_range_slice(builder, LONG(0), pixels, LONG(LANES)) as (x, _):
        places = [index(builder, (slot, count * BLOCK), j * BLOCK, x) for j in range(count)]
        inputs = [load(builder, scratch.samples, place, vector) for place in places]
        unit = _unit(builder, inputs, strides, (kind, scale, radius))
        vertices = simplex(builder, inputs, walk, splat(builder, first, LANES), cells)
        for v, (row, weight) in enumerate(vertices):
            to = index(builder, x, v * BLOCK)
            store(builder, row, scratch.rows, to)
            store(builder, builder.fmul(weight, unit), scratch.weights, to)


def simplex(
    builder: Any, inputs: Sequence[Any], strides: Sequence[Any], row: Any, cells: Any,
    last: Any = None,
) -> list[tuple[Any, Any]]:  # fmt: skip
    """Rows and weights of the simplex around points, from the base node to the opposite one.

    ``cells`` is the number of cells for one unit of an input. Inputs lie in [0, 256), so that none
    is behind the last cell; or they may be any numbers, if ``last`` says which cell that is.
    """
    vector = inputs[0].type
    ints = ir.VectorType(INT, vector.count)
    per_unit = splat(builder, cells, vector.count)
    fractions, walks = [], list(strides)
    for value, stride in zip(inputs, strides, strict=True):
        position = builder.fmul(value, per_unit)
        if last is None:
            base = builder.fptosi(position, ints)
        else:
            base = builder.fptosi(call(builder, "floor", position), ints)
            base = builder.select(builder.icmp_signed(">", base, last), last, base)
            zero = constant(INT, 0, vector.count)
            base = builder.select(builder.icmp_signed("<", base, zero), zero, base)
        fractions.append(builder.fsub(position, builder.sitofp(base, vector)))
        row = builder.add(row, builder.mul(base, stride))
    for a, b in SORTING_NETWORKS[len(inputs)]:
        swap = builder.fcmp_ordered("<", fractions[a], fractions[b])
        for pair in (fractions, walks):
            high = builder.select(swap, pair[b], pair[a])
            pair[b] = builder.select(swap, pair[a], pair[b])
            pair[a] = high
    ends = (constant(FLOAT, value, vector.count) for value in (1.0, 0.0))
    bounds = [next(ends), *fractions, next(ends)]
    vertices = []
    for v, (upper, lower) in enumerate(pairwise(bounds)):
        if v:
            row = builder.add(row, walks[v - 1])
        vertices.append((row, builder.fsub(upper, lower)))
    return vertices


def _unit(builder: Any, inputs: Sequence[Any], strides: Sequence[Any], grid: Any) -> Any:
    """The table's scale; 0 for pixels that belong to the other one of two grids."""
    kind, scale, radius = grid
    every = splat(builder, scale, LANES)
    unit = cgutils.alloca_once(builder, every.type)
    builder.store(every, unit)
    with builder.if_then(builder.icmp_signed("!=", kind, INT(0)), likely=False):
        limit = splat(builder, radius, LANES)
        wanted = splat(builder, builder.icmp_signed("==", kind, INT(NEAR)), LANES)
        near = constant(ir.IntType(1), 1, LANES)
        for value, stride in zip(inputs, strides, strict=True):
            distance = call(builder, "fabs", builder.fsub(value, inputs[0]))
            within = builder.fcmp_ordered("<=", distance, limit)
            absent = splat(builder, builder.icmp_signed("==", stride, INT(0)), LANES)
            near = builder.and_(near, builder.or_(within, absent))
        here = builder.icmp_unsigned("==", near, wanted)
        builder.store(builder.select(here, every, constant(FLOAT, 0.0, LANES)), unit)
    return builder.load(unit)


@step
def add_up(builder: Any, scratch: Any, shape: Any, rotation: Any, tables: Any, pixels: Any) -> None:
    """Add the rows that were located for some pixels to the sums of a rotation.

    Those of pixel x are ``scratch.totals[(rotation * BLOCK + x) * columns:]``.
    """
    width, vertices = shape.columns, shape.inputs + 1
    # A row of eight is alone: its weights are broadcast as they are read, and nothing is joined.
    together = 1 if width >= 8 else LANES // width
    values = builder.bitcast(tables.values, KINDS[shape.bits].as_pointer())
    pointers = values, scratch.rows, scratch.weights
    with cgutils.for_range_slice(builder, LONG(0), pixels, LONG(together)) as (x, _):
        term = interpolated(builder, pointers, x, (width, vertices, together), BLOCK)
        to = index(builder, (rotation, BLOCK * width), (x, width))
        before = load(builder, scratch.totals, to, term.type)
        store(builder, builder.fadd(before, term), scratch.totals, to)


def interpolated(
    builder: Any, pointers: Any, x: Any, counts: tuple[int, int, int], stride: int
) -> Any:
    """Rows of some pixels from number ``x`` on, each the weighted sum over its vertices.

    ``pointers`` are those of the table and of what ``locate`` wrote, a vertex every ``stride``
    values; ``counts`` are columns, vertices and pixels.
    """
    table, rows, weights = pointers
    width, vertices, together = counts
    each = [pixel for pixel in range(together) for _ in range(width)]
    term = None
    for v in range(vertices):
        offset = index(builder, x, v * stride)
        places = [index(builder, offset, pixel) for pixel in range(together)]
        starts = [builder.zext(at(builder, rows, place), LONG) for place in places]
        values = as_float(builder, table_rows(builder, table, starts, width))
        weight = load(builder, weights, offset, ir.VectorType(FLOAT, together))
        product = builder.fmul(pick(builder, weight, each), values)
        term = product if term is None else builder.fadd(term, product)
    return term
