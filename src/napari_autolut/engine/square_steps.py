"""Vector instructions for filters that are summed for squares of 2 x 2 pixels.

Belongs here: the arithmetic of ``squares.py``, in its order, for a block of two rows, in a function
of their own, compiled once. Numbers of pixels are made once for all filters; then each filter's
sums of products become pixels.
"""

from __future__ import annotations

from itertools import chain
from typing import Any, NamedTuple

from llvmlite import ir
from numba.core import cgutils

from napari_autolut.engine.compilation import WIDE_VECTORS, by_address, inner_kernel
from napari_autolut.engine.sampling_steps import BLOCK, SAMPLED, SAMPLES
from napari_autolut.engine.shapes import MEMBERS
from napari_autolut.engine.squares import PRODUCTS, four_of, two_of
from napari_autolut.engine.taps import ALONE
from napari_autolut.engine.vectors import (
    FLOAT,
    LANES,
    LONG,
    at,
    call,
    constant,
    every_other,
    in_levels,
    index,
    load,
    picked,
    splat,
    step,
    store,
)
from napari_autolut.model import SQUARE_SIDE

SPAN = BLOCK // SQUARE_SIDE
"""Pixels of each of the two rows of a block."""

AT_ONCE = SQUARE_SIDE * LANES
"""Pixels of a row whose squares are a vector."""

NUMBERS = SPAN // SQUARE_SIDE + LANES
"""Squares of a row of a block for which numbers are kept: the first lies left of the block."""

VECTOR = ir.VectorType(FLOAT, LANES)

SUMS = SAMPLES
"""Where sums of products begin behind the samples: two of each column of four, of a group."""

COLUMN = SUMS + PRODUCTS // 2 * max(MEMBERS) * LANES
"""Where a column of four lies that has no room in registers."""

FIRST_NUMBER = COLUMN + 4 * max(MEMBERS) * LANES
"""Where numbers of squares begin."""

NUMBERS_OF_PLANE = SQUARE_SIDE * PRODUCTS * NUMBERS
"""How many there are of each plane that is read."""


@inner_kernel
def square_block(samples: Any, taps: Any, group: int, plane: Any, block: Any) -> None:
    """Inputs of a group's look-ups that are summed in squares, clipped to [0, 255].

    They lie as those of ``sample_block``. Numbers of the block's squares, and of the one left of
    each row of them, are made for the first group. Those of plane n, row and column of 4 x 4 are at
    ``samples[FIRST_NUMBER + (((slot * 4 + column) * planes + n) * 4 + row) * NUMBERS:]``.
    """
    count = len(taps.planes)
    if group == 0:
        for above in range(1 + block.topmost):
            slot = block.lower ^ above
            here = block.here - SQUARE_SIDE * (1 + above * block.row_stride)
            for n in range(count):
                _numbers(samples, plane, here + taps.planes[n], slot * 4 * count + n, count, block)
    _squares(samples, taps, group, block, count)


square = by_address(SAMPLED)


@step
def _numbers(
    builder: Any, samples: Any, plane: Any, here: Any, first: Any, count: Any, block: Any
) -> None:
    """Numbers of one plane: of columns of four pixels, then of four of those side by side."""
    end, operations = builder.add(block.pixels, LONG(AT_ONCE)), (builder.fadd, builder.fsub)
    with cgutils.for_range_slice(builder, LONG(0), end, LONG(AT_ONCE)) as (x, _):
        columns = []
        for piece in range(3):
            top = index(builder, here, x, piece * LANES)
            rows = (index(builder, top, (block.row_stride, row)) for row in range(4))
            pixels = [load(builder, plane, row, VECTOR) for row in rows]
            columns.append(four_of(pixels, *operations))
        for row, pieces in enumerate(zip(*columns, strict=True)):
            for column, value in enumerate(four_of(_neighbours(builder, pieces), *operations)):
                place = index(builder, (first, 4), (count, 4 * column), row)
                own = index(builder, (place, NUMBERS), FIRST_NUMBER)
                to = builder.add(own, builder.sdiv(x, LONG(SQUARE_SIDE)))
                store(builder, value, samples, to)


def _neighbours(builder: Any, pieces: Any) -> list[Any]:
    """Every other value of two vectors, and the three behind each; the third vector follows."""
    both, behind = list(pieces[:2]), pieces[2]
    (even,), (odd,) = (every_other(builder, both, first) for first in (0, 1))
    after = [
        picked(builder, values, behind, [*range(1, LANES), LANES + first])
        for first, values in enumerate((even, odd))
    ]
    return [even, odd, *after]


