"""Kernels that make pixels of levels, in vector instructions, and levels of pixels.

Belongs here: the inner steps of ``pixels.py``. Numba's own loops would write the colours of an
image that lie side by side one at a time.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from napari_autolut.engine.compilation import kernel
from napari_autolut.engine.shapes import static
from napari_autolut.engine.vectors import (
    FLOAT,
    INT,
    clipped,
    data,
    load,
    pick,
    rounded,
    splat,
    store,
)

RUN, ONE = static(32), static(1)


@intrinsic
def put_run(
    typingctx: Any,
    levels: Any,
    at: Any,
    step: Any,
    out: Any,
    to: Any,
    numbers: Any,
    scaled: Any,
    pixels: Any,
    colours: Any,
) -> Any:
    """Write pixels that lie one behind the other, each with its colours side by side.

    Colour c of the first is made of ``levels[at + c*step]`` and goes to ``out[to + c]``;
    ``numbers`` are the unit, the lower and the upper limit of the range, and those of the type. To
    floats, levels are not rounded.
    """
    signature = types.void(levels, at, step, out, to, numbers, scaled, pixels, colours)
    count, width = len(pixels), len(colours)

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        source, target = (data(context, builder, sig.args[i], args[i]) for i in (0, 3))
        vector = ir.VectorType(FLOAT, count)
        unit, lo, hi, least, most = (
            splat(builder, builder.extract_value(args[5], i), count) for i in range(5)
        )
        made = []
        for colour in range(width):
            place = builder.add(args[1], builder.mul(args[2], args[2].type(colour)))
            level = load(builder, source, place, vector)
            in_range = builder.fadd(builder.fmul(level, unit), lo)
            value = builder.select(args[6], clipped(builder, in_range, lo, hi), level)
            if target.type.pointee == FLOAT:
                made.append(value)
                continue
            whole = clipped(builder, rounded(builder, value), least, most)
            ints = builder.fptosi(whole, ir.VectorType(INT, count))
            kind = ir.VectorType(target.type.pointee, count)
            made.append(builder.trunc(ints, kind))
        store(builder, _interleaved(builder, made), target, args[4])
        return context.get_dummy_value()

    return signature, codegen


def _interleaved(builder: Any, vectors: list[Any]) -> Any:
    """Lane 0 of all vectors, then lane 1 of all, and so on."""
    joined, count = vectors[0], vectors[0].type.count
    for number, vector in enumerate(vectors[1:], 1):
        so_far = number * count
        lanes = [min(lane, count - 1) for lane in range(so_far)]
        both = ir.Constant(ir.VectorType(INT, so_far + count), list(range(so_far + count)))
        joined = builder.shuffle_vector(joined, pick(builder, vector, lanes), both)
    order = [number * count + lane for lane in range(count) for number in range(len(vectors))]
    return pick(builder, joined, order) if len(vectors) > 1 else joined


@kernel
def store_pixels(
    levels: Any, first: int, last: int, left: int, out: Any, top: int, steps: Any, numbers: Any,
    scaled: bool, colours: Any,
) -> None:  # fmt: skip
    """Write rows of (N, H, W) levels, from ``left`` on, as (N, h, w) pixels, from ``top`` on.

    ``steps`` are values from plane to plane, row to row and column to column of ``out``; there are
    as many ``colours`` as lie side by side.
    """
    planes, _, width = out.shape
    plane, row, column = steps
    step = levels.shape[1] * levels.shape[2]
    runs = width - width % len(RUN) if column == len(colours) else 0
    for n in range(0, planes, len(colours)):
        for y in range(first, last):
            at = n * step + y * levels.shape[2] + left
            to = n * plane + (top + y - first) * row
            for x in range(0, runs, len(RUN)):
                put_run(levels, at + x, step, out, to + x * column, numbers, scaled, RUN, colours)
            for x in range(runs, width):
                put_run(levels, at + x, step, out, to + x * column, numbers, scaled, ONE, colours)


@kernel
def read_levels(pixels: Any, levels: Any, lo: float, hi: float, unit: float) -> bool:
    """Make levels of pixels; whether all of these lie between ``lo`` and ``hi``."""
    others = 0
    for i in range(len(pixels)):  # without a way out of it, so that it becomes vector code
        value = np.float64(pixels[i])
        others += not lo <= value <= hi
        levels[i] = np.float32((value - lo) / unit)
    return others == 0
