"""Where the curves of a training lie in a chart: limits, ticks and places, in plain numbers.

Belongs here: no Qt. They are painted in ``chart.py``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Point = tuple[float, float]

PADDING = 0.08
"""Part of the span that is left free above and below the values."""

MIN_DECIBELS = 0.5
"""A flat curve fills no more than it would within so much."""


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels; y grows downwards."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Axis:
    """Values from ``low`` to ``high``, spread over a side of a box."""

    low: float
    high: float

    def position(self, value: float, start: float, end: float) -> float:
        """Where a value lies between two pixels; values beyond lie beyond."""
        span = (self.high - self.low) or 1.0
        return start + (value - self.low) / span * (end - start)

    def ticks(self, max_count: int) -> list[float]:
        """At most so many round values from low to high."""
        span = self.high - self.low
        if span <= 0 or max_count < 1:
            return []
        step = _round_up(span / max_count)
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [number * step for number in range(first, last + 1)]


def log_ticks(low: float, high: float, max_count: int) -> list[float]:
    """At most so many of 1, 2 and 5 times powers of ten between two positive values.

    Where that is one or none, other round ones.
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for steps in ((1, 2, 5), (1, 3), (1,)):
        values = [n * 10.0**power for power in range(first, last + 1) for n in steps]
        shown = [value for value in values if low <= value <= high]
        if len(shown) <= max_count:
            break
    return (
        shown[:: -(-len(shown) // max_count)]
        if len(shown) > 1
        else Axis(low, high).ticks(max_count)
    )


def padded_axis(values: Iterable[float], min_span: float = 0.0) -> Axis:
    """An axis that shows all these values, with some room."""
    shown = [value for value in values if math.isfinite(value)]
    if not shown:
        return Axis(0.0, 1.0)
    low, high = min(shown), max(shown)
    room = max(0.0, min_span - (high - low)) / 2
    pad = PADDING * max(high - low, min_span) or 1.0
    return Axis(low - room - pad, high + room + pad)


def to_pixels(points: Sequence[Point], step_axis: Axis, value_axis: Axis, box: Box) -> list[Point]:
    """Where points lie in the box."""
    return [
        (step_axis.position(x, box.left, box.right), value_axis.position(y, box.bottom, box.top))
        for x, y in points
    ]


def binned_means(points: Sequence[Point], max_count: int) -> list[Point]:
    """At most so many points: means of those that follow each other, which also calms a curve."""
    if len(points) <= max_count:
        return list(points)
    result = []
    for number in range(max_count):
        part = points[len(points) * number // max_count : len(points) * (number + 1) // max_count]
        xs, ys = zip(*part, strict=True)
        result.append((sum(xs) / len(part), sum(ys) / len(part)))
    return result


def number_text(value: float) -> str:
    """A value with the digits it needs: ``0.5``, ``20``, ``1,000``."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def tick_text(value: float, step: float) -> str:
    """A tick's value with the digits that tell it from the next one: ``30.5``, ``1,000``."""
    digits = max(0, -math.floor(math.log10(step) + 1e-9)) if step > 0 else 0
    return f"{value:,.{digits}f}"


def _round_up(step: float) -> float:
    """The next of 1, 2 and 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(n * power for n in (1, 2, 5, 10) if n * power >= step * (1 - 1e-9))
