"""A comparison that is settled, and can be computed for any region of the image.

Belongs here: everything that was chosen, and the work on it. The methods are ``methods.py``, the
regions ``regions.py``; what is taken from layers is ``layers.py``.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from napari_autolut.arrays import (
    ArrayTask,
    Progress,
    Range,
    ValueRange,
    one_of_several,
    with_alpha,
)
from napari_autolut.arrays.denoiser import LARGEST_STEP
from napari_autolut.comparison.layers import Comparison, LayerSnapshot, PlacedView
from napari_autolut.comparison.methods import (
    ExistingLayer,
    Method,
    ModelMethod,
    Nearest,
    Source,
)
from napari_autolut.comparison.metrics import View
from napari_autolut.comparison.regions import clamped, extended, scaled_box
from napari_autolut.comparison.results import Results, compare_steps
from napari_autolut.comparison.tasks import max_halo_radius, model_task
from napari_autolut.denoising import known_sigma
from napari_autolut.model import LutModel
from napari_autolut.util.boxes import Box


@dataclass(frozen=True, eq=False)
class PlannedView:
    """A method, and the layer whose place its pixels have.

    With ``own`` they are that layer's pixels, with ``error`` a map of expected errors, and with
    ``alone`` other channels are not seen together with it.
    """

    method: Method
    snapshot: LayerSnapshot
    own: bool = False
    error: bool = False
    alone: bool = False

    def within(self, region: Box | None, source: LayerSnapshot) -> PlannedView:
        """The same for a region of the source."""
        if region is None:
            return self
        snapshot = replace(
            self.snapshot, region=scaled_box(region, source.size, self.snapshot.size)
        )
        method = ExistingLayer(snapshot.name, snapshot.pixels) if self.own else self.method
        return replace(self, method=method, snapshot=snapshot)


@dataclass(frozen=True, eq=False)
class ComparisonPlan:
    """Everything that was chosen.

    Parameters
    ----------
    source : LayerSnapshot
        What is enlarged.
    compared : sequence of PlannedView
        What is shown, in order, then the ground truth where it is not among them.
    shown : int
        How many of those are shown.
    truth : int, optional
        Which of them is the ground truth.
    value_range : str or tuple of float, optional
        As :func:`~napari_autolut.layers.upscaling.upscaled_layer_data` takes it.
    results : Results
        Of earlier comparisons.
    channels : sequence of ComparisonPlan
        The same for other channels of the image, which are seen together with it.
    """

    source: LayerSnapshot
    compared: Sequence[PlannedView]
    shown: int
    truth: int | None
    value_range: ValueRange
    results: Results
    channels: Sequence[ComparisonPlan] = ()

    @cached_property
    def range_of_models(self) -> Range:
        """The values of black and white; may read the whole image once."""
        return self.source.value_range(self.value_range)

    @cached_property
    def range_of_truth(self) -> Range | None:
        """Black and white of the ground truth, for its figures."""
        return None if self.truth is None else self.compared[self.truth].snapshot.value_range()

    def region(self, seen: Box) -> Box:
        """The region to compute where so much is seen; pixels of all views begin at its edges."""
        rows, columns = self.source.size
        top, bottom = extended(seen.top, seen.bottom, rows, self._unit(0))
        left, right = extended(seen.left, seen.right, columns, self._unit(1))
        return Box(top, bottom, left, right)

    def covers(self, region: Box, seen: Box) -> bool:
        """Whether a region has all that is seen, as far as a region can."""
        rows, columns = self.source.size
        top, bottom = clamped(seen.top, seen.bottom, rows)
        left, right = clamped(seen.left, seen.right, columns)
        down = region.top <= top and bottom <= region.bottom
        return down and region.left <= left and right <= region.right

    def steps(self, region: Box | None = None) -> Generator[Progress, None, Comparison]:
        """Compute a region of all views, or all of them, of one channel after another."""
        if not self.channels:
            return (yield from self._steps_of_one(region))
        plans = (self, *self.channels)
        found: list[Comparison] = []
        for number, plan in enumerate(plans):
            steps = one_of_several(plan._steps_of_one(region), number, len(plans))
            found.append((yield from steps))
        own, *channels = found
        return replace(own, channels=channels)

    def _steps_of_one(self, region: Box | None) -> Generator[Progress, None, Comparison]:
        """Compute the views of this channel alone."""
        source = replace(self.source, region=region)
        compared = [each.within(region, self.source) for each in self.compared]
        around = 0
        if region is not None:
            radius = max_halo_radius(self._models, source.array.dtype)
            around = with_alpha(radius, source.rgb, source.array.shape)

        def load() -> Source:
            return source.source(self.range_of_models, around, self._settled)

        methods = [each.method for each in compared]
        pixels = yield from compare_steps(load, methods, self.results)
        views = [
            View(
                each.method.name,
                found,
                rgb=source.rgb and not each.error,
                nearest=isinstance(each.method, Nearest),
                error=each.error,
            )
            for each, found in zip(compared, pixels, strict=True)
        ]
        shown = [
            PlacedView(view, each.snapshot, each.alone or each.error)
            for view, each in zip(views[: self.shown], compared, strict=False)
        ]
        truth = None if self.truth is None else views[self.truth]
        return Comparison(shown, source, truth, self.range_of_truth)

    def _settled(self, model: LutModel) -> ArrayTask:
        """What a model does to all of the source: its noise is that of the whole image."""
        if model not in self._tasks:
            array, axes = self.source.array, self.source.axes
            self._tasks[model] = model_task(array, axes, self.range_of_models, model)
        return self._tasks[model]

    @cached_property
    def _tasks(self) -> dict[LutModel, ArrayTask]:
        return {}

    @property
    def _models(self) -> list[LutModel]:
        return [each.method.model for each in self.compared if isinstance(each.method, ModelMethod)]

    def _unit(self, axis: int) -> int:
        """The fewest pixels of the source that are whole numbers of all layers' pixels.

        And of the step by which denoising places its tiles.
        """
        own = self.source.size[axis]
        ratios = (Fraction(each.snapshot.size[axis], own) for each in self.compared)
        step = LARGEST_STEP if any(map(known_sigma, self._models)) else 1
        return math.lcm(step, *(ratio.denominator for ratio in ratios))