@step
def _squares(builder: Any, samples: Any, taps: Any, group: Any, block: Any, planes: Any) -> None:
    """Sum products, make pixels, clip and store; all members of a group read the same numbers."""
    members, count = (at(builder, taps.groups, index(builder, (group, 5), i)) for i in (0, 3))
    for size in MEMBERS:
        with (
            builder.if_then(builder.icmp_signed("==", members, LONG(size))),
            cgutils.for_range(builder, count) as j,
        ):
            record = index(builder, (group, count), j.index)
            weights, quadrant = (
                at(builder, taps.bounds, index(builder, (record, 4), i)) for i in (2, 3)
            )
            with builder.if_then(builder.icmp_signed("!=", quadrant, LONG(ALONE))):
                below, right = builder.lshr(quadrant, LONG(1)), builder.and_(quadrant, LONG(1))
                # Squares of a quadrant above the pixel are those of the two rows above.
                slot = builder.xor(builder.xor(block.lower, below), LONG(1))
                numbers = index(builder, (slot, planes, PRODUCTS * NUMBERS), right, FIRST_NUMBER)
                every = LONG(0), block.pixels, LONG(AT_ONCE)
                with cgutils.for_range_slice(builder, *every) as (x, _):
                    number = builder.add(numbers, builder.sdiv(x, LONG(SQUARE_SIDE)))
                    read = _Read(number, planes, taps.weights, weights)
                    _sum_products(builder, samples, read, size)
                    with cgutils.for_range(builder, LONG(size)) as member:
                        pixels = _pixels(builder, samples, member.index, size)
                        first = index(builder, (member.index, count, BLOCK), (j.index, BLOCK), x)
                        for row, values in enumerate(pixels):
                            to = index(builder, first, (block.pixels, row))
                            for half, each in enumerate(values):
                                store(builder, each, samples, index(builder, to, half * LANES))


class _Read(NamedTuple):
    """What an input is summed of: where numbers of squares begin, and factors, of some planes."""

    number: Any
    planes: Any
    factors: Any
    factor: Any


def _sum_products(builder: Any, samples: Any, read: _Read, size: int) -> None:
    """Sums over planes of each product, for a vector of squares and all filters of a group.

    The four of a column become two at once: fewer have to be kept.
    """
    with cgutils.for_range(builder, LONG(4)) as column:
        if WIDE_VECTORS:
            totals = _totals(builder, samples, read, (column.index, LONG(0)), (4, size))
            for m, of_member in enumerate(zip(*totals, strict=True)):
                _keep_two(builder, of_member, samples, (column.index, LONG(m)), size)
            return
        with cgutils.for_range(builder, LONG(4)) as row:
            (totals,) = _totals(builder, samples, read, (column.index, row.index), (1, size))
            for m, total in enumerate(totals):
                to = index(builder, (row.index, size * LANES), COLUMN + m * LANES)
                store(builder, total, samples, to)
        with cgutils.for_range(builder, LONG(size)) as member:
            first = index(builder, (member.index, LANES), COLUMN)
            places = (index(builder, first, row * size * LANES) for row in range(4))
            four = [load(builder, samples, place, VECTOR) for place in places]
            _keep_two(builder, four, samples, (column.index, member.index), size)


def _totals(
    builder: Any, samples: Any, read: _Read, first: Any, counts: tuple[int, int]
) -> list[list[Any]]:
    """Sums of some rows of a column of products, the first of which is given, for all filters."""
    (column, row), (rows, size) = first, counts
    totals = [[cgutils.alloca_once(builder, VECTOR) for _ in range(size)] for _ in range(rows)]
    for total in chain(*totals):
        builder.store(constant(FLOAT, 0.0, LANES), total)
    with cgutils.for_range(builder, read.planes) as n:
        place = index(builder, (column, read.planes, 4), (n.index, 4), row)
        number = index(builder, read.number, (place, NUMBERS))
        factor = index(builder, read.factor, (place, size))
        for further, of_row in enumerate(totals):
            value = load(builder, samples, index(builder, number, further * NUMBERS), VECTOR)
            for m, total in enumerate(of_row):
                weight = at(builder, read.factors, index(builder, factor, further * size + m))
                weight = splat(builder, weight, LANES)
                builder.store(call(builder, "fma", weight, value, builder.load(total)), total)
    return [[builder.load(total) for total in of_row] for of_row in totals]


def _keep_two(builder: Any, column: Any, samples: Any, place: Any, size: int) -> None:
    """Store what four sums of a column and a filter are for the two rows of pixels."""
    number, member = place
    for row, total in enumerate(two_of(column, builder.fadd, builder.fsub)):
        to = index(builder, (number, 2 * size), row * size, member)
        store(builder, total, samples, index(builder, (to, LANES), SUMS))


def _pixels(builder: Any, samples: Any, member: Any, size: int) -> list[list[Any]]:
    """Two rows of pixels, each two vectors, of a filter's sums for a vector of squares."""
    side_by_side = [lane // 2 + LANES * (lane % 2) for lane in range(2 * LANES)]
    rows = []
    for row in range(SQUARE_SIDE):
        columns = []
        for number in range(4):
            place = index(builder, (2 * number + row) * size, member)
            columns.append(load(builder, samples, index(builder, (place, LANES), SUMS), VECTOR))
        left, right = (in_levels(builder, v) for v in two_of(columns, builder.fadd, builder.fsub))
        halves = side_by_side[:LANES], side_by_side[LANES:]
        rows.append([picked(builder, left, right, half) for half in halves])
    return rows
