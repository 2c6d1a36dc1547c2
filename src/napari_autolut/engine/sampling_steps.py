"""Vector instructions for sampling: from planes to the inputs of look-ups.

Belongs here: weighted sums over windows and filters, in a function of their own. A window is a
filter without negative weights; AdaRL's share of an earlier signal is in the weights. The look-ups
are in ``lookup_steps.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from numba import types

from napari_autolut.compilation.kernels import WIDE_VECTORS, by_address, inner_kernel
from napari_autolut.compilation.values import LANES, Value, Variable, constant, splat
from napari_autolut.compilation.vectors import call, in_levels, loop, step, when, where
from napari_autolut.engine.shapes import INPUTS, MEMBERS
from napari_autolut.engine.taps import ALONE, Taps

BLOCK = 256
"""Pixels of a row handled together, so that all that is known of them stays in the first-level
cache."""

VECTORS_OF_ONE = 4
"""Vectors summed at a time for one filter: one sum alone would wait for each of its additions."""

TOGETHER = 4 if WIDE_VECTORS else 1
"""Vectors summed at a time for each of several filters: the sums stay in registers."""

SLACK = (VECTORS_OF_ONE + 1) * LANES
"""Values behind the last pixel's window that may be read."""


class Block(NamedTuple):
    """Pixels that are handled together: of one row, or of two where filters are summed in squares.

    The first is pixel ``here`` of plane 0. ``pixels`` of a row are made, some of which may lie
    behind its end. Numbers of the squares of these rows are kept in slot ``lower``, those of the
    rows above in the other one, unless the block is the ``topmost``.
    """

    here: int
    row_stride: int
    rows: int
    pixels: int
    lower: int
    topmost: int


@inner_kernel
def sample_block(samples: Any, taps: Any, group: int, plane: Any, block: Any) -> None:
    """Inputs of a group's look-ups for a block, clipped to [0, 255], but those summed in squares.

    Input j of the group's member m is at ``samples[(m * inputs + j) * BLOCK:]``, row after row. To
    this no table's shape matters: it is compiled once for all kernels.
    """
    for row in range(block.rows):
        here, first = block.here + row * block.row_stride, row * block.pixels
        _sample(samples, taps, group, plane, here, first, block.pixels)


FLOATS, _LONG = types.float32[::1], types.int64
TAPS = types.NamedTuple((_LONG[::1], FLOATS, _LONG[:, ::1], _LONG[:, :, ::1], _LONG[::1]), Taps)
SAMPLES = max(MEMBERS) * max(INPUTS) * BLOCK
"""Values of the inputs of a group's look-ups for a block."""

BLOCKS = types.NamedUniTuple(_LONG, len(Block._fields), Block)

SAMPLED = types.void(FLOATS, TAPS, _LONG, FLOATS, BLOCKS)
"""What :func:`sample_block` is given."""

sample = by_address(SAMPLED)


@step
def _sample(
    builder: Any, samples: Any, taps: Any, group: Any, plane: Any, here: Any, first: Any,
    pixels: Any,
) -> None:  # fmt: skip
    """Sum, clip and store; all members of a group read the same taps."""
    members, count = taps.groups[group * 5], taps.groups[group * 5 + 3]
    for size in MEMBERS:
        with when(members == size), loop(builder, count) as j:
            record = (group * count + j) * 4
            *bounds, quadrant = (taps.bounds[record + i] for i in range(4))
            vectors = VECTORS_OF_ONE if size == 1 else TOGETHER
            # What is summed in squares is left to ``square_steps.py``.
            end = where(quadrant == ALONE, pixels, 0)
            with loop(builder, end, vectors * LANES) as x:
                read = plane.at(here), taps.offsets, taps.weights
                sums = weighted_sums(read, x, bounds, (size, vectors))
                for member, of_member in enumerate(sums):
                    to = (member * count + j) * BLOCK + first + x
                    for n, values in enumerate(of_member):
                        samples.put(in_levels(values), to + n * LANES)


def weighted_sums(
    read: Sequence[Value], base: Value, bounds: Sequence[Value | int], counts: tuple[int, int]
) -> list[list[Value]]:
    """For each filter, the sums over its taps for some vectors of pixels, the first at ``base``.

    ``read`` are the source, the taps' offsets and their weights, one for each filter at every tap.
    ``bounds`` are the first tap, the one behind the last, and where weights begin; ``counts`` how
    many filters and how many vectors. A sum is fused product by product, in the order of the taps,
    as the reference does it.
    """
    (source, offsets, weights), builder = read, base.builder
    start, stop, first_weight = bounds
    members, vectors = counts
    nothing = constant(builder, 0.0)
    totals = [[Variable(nothing) for _ in range(vectors)] for _ in range(members)]
    with loop(builder, stop, start=start) as tap:
        place = base + offsets[tap]
        values = [source.vector(place + number * LANES) for number in range(vectors)]
        first = first_weight + (tap - start) * members
        for member, sums in enumerate(totals):
            weight = splat(weights[first + member])
            for value, total in zip(values, sums, strict=True):
                total.value = call("fma", weight, value, total.value)
    return [[total.value for total in sums] for sums in totals]
