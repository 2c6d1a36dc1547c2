"""Kernels that make pixels of levels, in vector instructions, and levels of pixels.

Belongs here: the inner steps of ``normalisation.py``. Numba's own loops would write the colours of
an image that lie side by side one at a time.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numpy.typing import NDArray

from napari_autolut.engine.compilation import kernel
from napari_autolut.engine.shapes import static
from napari_autolut.engine.vectors import (
    FLOAT,
    INT,
    clipped,
    index,
    load,
    pick,
    rounded,
    splat,
    step,
    store,
)

RUN, ONE = static(32), static(1)


class Rows(NamedTuple):
    """Rows of (N, H, W) values in [0, 255]: ``first`` to ``last``, from column ``left`` on.

    ``plane`` and ``row`` are values from one to the next.
    """

    flat: NDArray[np.float32]
    plane: int
    row: int
    first: int
    last: int
    left: int


class Target(NamedTuple):
    """(N, h, w) pixels, written from row ``top`` on; ``steps`` from plane, row and column on."""

    flat: NDArray[Any]
    steps: tuple[int, int, int]
    planes: int
    width: int
    top: int


class Scaling(NamedTuple):
    """Values become ``lo + unit * value`` if ``scaled``, within the limits of the type."""

    unit: np.float32
    lo: np.float32
    hi: np.float32
    lowest: np.float32
    highest: np.float32
    scaled: bool


@step
def put_run(
    builder: Any, rows: Any, start: Any, target: Any, to: Any, scaling: Any, pixels: int,
    colours: int,
) -> None:  # fmt: skip
    """Write pixels that lie one behind the other, each with its colours side by side.

    Colour c of the first is made of ``rows.flat[start + c * rows.plane]`` and goes to
    ``target.flat[to + c]``. To floats, values are not rounded.
    """
    kind, vector = target.flat.type.pointee, ir.VectorType(FLOAT, pixels)
    unit, lo, hi, lowest, highest = (
        splat(builder, number, pixels)
        for number in (scaling.unit, scaling.lo, scaling.hi, scaling.lowest, scaling.highest)
    )
    made = []
    for colour in range(colours):
        intensity = load(builder, rows.flat, index(builder, start, (rows.plane, colour)), vector)
        in_range = builder.fadd(builder.fmul(intensity, unit), lo)
        value = builder.select(scaling.scaled, clipped(builder, in_range, lo, hi), intensity)
        if kind != FLOAT:
            whole = clipped(builder, rounded(builder, value), lowest, highest)
            ints = builder.fptosi(whole, ir.VectorType(INT, pixels))
            value = builder.trunc(ints, ir.VectorType(kind, pixels))
        made.append(value)
    store(builder, _interleaved(builder, made), target.flat, to)


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
def store_pixels(rows: Rows, target: Target, scaling: Scaling, colours: Any) -> None:
    """Write rows of planes as pixels; there are as many ``colours`` as lie side by side."""
    plane, row, column = target.steps
    runs = target.width - target.width % len(RUN) if column == len(colours) else 0
    for n in range(0, target.planes, len(colours)):
        for y in range(rows.first, rows.last):
            start = n * rows.plane + y * rows.row + rows.left
            to = n * plane + (target.top + y - rows.first) * row
            for x in range(0, runs, len(RUN)):
                put_run(rows, start + x, target, to + x * column, scaling, RUN, colours)
            for x in range(runs, target.width):
                put_run(rows, start + x, target, to + x * column, scaling, ONE, colours)


@kernel
def read_levels(pixels: Any, levels: Any, lo: float, hi: float, unit: float) -> bool:
    """Make levels of pixels; whether all of these lie between ``lo`` and ``hi``."""
    others = 0
    for i in range(len(pixels)):  # without a way out of it, so that it becomes vector code
        value = np.float64(pixels[i])
        others += not lo <= value <= hi
        levels[i] = np.float32((value - lo) / unit)
    return others == 0
