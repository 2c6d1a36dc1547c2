"""A comparison that is settled, and can be computed for any part of the image.

Belongs here: which part of a large image is worth computing, and the work on it. The ways are
``comparison_ways.py``; what is taken from layers is ``comparison_layers.py``.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from napari_autolut.arrays.jobs import Progress
from napari_autolut.arrays.value_range import Range, ValueRange
from napari_autolut.comparison.layers import Comparison, Shown, Taken
from napari_autolut.comparison.methods import AsItIs, Given, Modelled, Source, Way, surroundings
from napari_autolut.comparison.metrics import View
from napari_autolut.comparison.results import Results, compare_steps
from napari_autolut.util.boxes import Box

LARGE = 2048**2
"""Pixels of a slice above which only a part is computed, unless all are asked for."""

PART_SIDE = 1024
"""The most rows and columns of a part."""

BEYOND = 0.25
"""How much further a part reaches than what is seen, on each side, so that it can be moved."""


@dataclass(frozen=True, eq=False)
class Compared:
    """A way, and the layer whose place its pixels have; with ``own``, they are that layer's."""

    way: Way
    taken: Taken
    own: bool = False

    def within(self, part: Box | None, source: Taken) -> Compared:
        """The same for a part of the source."""
        if part is None:
            return self
        taken = replace(self.taken, part=_scaled(part, source.size, self.taken.size))
        way = Given(taken.name, taken.pixels) if self.own else self.way
        return Compared(way, taken, self.own)


@dataclass(frozen=True, eq=False)
class ComparisonPlan:
    """Everything that was chosen.

    Parameters
    ----------
    source : what is enlarged
    compared : what is shown, in order, then the ground truth where it is not among them
    shown : how many of those are shown
    truth : which of them is the ground truth
    value_range : as `upscaled_layer_data` takes it
    results : of earlier comparisons
    """

    source: Taken
    compared: Sequence[Compared]
    shown: int
    truth: int | None
    value_range: ValueRange
    results: Results

    @cached_property
    def range_of_models(self) -> Range:
        """The values of black and white; may read the whole image once."""
        return self.source.value_range(self.value_range)

    @cached_property
    def range_of_truth(self) -> Range | None:
        """Black and white of the ground truth, for its figures."""
        return None if self.truth is None else self.compared[self.truth].taken.value_range()

    def part(self, seen: Box) -> Box:
        """The part to compute where so much is seen; pixels of all views begin at its edges."""
        rows, columns = self.source.size
        top, bottom = _stretch(seen.top, seen.bottom, rows, self._unit(0))
        left, right = _stretch(seen.left, seen.right, columns, self._unit(1))
        return Box(top, bottom, left, right)

    def covers(self, part: Box, seen: Box) -> bool:
        """Whether a part has all that is seen, as far as a part can."""
        rows, columns = self.source.size
        top, bottom = _within(seen.top, seen.bottom, rows)
        left, right = _within(seen.left, seen.right, columns)
        down = part.top <= top and bottom <= part.bottom
        return down and part.left <= left and right <= part.right

    def steps(self, part: Box | None = None) -> Generator[Progress, None, Comparison]:
        """Compute a part of all views, or all of them."""
        source = replace(self.source, part=part)
        compared = [each.within(part, self.source) for each in self.compared]
        models = [each.way.model for each in compared if isinstance(each.way, Modelled)]
        around = 0 if part is None else surroundings(models, source.array.dtype)

        def load() -> Source:
            return source.source(self.range_of_models, around)

        ways = [each.way for each in compared]
        pixels = yield from compare_steps(load, ways, self.results)
        views = [
            View(way.name, each, source.rgb, squares=isinstance(way, AsItIs))
            for way, each in zip(ways, pixels, strict=True)
        ]
        shown = [
            Shown(view, each.taken)
            for view, each in zip(views[: self.shown], compared, strict=False)
        ]
        truth = None if self.truth is None else views[self.truth]
        return Comparison(shown, source, truth, self.range_of_truth)

    def _unit(self, axis: int) -> int:
        """The fewest pixels of the source that are whole numbers of all layers' pixels."""
        own = self.source.size[axis]
        ratios = (Fraction(each.taken.size[axis], own) for each in self.compared)
        return math.lcm(*(ratio.denominator for ratio in ratios))


def _within(low: int, high: int, size: int) -> tuple[int, int]:
    """The middle of a stretch that is too long, as far as there are pixels; at least one."""
    middle = min(max((low + high) // 2, 0), size - 1)
    half = PART_SIDE // 2
    low, high = max(low, middle - half, 0), min(high, middle + half, size)
    return min(low, middle), max(high, middle + 1)


def _stretch(low: int, high: int, size: int, unit: int) -> tuple[int, int]:
    """What is seen and some beyond, from one border of all layers' pixels to another."""
    first, last = _within(low, high, size)
    beyond = round(BEYOND * (last - first))
    beyond = min(beyond, max(0, (PART_SIDE - (last - first)) // 2))
    first, last = max(0, first - beyond), min(size, last + beyond)
    return first // unit * unit, min(size, -(-last // unit) * unit)


def _scaled(part: Box, size: tuple[int, int], other: tuple[int, int]) -> Box:
    """The same part in the pixels of another layer that covers the same place."""
    rows, columns = (Fraction(theirs, own) for theirs, own in zip(other, size, strict=True))
    return Box(
        round(part.top * rows),
        round(part.bottom * rows),
        round(part.left * columns),
        round(part.right * columns),
    )
