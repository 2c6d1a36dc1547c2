"""Vector instructions for a node's output: rotations' sums to pixels of the next planes.

Belongs here: turning sums back, normalising, clipping, rounding, and the pixel shuffle.
"""

from __future__ import annotations

from itertools import product
from typing import Any

from llvmlite import ir
from numba.core import cgutils

from napari_autolut.engine.sampling_steps import BLOCK
from napari_autolut.engine.shapes import UPSCALES
from napari_autolut.engine.vectors import (
    FLOAT,
    LANES,
    LONG,
    clipped,
    every_other,
    index,
    load,
    pick,
    rounded,
    splat,
    step,
    store,
)
from napari_autolut.model.symmetry import rotated_columns


@step
def put(
    builder: Any, totals: Any, width: int, rule: Any, target: Any, start: Any, first: Any,
    pixels: Any,
) -> None:  # fmt: skip
    """Make output pixels of the sums of some pixels of a row, from the block's ``first`` on.

    Sums have ``width`` columns.

    ``target.flat[start]`` is the first one of channel 0; channels lie ``target.channel_stride``
    and rows ``target.row_stride`` values apart. Whole vectors are written, up to LANES pixels too
    many.
    """
    for factor in UPSCALES[width]:
        together = LANES if factor == 1 else max(1, LANES // width)
        with (
            builder.if_then(builder.icmp_signed("==", rule.upscale, LONG(factor))),
            cgutils.for_range_slice(builder, LONG(0), pixels, LONG(together)) as (x, _),
        ):
            source = index(builder, (builder.add(first, x), width))
            sums = _summed(builder, totals, source, rule, (width, factor, together))
            values = [_settled(builder, summed, rule) for summed in sums]
            to = index(builder, start, (x, factor))
            if factor == 1:
                _store_planes(builder, values, width, target, to)
            else:
                _store_blocks(builder, values[0], (width, factor), target, to)


def _summed(builder: Any, source: Any, first: Any, rule: Any, counts: Any) -> list[Any]:
    """Vectors of sums over the rotations, each rotated back, for some pixels."""
    width, factor, together = counts
    vector = ir.VectorType(FLOAT, min(width * together, LANES))
    places = [
        index(builder, first, piece * vector.count)
        for piece in range(width * together // vector.count)
    ]
    totals = [cgutils.alloca_once(builder, vector) for _ in places]
    for place, total in zip(places, totals, strict=True):
        builder.store(load(builder, source, place, vector), total)
    with builder.if_then(builder.icmp_signed("==", rule.rotations, LONG(4))):
        for rotation, (place, total) in product(range(1, 4), zip(places, totals, strict=True)):
            ahead = index(builder, place, rotation * BLOCK * width)
            values = load(builder, source, ahead, vector)
            if factor > 1:
                lanes = _rotated_lanes(width, factor, rotation, vector.count)
                values = pick(builder, values, lanes)
            builder.store(builder.fadd(builder.load(total), values), total)
    return [builder.load(total) for total in totals]


def _rotated_lanes(width: int, factor: int, rotation: int, count: int) -> list[int]:
    """The lanes of ``count`` values whose rows of ``width`` hold whole blocks, rotated back."""
    whole = width // factor**2 * factor**2
    row = [*rotated_columns(whole, factor, rotation), *range(whole, width)]
    return [start + lane for start in range(0, count, width) for lane in row]


def _settled(builder: Any, summed: Any, rule: Any) -> Any:
    """Divide, add the bias, clip, and round half to even where that is wanted."""
    divisor, bias, low, high = (
        splat(builder, value, summed.type.count)
        for value in (rule.divisor, rule.bias, rule.low, rule.high)
    )
    result = builder.fadd(builder.fdiv(summed, divisor), bias)
    result = clipped(builder, result, low, high)
    wanted = builder.icmp_signed("!=", rule.rounds, LONG(0))
    return builder.select(wanted, rounded(builder, result), result)


def _store_planes(builder: Any, values: list[Any], width: int, target: Any, to: Any) -> None:
    """Store pixels that are one value in each of ``width`` channels."""
    for channel, pixels in enumerate(_by_channel(builder, values, width)):
        store(builder, pixels, target.flat, index(builder, to, (target.channel_stride, channel)))


def _by_channel(builder: Any, vectors: list[Any], width: int) -> list[Any]:
    """One vector for each channel of vectors in which a pixel's channels lie side by side."""
    if width == 1:
        return vectors
    halves = [
        _by_channel(builder, every_other(builder, vectors, first), width // 2) for first in (0, 1)
    ]
    return [vector for pair in zip(*halves, strict=True) for vector in pair]


def _store_blocks(builder: Any, values: Any, counts: tuple[int, int], target: Any, to: Any) -> None:
    """Store some pixels' blocks, the rows of which lie side by side."""
    width, factor = counts
    for channel, row in product(range(width // factor**2), range(factor)):
        first = (channel * factor + row) * factor
        starts = range(first, values.type.count, width)
        lanes = [start + column for start in starts for column in range(factor)]
        place = index(builder, to, (target.channel_stride, channel), (target.row_stride, row))
        store(builder, pick(builder, values, lanes), target.flat, place)
