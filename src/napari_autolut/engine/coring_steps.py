"""Vector instructions for coring: rows interpolated along and across, and results drawn to them.

Belongs here: the sums of ``coring.py``, in the order written there. Loops of plain numba would
become such code, too, but take the compiler three times as long.
"""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import Any

from napari_autolut.compilation.values import LANES, Value
from napari_autolut.compilation.vectors import in_levels, loop, step, where
from napari_autolut.util.keys_cubic import TAPS


@step
def enlarge_row(builder: Any, source: Any, start: Any, taps: Any, scale: Any, wide: Any) -> None:
    """Interpolate the row that begins at ``source.flat[start]``, in whole vectors of its pixels."""
    with loop(builder, scale) as phase, loop(builder, source.width, LANES) as x:
        first = start + taps.offsets[phase] + x
        values = _interpolated(source.flat, first, 1, taps, phase)
        for lane in range(LANES):
            wide.put(values.lane(lane), phase + (x + lane) * scale)


@step
def core_row(
    builder: Any, wide: Any, top: Any, width: Any, taps: Any, phase: Any, threshold: Any, line: Any
) -> None:
    """Core a row by one made of four, the first of which begins at ``wide[top]``."""
    with loop(builder, width, LANES) as x:
        base = in_levels(_interpolated(wide, top + x, width, taps, phase))
        difference = line.vector(x) - base
        kept = difference * difference > threshold
        share = threshold / where(kept, difference, 1.0)
        line.put(base + where(kept, difference - share, 0.0), x)


def _interpolated(flat: Value, first: Value, stride: Value | int, taps: Any, phase: Value) -> Value:
    """The weighted sum of vectors that lie ``stride`` values apart."""
    products = [
        flat.vector(first + stride * tap) * taps.weights[phase * TAPS + tap] for tap in range(TAPS)
    ]
    total: Value = reduce(add, products)
    return total
