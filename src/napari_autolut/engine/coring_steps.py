"""Vector instructions for coring: rows interpolated along and across, and results drawn to them.

Belongs here: the sums of ``coring.py``, in the order written there. Loops of plain numba would
become such code, too, but take the compiler three times as long.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

from llvmlite import ir
from numba.core import cgutils

from napari_autolut.engine.vectors import (
    FLOAT,
    INT,
    LANES,
    LONG,
    at,
    constant,
    in_levels,
    index,
    load,
    splat,
    step,
    store,
)
from napari_autolut.util.keys_cubic import TAPS

VECTOR = ir.VectorType(FLOAT, LANES)


@step
def enlarge_row(builder: Any, source: Any, start: Any, taps: Any, scale: Any, wide: Any) -> None:
    """Interpolate the row that begins at ``source.flat[start]``, in whole vectors of its pixels."""
    with cgutils.for_range(builder, scale) as phase:
        first = index(builder, start, at(builder, taps.offsets, phase.index))
        with _vectors(builder, source.width) as (x, _):
            values = _interpolated(builder, source.flat, (first, x), 1, taps, phase.index)
            for lane in range(LANES):
                place = index(builder, phase.index, (index(builder, x, lane), scale))
                value = builder.extract_element(values, INT(lane))
                builder.store(value, builder.gep(wide, [place]))


@step
def core_row(
    builder: Any, wide: Any, top: Any, width: Any, taps: Any, phase: Any, threshold: Any, line: Any
) -> None:
    """Core a row by one made of four, the first of which begins at ``wide[top]``."""
    nothing, one = (constant(FLOAT, value, LANES) for value in (0.0, 1.0))
    threshold = splat(builder, threshold, LANES)
    with _vectors(builder, width) as (x, _):
        base = in_levels(builder, _interpolated(builder, wide, (top, x), width, taps, phase))
        difference = builder.fsub(load(builder, line, x, VECTOR), base)
        square = builder.fmul(difference, difference)
        kept = builder.fcmp_ordered(">", square, threshold)
        share = builder.fdiv(threshold, builder.select(kept, difference, one))
        reduced = builder.select(kept, builder.fsub(difference, share), nothing)
        store(builder, builder.fadd(base, reduced), line, x)


def _vectors(builder: Any, width: Any) -> Any:
    """Go over a row in whole vectors."""
    return cgutils.for_range_slice(builder, LONG(0), width, LONG(LANES))


def _interpolated(
    builder: Any, flat: Any, place: tuple[Any, ...], stride: Any, taps: Any, phase: Any
) -> Any:
    """The weighted sum of vectors that lie ``stride`` values apart."""
    products = []
    for tap in range(TAPS):
        values = load(builder, flat, index(builder, *place, (stride, tap)), VECTOR)
        weight = at(builder, taps.weights, index(builder, (phase, TAPS), tap))
        products.append(builder.fmul(values, splat(builder, weight, LANES)))
    return reduce(builder.fadd, products)
