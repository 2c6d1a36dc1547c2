"""Quality against size and against time, as one drawing.

Belongs here: panels, axes and ticks. The figures are in ``evaluation.methods``; marks and files are
in ``drawing.py``, the places of names in ``labels.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from napari_autolut.evaluation.methods import Comparison, MethodResult
from napari_autolut.evaluation.plot.drawing import Dot, Drawing, Line, Mark, Text
from napari_autolut.evaluation.plot.labels import Box, Label, beside, leader, on_line, placed

WIDTH, HEIGHT = 920, 430
TOP, BOTTOM, LEFT, RIGHT, BETWEEN = 74.0, 58.0, 52.0, 20.0, 62.0
INK, FAINT, GRID = "#222222", "#666666", "#e6e6e6"
WITH_TABLES, WITHOUT = "#0b6fb8", "#9a5b00"
TITLE, NORMAL, SMALL = 16.0, 13.0, 12.0
RADIUS = 4.5
STEPS = (1.0, 2.0, 5.0)


@dataclass(frozen=True)
class Axis:
    """A range of values, and the places on the page where it begins and ends."""

    lo: float
    hi: float
    start: float
    end: float
    logarithmic: bool = False

    def at(self, value: float) -> float:
        """Place of a value on the page."""
        lo, hi = self.lo, self.hi
        if self.logarithmic:
            lo, hi, value = math.log(lo), math.log(hi), math.log(value)
        return self.start + (value - lo) / (hi - lo) * (self.end - self.start)

    def ticks(self) -> Iterator[float]:
        """Round values in the range: 3 to 8 of them."""
        if self.logarithmic:
            decades = range(math.floor(math.log10(self.lo)), math.ceil(math.log10(self.hi)))
            yield from (
                step * 10**decade
                for decade in decades
                for step in (STEPS if self.hi / self.lo < 1000 else STEPS[:1])
                if self.lo <= step * 10**decade <= self.hi
            )
        else:
            step = _round_step((self.hi - self.lo) / 6)
            first, last = math.ceil(self.lo / step), math.floor(self.hi / step)
            yield from (number * step for number in range(first, last + 1))


def plot(comparison: Comparison, title: str) -> Drawing:
    """Draw PSNR against the size of the tables on the left, against time on the right.

    Methods without a finite PSNR (equal images) are left out; those without tables are level
    lines on the left.
    """
    shown = [s for s in comparison.results if math.isfinite(s.mean.psnr)]
    quality = _quality_axis([s.mean.psnr for s in shown])
    side = (WIDTH - LEFT - RIGHT - BETWEEN) / 2
    second = LEFT + side + BETWEEN
    marks = (
        Text(LEFT, 28, title, TITLE, INK),
        *_size_panel(shown, quality, (LEFT, LEFT + side)),
        *_time_panel(shown, quality, (second, second + side)),
    )
    return Drawing(WIDTH, HEIGHT, marks)


def _size_panel(
    shown: Sequence[MethodResult], quality: Axis, sides: tuple[float, float]
) -> Iterator[Mark]:
    models = [s for s in shown if s.nbytes]
    size = _log_axis([s.nbytes for s in models], sides)
    yield from _frame(quality, size, "size of the tables", _bytes)
    lines = [(s.method, quality.at(s.mean.psnr)) for s in shown if not s.nbytes]
    for _, y in lines:
        yield Line(sides[0], y, sides[1], y, WITHOUT, 1.2, dashed=True)
    labels = [on_line(name, sides, y, SMALL, WITHOUT) for name, y in lines]
    points = [(s, size.at(s.nbytes), quality.at(s.mean.psnr)) for s in models]
    yield from _points(points, labels, quality, sides, [y for _, y in lines])


def _time_panel(
    shown: Sequence[MethodResult], quality: Axis, sides: tuple[float, float]
) -> Iterator[Mark]:
    timed = [(s, s.milliseconds) for s in shown if s.milliseconds is not None]
    time = _log_axis([milliseconds for _, milliseconds in timed], sides)
    yield from _frame(quality, time, "time for a million pixels of result", _milliseconds)
    points = [(s, time.at(milliseconds), quality.at(s.mean.psnr)) for s, milliseconds in timed]
    yield from _points(points, [], quality, sides, [])


def _frame(quality: Axis, across: Axis, label: str, text: Callable[[float], str]) -> Iterator[Mark]:
    """Grid lines, the base line and what the axes say."""
    yield Text(across.start, TOP - 16, "PSNR on luma, dB", SMALL, FAINT)
    for value in quality.ticks():
        y = quality.at(value)
        yield Line(across.start, y, across.end, y, GRID)
        yield Text(across.start - 8, y + 4, f"{value:.4g}", SMALL, FAINT, "end")
    for value in across.ticks():
        x = across.at(value)
        yield Line(x, quality.start, x, quality.end, GRID)
        yield Text(x, quality.start + 18, text(value), SMALL, FAINT, "middle")
    yield Line(across.start, quality.start, across.end, quality.start, FAINT)
    middle = (across.start + across.end) / 2
    yield Text(middle, quality.start + 42, label, NORMAL, INK, "middle")


def _points(
    points: Sequence[tuple[MethodResult, float, float]],
    labels: Sequence[Label],
    quality: Axis,
    sides: tuple[float, float],
    lines: Sequence[float],
) -> Iterator[Mark]:
    """Dots, and the names of the dots and of level lines."""
    panel = (sides[0], quality.end, sides[1], quality.start)
    taken: list[Box] = [(x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS) for _, x, y in points]
    taken += [(sides[0], y - 1, sides[1], y + 1) for y in lines]
    downwards = sorted(points, key=lambda point: point[2])
    wanted = [*labels, *(beside(s.method, x, y, SMALL, _colour(s)) for s, x, y in downwards)]
    for label, place in zip(wanted, placed(wanted, panel, taken), strict=True):
        yield from leader(label, place, FAINT)
        yield place.text
    for result, x, y in points:
        yield Dot(x, y, RADIUS, _colour(result), filled=bool(result.nbytes))


def _colour(result: MethodResult) -> str:
    return WITH_TABLES if result.nbytes else WITHOUT


def _quality_axis(values: Sequence[float]) -> Axis:
    """Room above and below the values, at least half a dB."""
    lo, hi = min(values, default=0.0), max(values, default=1.0)
    room = max(0.12 * (hi - lo), 0.25)
    return Axis(lo - room, hi + room, HEIGHT - BOTTOM, TOP)


def _log_axis(values: Sequence[float], sides: tuple[float, float]) -> Axis:
    """A range that is at least a factor of four wide."""
    lo, hi = min(values, default=1.0), max(values, default=1.0)
    room = max((hi / lo) ** 0.12, 2.0 if hi < 2 * lo else 1.25)
    return Axis(lo / room, hi * room, *sides, logarithmic=True)


def _round_step(min_step: float) -> float:
    """The next larger of 1, 2, 5, 10, ... times a power of ten."""
    power = 10.0 ** math.floor(math.log10(min_step))
    return next(step * power for step in (*STEPS, 10.0) if step * power >= min_step)


def _bytes(value: float) -> str:
    return f"{value / 1e6:g} MB" if value >= 1e6 else f"{value / 1e3:g} KB"


def _milliseconds(value: float) -> str:
    return f"{value / 1e3:g} s" if value >= 1e3 else f"{value:g} ms"
