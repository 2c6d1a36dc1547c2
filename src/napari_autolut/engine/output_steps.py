"""Vector instructions for a node's output: rotations' sums to pixels of the next planes.

Belongs here: turning sums back, normalising, clipping, rounding, and the pixel shuffle.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from napari_autolut.engine.sampling_steps import BLOCK
from napari_autolut.engine.shapes import UPSCALES
from napari_autolut.engine.vectors import (
    FLOAT,
    LANES,
    LONG,
    clipped,
    every_other,
    load,
    member,
    pick,
    rounded,
    splat,
    store,
)
from napari_autolut.model.symmetry import rotated_columns


@intrinsic
def put(
    typingctx: Any, totals: Any, rule: Any, target: Any, start: Any, pixels: Any, shape: Any
) -> Any:
    """Make output pixels of the sums of some pixels of a row.

    ``target.flat[start]`` is the first one of channel 0; channels lie ``target.step``, rows
    ``target.pitch`` values apart. Whole vectors are written, up to LANES pixels too many.
    """
    signature = types.void(totals, rule, target, start, pixels, shape)
    width = len(shape[0])

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        source = context.make_array(sig.args[0])(context, builder, args[0]).data
        of_rule = {
            name: member(context, builder, sig.args[1], args[1], name)
            for name in ("divisor", "bias", "low", "high", "rounds", "rotations", "upscale")
        }
        flat, step, pitch = (
            member(context, builder, sig.args[2], args[2], name)
            for name in ("flat", "step", "pitch")
        )
        for factor in UPSCALES[width]:
            wanted = builder.icmp_signed("==", of_rule["upscale"], LONG(factor))
            together = LANES if factor == 1 else max(1, LANES // width)
            with (
                builder.if_then(wanted),
                cgutils.for_range_slice(builder, LONG(0), args[4], LONG(together)) as (x, _),
            ):
                values = _summed(builder, source, builder.mul(x, LONG(width)), of_rule,
                                 (width, factor, together))  # fmt: skip
                values = [_settled(builder, value, of_rule) for value in values]
                to = builder.add(args[3], builder.mul(x, LONG(factor)))
                if factor == 1:
                    _store_planes(builder, values, width, flat, to, step)
                else:
                    _store_blocks(builder, values[0], (width, factor), (flat, to, step, pitch))
        return context.get_dummy_value()

    return signature, codegen


def _summed(builder: Any, source: Any, first: Any, rule: Any, counts: Any) -> list[Any]:
    """Vectors of sums over the rotations, each turned back, for some pixels."""
    width, factor, together = counts
    vector = ir.VectorType(FLOAT, min(width * together, LANES))
    sums = []
    for piece in range(width * together // vector.count):
        place = builder.add(first, LONG(piece * vector.count))
        values = load(builder, source, place, vector)
        total = cgutils.alloca_once_value(builder, values)
        builder.store(values, total)
        sums.append((place, total))
    if factor == 1:
        further = builder.sub(rule["rotations"], LONG(1))
        with cgutils.for_range(builder, further) as turn:
            turns = builder.add(turn.index, LONG(1))
            _add_rotation(builder, source, sums, builder.mul(turns, LONG(BLOCK * width)))
    else:
        with builder.if_then(builder.icmp_signed("==", rule["rotations"], LONG(4))):
            for turns in range(1, 4):
                order = _turned_lanes(width, factor, turns, vector.count)
                _add_rotation(builder, source, sums, LONG(turns * BLOCK * width), order)
    return [builder.load(total) for _, total in sums]


def _add_rotation(
    builder: Any, source: Any, sums: list[Any], ahead: Any, order: list[int] | None = None
) -> None:
    """Add the sums of a rotation, so far ahead, lanes in the order that turns them back."""
    for place, total in sums:
        vector = total.type.pointee
        values = load(builder, source, builder.add(place, ahead), vector)
        turned = pick(builder, values, order) if order else values
        builder.store(builder.fadd(builder.load(total), turned), total)


def _turned_lanes(width: int, factor: int, turns: int, count: int) -> list[int]:
    """The lanes of ``count`` values whose rows of ``width`` hold whole blocks, turned back."""
    whole = width // factor**2 * factor**2
    row = [*rotated_columns(whole, factor, turns), *range(whole, width)]
    return [start + lane for start in range(0, count, width) for lane in row]


def _settled(builder: Any, summed: Any, rule: Any) -> Any:
    """Divide, add the bias, clip, and round half to even where that is wanted."""
    divisor, bias, low, high = (
        splat(builder, rule[name], summed.type.count) for name in ("divisor", "bias", "low", "high")
    )
    result = builder.fadd(builder.fdiv(summed, divisor), bias)
    result = clipped(builder, result, low, high)
    wanted = builder.icmp_signed("!=", rule["rounds"], LONG(0))
    return builder.select(wanted, rounded(builder, result), result)


def _store_planes(
    builder: Any, values: list[Any], width: int, flat: Any, to: Any, step: Any
) -> None:
    """Store pixels that are one value in each of ``width`` channels."""
    for channel, pixels in enumerate(_by_channel(builder, values, width)):
        place = builder.add(to, builder.mul(step, LONG(channel)))
        store(builder, pixels, flat, place)


def _by_channel(builder: Any, vectors: list[Any], width: int) -> list[Any]:
    """One vector for each channel of vectors in which a pixel's channels lie side by side."""
    if width == 1:
        return vectors
    halves = [
        _by_channel(builder, every_other(builder, vectors, first), width // 2) for first in (0, 1)
    ]
    return [vector for pair in zip(*halves, strict=True) for vector in pair]


def _store_blocks(builder: Any, values: Any, counts: tuple[int, int], target: Any) -> None:
    """Store some pixels' blocks, the rows of which lie side by side."""
    width, factor = counts
    flat, to, step, pitch = target
    for channel in range(width // factor**2):
        plane = builder.add(to, builder.mul(step, LONG(channel)))
        for row in range(factor):
            first = (channel * factor + row) * factor
            lanes = [
                start + first + column
                for start in range(0, values.type.count, width)
                for column in range(factor)
            ]
            place = builder.add(plane, builder.mul(pitch, LONG(row)))
            store(builder, pick(builder, values, lanes), flat, place)
