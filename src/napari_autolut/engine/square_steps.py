"""Vector instructions for filters that are summed for squares of 2 x 2 pixels.

Belongs here: the arithmetic of ``squares.py``, in its order, for a block of two rows, in a function
of their own, compiled once. Numbers of pixels are made once for all filters; then each filter's
sums of products become pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from napari_autolut.compilation.kernels import WIDE_VECTORS, by_address, inner_kernel
from napari_autolut.compilation.values import LANES, Value, Variable, constant, picked, splat
from napari_autolut.compilation.vectors import call, every_other, in_levels, loop, step, when
from napari_autolut.engine.sampling_steps import BLOCK, SAMPLED, SAMPLES
from napari_autolut.engine.shapes import MEMBERS
from napari_autolut.engine.squares import PRODUCTS, four_of, two_of
from napari_autolut.engine.taps import ALONE
from napari_autolut.model import SQUARE_SIDE

SPAN = BLOCK // SQUARE_SIDE
"""Pixels of each of the two rows of a block."""

AT_ONCE = SQUARE_SIDE * LANES
"""Pixels of a row whose squares are a vector."""

NUMBERS = SPAN // SQUARE_SIDE + LANES
"""Squares of a row of a block for which numbers are kept: the first lies left of the block."""

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
    with loop(builder, block.pixels + AT_ONCE, AT_ONCE) as x:
        columns = []
        for piece in range(3):
            top = here + x + piece * LANES
            columns.append(four_of([plane.vector(top + block.row_stride * n) for n in range(4)]))
        for row, pieces in enumerate(zip(*columns, strict=True)):
            for column, values in enumerate(four_of(_neighbours(pieces))):
                place = (first + count * column) * 4 + row
                samples.put(values, place * NUMBERS + FIRST_NUMBER + x // SQUARE_SIDE)


def _neighbours(pieces: Sequence[Value]) -> list[Value]:
    """Every other value of two vectors, and the three behind each; the third vector follows."""
    (even,), (odd,) = (every_other(pieces[:2], first) for first in (0, 1))
    after = [
        picked(values, pieces[2], [*range(1, LANES), LANES + first])
        for first, values in enumerate((even, odd))
    ]
    return [even, odd, *after]


@step
def _squares(builder: Any, samples: Any, taps: Any, group: Any, block: Any, planes: Any) -> None:
    """Sum products, make pixels, clip and store; all members of a group read the same numbers."""
    members, count = taps.groups[group * 5], taps.groups[group * 5 + 3]
    for size in MEMBERS:
        with when(members == size), loop(builder, count) as j:
            record = (group * count + j) * 4
            factors, quadrant = taps.bounds[record + 2], taps.bounds[record + 3]
            with when(quadrant != ALONE), loop(builder, block.pixels, AT_ONCE) as x:
                right, below = quadrant & 1, quadrant // 2
                # Squares of a quadrant above the pixel are those of the two rows above.
                slot = block.lower ^ below ^ 1
                numbers = slot * planes * (PRODUCTS * NUMBERS) + right + FIRST_NUMBER
                read = _Read(numbers + x // SQUARE_SIDE, planes, taps.weights, factors)
                _sum_products(samples, read, size)
                with loop(builder, size) as member:
                    first = (member * count + j) * BLOCK + x
                    for row, halves in enumerate(_pixels(samples, member, size)):
                        to = first + block.pixels * row
                        for half, values in enumerate(halves):
                            samples.put(values, to + half * LANES)


class _Read(NamedTuple):
    """What an input is summed of: where numbers of squares begin, and factors, of some planes."""

    number: Value
    planes: Value
    factors: Value
    factor: Value


def _sum_products(samples: Value, read: _Read, size: int) -> None:
    """Sums over planes of each product, for a vector of squares and all filters of a group.

    The four of a column become two at once: fewer have to be kept.
    """
    builder = samples.builder
    with loop(builder, 4) as column:
        if WIDE_VECTORS:
            totals = _totals(samples, read, (column, 0), (4, size))
            for member, of_member in enumerate(zip(*totals, strict=True)):
                _keep_two(of_member, samples, (column, member), size)
            return
        with loop(builder, 4) as row:
            (totals_of_row,) = _totals(samples, read, (column, row), (1, size))
            for member, total in enumerate(totals_of_row):
                samples.put(total, row * (size * LANES) + COLUMN + member * LANES)
        with loop(builder, size) as m:
            four = [samples.vector((m + row * size) * LANES + COLUMN) for row in range(4)]
            _keep_two(four, samples, (column, m), size)


def _totals(
    samples: Value, read: _Read, first: tuple[Value, Value | int], counts: tuple[int, int]
) -> list[list[Value]]:
    """Sums of some rows of a column of products, the first of which is given, for all filters."""
    (column, row), (rows, size), builder = first, counts, samples.builder
    nothing = constant(builder, 0.0)
    totals = [[Variable(nothing) for _ in range(size)] for _ in range(rows)]
    with loop(builder, read.planes) as n:
        place = (column * read.planes + n) * 4 + row
        number, factor = read.number + place * NUMBERS, read.factor + place * size
        for further, of_row in enumerate(totals):
            values = samples.vector(number + further * NUMBERS)
            for member, total in enumerate(of_row):
                weight = splat(read.factors[factor + (further * size + member)])
                total.value = call("fma", weight, values, total.value)
    return [[total.value for total in of_row] for of_row in totals]


def _keep_two(
    column: Sequence[Value], samples: Value, place: tuple[Value, Value | int], size: int
) -> None:
    """Store what four sums of a column and a filter are for the two rows of pixels."""
    number, member = place
    for row, total in enumerate(two_of(column)):
        samples.put(total, (number * (2 * size) + row * size + member) * LANES + SUMS)


def _pixels(samples: Value, member: Value, size: int) -> list[list[Value]]:
    """Two rows of pixels, each two vectors, of a filter's sums for a vector of squares."""
    side_by_side = [lane // 2 + LANES * (lane % 2) for lane in range(2 * LANES)]
    rows = []
    for row in range(SQUARE_SIDE):
        places = ((member + (2 * number + row) * size) * LANES + SUMS for number in range(4))
        left, right = map(in_levels, two_of([samples.vector(place) for place in places]))
        halves = side_by_side[:LANES], side_by_side[LANES:]
        rows.append([picked(left, right, half) for half in halves])
    return rows
