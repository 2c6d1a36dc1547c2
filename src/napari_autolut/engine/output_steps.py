"""Vector instructions for a node's output: rotations' sums to pixels of the next planes.

Belongs here: turning sums back, normalising, clipping, rounding, and the pixel shuffle.
"""

from __future__ import annotations

from itertools import product
from typing import Any

from napari_autolut.compilation.values import LANES, Value, Variable, pick
from napari_autolut.compilation.vectors import (
    clipped,
    every_other,
    loop,
    rounded,
    step,
    when,
    where,
)
from napari_autolut.engine.sampling_steps import BLOCK
from napari_autolut.engine.shapes import UPSCALES
from napari_autolut.model.symmetry import rotated_columns


@step
def put(
    builder: Any, totals: Any, width: int, rule: Any, target: Any, start: Any, first: Any,
    pixels: Any,
) -> None:  # fmt: skip
    """Make output pixels of the sums of some pixels of a row, from the block's ``first`` on.

    Sums have ``width`` columns. ``target.flat[start]`` is the first pixel of channel 0. Whole
    vectors are written, up to LANES pixels too many.
    """
    for factor in UPSCALES[width]:
        together = LANES if factor == 1 else max(1, LANES // width)
        with when(rule.upscale == factor), loop(builder, pixels, together) as x:
            sums = _summed(totals, (first + x) * width, rule, (width, factor, together))
            values = [_settled(summed, rule) for summed in sums]
            if factor == 1:
                _store_planes(values, width, target, start + x)
            else:
                _store_blocks(values[0], (width, factor), target, start + x * factor)


def _summed(source: Value, first: Value, rule: Any, counts: tuple[int, int, int]) -> list[Value]:
    """Vectors of sums over the rotations, each rotated back, for some pixels."""
    width, factor, together = counts
    lanes = min(width * together, LANES)
    places = [first + piece for piece in range(0, width * together, lanes)]
    totals = [Variable(source.vector(place, lanes)) for place in places]
    with when(rule.rotations == 4):
        for rotation, (place, total) in product(range(1, 4), zip(places, totals, strict=True)):
            values = source.vector(place + rotation * BLOCK * width, lanes)
            if factor > 1:
                values = pick(values, _rotated_lanes(width, factor, rotation, lanes))
            total.value = total.value + values
    return [total.value for total in totals]


def _rotated_lanes(width: int, factor: int, rotation: int, count: int) -> list[int]:
    """The lanes of ``count`` values whose rows of ``width`` hold whole blocks, rotated back."""
    whole = width // factor**2 * factor**2
    row = [*rotated_columns(whole, factor, rotation), *range(whole, width)]
    return [start + lane for start in range(0, count, width) for lane in row]


def _settled(summed: Value, rule: Any) -> Value:
    """Divide, add the bias, clip, and round half to even where that is wanted."""
    result = clipped(summed / rule.divisor + rule.bias, rule.low, rule.high)
    return where(rule.rounds != 0, rounded(result), result)


def _store_planes(values: list[Value], width: int, target: Any, to: Value) -> None:
    """Store pixels that are one value in each of ``width`` channels."""
    for channel, pixels in enumerate(_by_channel(values, width)):
        target.flat.put(pixels, to + target.channel_stride * channel)


def _by_channel(vectors: list[Value], width: int) -> list[Value]:
    """One vector for each channel of vectors in which a pixel's channels lie side by side."""
    if width == 1:
        return vectors
    halves = [_by_channel(every_other(vectors, first), width // 2) for first in (0, 1)]
    return [vector for pair in zip(*halves, strict=True) for vector in pair]


def _store_blocks(values: Value, counts: tuple[int, int], target: Any, to: Value) -> None:
    """Store some pixels' blocks, the rows of which lie side by side."""
    width, factor = counts
    for channel, row in product(range(width // factor**2), range(factor)):
        first = (channel * factor + row) * factor
        starts = range(first, values.count or 1, width)
        lanes = [start + column for start in starts for column in range(factor)]
        place = to + target.channel_stride * channel + target.row_stride * row
        target.flat.put(pick(values, lanes), place)
