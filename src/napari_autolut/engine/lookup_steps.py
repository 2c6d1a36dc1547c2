"""Vector instructions for look-ups: rows and weights of simplices, and rows added up.

Belongs here: from inputs to sums of table rows. Nothing is reordered, and nothing fused: the bits
are the reference's.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import pairwise
from operator import add
from typing import Any

from llvmlite import ir

from napari_autolut.compilation.values import (
    FLOAT,
    LANES,
    LONG,
    Value,
    Variable,
    constant,
    pick,
    splat,
)
from napari_autolut.compilation.vectors import call, loop, step, table_rows, when, where
from napari_autolut.engine.sampling_steps import BLOCK

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
    count = shape.inputs
    kind, first, *strides = (tables.walks[number * (count + 2) + i] for i in range(count + 2))
    cells, scale, radius = (tables.numbers[number * 3 + i] for i in range(3))
    walk = [splat(stride) for stride in strides]
    with loop(builder, pixels, LANES) as x:
        own = slot * (count * BLOCK) + x
        inputs = [scratch.samples.vector(own + j * BLOCK) for j in range(count)]
        unit = _unit(inputs, strides, (kind, scale, radius))
        for v, (row, weight) in enumerate(simplex(inputs, walk, splat(first), cells)):
            scratch.rows.put(row, x + v * BLOCK)
            scratch.weights.put(weight * unit, x + v * BLOCK)


def simplex(
    inputs: Sequence[Value], strides: Sequence[Value], row: Value, cells: Value,
    last: Value | None = None,
) -> list[tuple[Value, Value]]:  # fmt: skip
    """Rows and weights of the simplex around points, from the base node to the opposite one.

    ``cells`` is the number of cells for one unit of an input. Inputs lie in [0, 256), so that none
    is behind the last cell; or they may be any numbers, if ``last`` says which cell that is.
    """
    fractions, walks = [], list(strides)
    for value, stride in zip(inputs, strides, strict=True):
        position = value * cells
        if last is None:
            base = position.as_int()
        else:
            base = call("floor", position).as_int()
            base = where(base > last, last, base)
            base = where(base < 0, 0, base)
        fractions.append(position - base.as_float())
        row = row + base * stride
    for a, b in SORTING_NETWORKS[len(inputs)]:
        swap = fractions[a] < fractions[b]
        for pair in (fractions, walks):
            pair[a], pair[b] = where(swap, pair[b], pair[a]), where(swap, pair[a], pair[b])
    one, zero = (constant(row.builder, value) for value in (1.0, 0.0))
    vertices = []
    for v, (upper, lower) in enumerate(pairwise([one, *fractions, zero])):
        if v:
            row = row + walks[v - 1]
        vertices.append((row, upper - lower))
    return vertices


def _unit(inputs: Sequence[Value], strides: Sequence[Value], grid: Sequence[Value]) -> Value:
    """The table's scale; 0 for pixels that belong to the other one of two grids."""
    kind, scale, radius = grid
    unit = Variable(splat(scale))
    with when(kind != 0, likely=False):
        near = constant(kind.builder, 1, ir.IntType(1))
        for value, stride in zip(inputs, strides, strict=True):
            within = call("fabs", value - inputs[0]) <= radius
            near = near & (within | (stride == 0))
        unit.value = where(near == (kind == NEAR), splat(scale), 0.0)
    return unit.value


@step
def add_up(builder: Any, scratch: Any, shape: Any, rotation: Any, tables: Any, pixels: Any) -> None:
    """Add the rows that were located for some pixels to the sums of a rotation.

    Those of pixel x are ``scratch.totals[(rotation * BLOCK + x) * columns:]``.
    """
    width, vertices = shape.columns, shape.inputs + 1
    # A row of eight is alone: its weights are broadcast as they are read, and nothing is joined.
    together = 1 if width >= 8 else LANES // width
    table = tables.values.cast(KINDS[shape.bits].as_pointer())
    with loop(builder, pixels, together) as x:
        found = table, scratch.rows, scratch.weights
        term = interpolated(found, x, (width, vertices, together), BLOCK)
        to = rotation * (BLOCK * width) + x * width
        scratch.totals.put(scratch.totals.vector(to, width * together) + term, to)


def interpolated(
    found: Sequence[Value], x: Value, counts: tuple[int, int, int], stride: int
) -> Value:
    """Rows of some pixels from number ``x`` on, each the weighted sum over its vertices.

    ``found`` are the table and what ``locate`` wrote, a vertex every ``stride`` values; ``counts``
    are columns, vertices and pixels.
    """
    table, rows, weights = found
    width, vertices, together = counts
    each = [pixel for pixel in range(together) for _ in range(width)]
    products = []
    for v in range(vertices):
        first = x + v * stride
        starts = [rows[first + pixel].as_int(LONG) for pixel in range(together)]
        values = table_rows(table, starts, width).as_float()
        products.append(pick(weights.vector(first, together), each) * values)
    total: Value = reduce(add, products)
    return total
