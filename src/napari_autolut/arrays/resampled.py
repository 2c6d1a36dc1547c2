"""Factors that no table has: the next table's result, resampled by what is left, block by block.

Belongs here: the task that does it, and how pixels are resampled. Sizes and places are
``util/grid.py``, the kernel ``bicubic.py``.

Lanczos (three lobes, stretched where the table enlarges more than is wanted) was the best of four
kernels at every factor that was tried; ``docs/howto/any-factor.md`` has the figures.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.array_task import ArrayTask, Block, Pixels
from napari_autolut.arrays.bicubic import LANCZOS3, contributions
from napari_autolut.arrays.holes import inpainted, non_finite_mask
from napari_autolut.arrays.image import ALPHA, Axes
from napari_autolut.arrays.normalisation import to_dtype
from napari_autolut.arrays.task import Task
from napari_autolut.arrays.value_range import Range, alpha_range
from napari_autolut.engine import PlaneEngine
from napari_autolut.util.boxes import Box, next_multiple
from napari_autolut.util.grid import Grid, Scale
from napari_autolut.util.optional import compiled

SPARE_BITS = 8
"""By which sums of pixels as large as a number can be may be larger."""


class Contributions(NamedTuple):
    """Along one axis, for each pixel of a result: weights and indices of the pixels it is made of.

    ``nearest`` is the index of the one nearest to it.
    """

    weights: NDArray[np.float64]
    indices: NDArray[np.intp]
    nearest: NDArray[np.intp]

    @classmethod
    def of(cls, length: int, factor: Fraction, first: int, stop: int) -> Self:
        """Those of a stretch of the result of an axis that is ``length`` long."""
        weights, indices = contributions(length, factor, LANCZOS3)
        centres = 2 * np.arange(first, stop, dtype=np.int64) + 1
        nearest = centres * factor.denominator // (2 * factor.numerator)
        return cls(weights[first:stop], indices[first:stop], nearest)

    @property
    def span(self) -> tuple[int, int]:
        """First and last pixel that they need."""
        return int(self.indices.min()), int(self.indices.max())

    def within(self, first: int) -> Self:
        """The same in an array that begins later."""
        return self._replace(indices=self.indices - first, nearest=self.nearest - first)


@dataclass(frozen=True, eq=False)
class ResampledTask(ArrayTask):
    """An upscaling by a factor that is not the model's.

    Parameters
    ----------
    array, axes : various
        As for :class:`ArrayTask`; those of ``inner``.
    inner : Task
        The upscaling by the model's own factor.
    asked : float
        How many times as large the result is to be.
    size : tuple of int
        Rows and columns of the whole source, of which the array may be a part.
    placed : Grid
        Where the result's pixels lie.
    """

    inner: Task
    asked: Scale
    size: tuple[int, int]
    placed: Grid

    @classmethod
    def of(cls, inner: Task, scale: Scale) -> Self:
        """Enlarge what a task enlarges, by another factor."""
        size = inner.axes.size(inner.array.shape)
        return cls(inner.array, inner.axes, inner, scale, size, Grid.enlarging(size, scale))

    @property
    def scale(self) -> Scale:
        """How many times as large the result is, before its size is rounded."""
        return self.asked

    @property
    def grid(self) -> Grid:
        """Where the result's pixels lie."""
        return self.placed

    @property
    def halo_radius(self) -> int:
        """Pixels around a block that its result depends on."""
        ratios = (self.inner.scale / float(each) for each in (self.grid.rows, self.grid.columns))
        stretch = max(1.0, *ratios)
        # The last one: a result's centre may lie half a pixel outside of its block's edge pixel.
        around = math.ceil((LANCZOS3.radius * stretch + 1) / self.inner.scale) + 1
        around += self.inner.halo_radius * (2 if self.array.dtype.kind == "f" else 1)
        return next_multiple(around, self.step)

    @property
    def step(self) -> int:
        """Rows and columns of which a part of the array must begin at a multiple."""
        return self.inner.step

    @property
    def uniform(self) -> bool:
        """Whether the same is done to all planes."""
        return self.inner.uniform

    def of_channels(self, channels: slice) -> Self:
        """The task with what holds for some channels."""
        return replace(self, inner=self.inner.of_channels(channels))

    def _moved(self, array: Any, axes: Axes, first: tuple[int, int]) -> Self:
        (row, column), (rows, columns) = self.grid.first, first
        grid = self.grid.of_part(row + rows, column + columns)
        inner = self.inner._moved(array, axes, first)
        return replace(self, array=array, axes=axes, inner=inner, placed=grid)

    def compute(self, block: Block, out: Pixels, engine: PlaneEngine) -> None:
        """Compute the result of a block; see :meth:`ArrayTask.compute`."""
        box = self.result_box(block.box)
        rows = self._contributions(0, self.grid.rows, (box.top, box.bottom))
        columns = self._contributions(1, self.grid.columns, (box.left, box.right))
        outer = self._needed(rows, columns)
        wide = self._enlarged(block._replace(box=outer), engine)
        row, column = (
            (place + first) * self.inner.scale
            for place, first in zip((outer.top, outer.left), self.grid.first, strict=True)
        )
        results = self._stacked(out)
        value_range = self.inner.range_of(block)
        for number, (plane, result) in enumerate(zip(self._stacked(wide), results, strict=True)):
            is_alpha = self.axes.rgb and number == ALPHA
            limits = alpha_range(self.array.dtype, value_range) if is_alpha else value_range
            values = _resampled(plane, rows.within(row), columns.within(column), limits)
            result[...] = to_dtype(values, out.dtype)
        self._put_non_finite(block, box, results)

    def _contributions(self, axis: int, factor: Fraction, span: tuple[int, int]) -> Contributions:
        """What pixels of the result are made of, counted in the table's whole result."""
        return Contributions.of(
            self.size[axis] * self.inner.scale, factor / self.inner.scale, *span
        )

    def _needed(self, rows: Contributions, columns: Contributions) -> Box:
        """Pixels of the array whose enlargement they need."""
        scale, (row, column) = self.inner.scale, self.grid.first
        (top, bottom), (left, right) = rows.span, columns.span
        return Box(
            top // scale - row,
            bottom // scale + 1 - row,
            left // scale - column,
            right // scale + 1 - column,
        )

    def _enlarged(self, block: Block, engine: PlaneEngine) -> Pixels:
        """The table's own result of a block, not rounded; NaN and infinite pixels are inpainted."""
        own = self.array.dtype
        small = own.itemsize <= 2 or (own.kind == "f" and own.itemsize == 4)
        number = np.dtype(np.float32 if small else np.float64)
        radius = self.inner.halo_radius
        if own.kind != "f":
            return self.inner.computed(block, engine, number)
        shape = self.axes.size(self.array.shape)
        wide = block._replace(box=block.box.grown(radius, shape))
        if not self.inner.has_non_finite(wide):
            return self.inner.computed(block, engine, number)
        patch, place = self.patch(block)
        patch = self._inpainted(patch, self.inner.range_of(block), radius)
        return self.inner.on_patch(block, patch, place).computed(place, engine, number)

    def _inpainted(self, patch: Pixels, value_range: Range, radius: int) -> Pixels:
        """A patch whose NaN and infinite pixels are inpainted."""
        result = patch.copy()
        for plane in self._stacked(result):
            if non_finite_mask(plane) is not None:
                plane[...] = inpainted(plane, value_range, radius)
        return result

    def _put_non_finite(self, block: Block, box: Box, results: Pixels) -> None:
        """Put NaN and infinite pixels of the source where they are nearest."""
        if not self.has_non_finite(block):
            return
        rows, columns = self.grid.nearest(box)
        nearest = self._stacked(self._planes(block))[:, rows[:, None], columns]
        mask = non_finite_mask(nearest)
        if mask is not None:
            results[mask] = nearest[mask]


UpscalingTask = Task | ResampledTask
"""An upscaling, by the model's factor or by another one."""


def by_table(task: UpscalingTask) -> Task:
    """The part of an upscaling that is the model's: all of it, or what is resampled then."""
    return task.inner if isinstance(task, ResampledTask) else task


def _resampled(
    plane: Pixels, rows: Contributions, columns: Contributions, value_range: Range
) -> Pixels:
    """Resample a plane; no overshoot leaves the range where the plane itself does not."""
    with np.errstate(over="ignore", invalid="ignore"):
        values = _along_both(plane, rows, columns)
        beyond = ~np.isfinite(values)
        if beyond.any():  # sums beyond the largest number, whose result need not be
            far = np.ldexp(_along_both(np.ldexp(plane, -SPARE_BITS), rows, columns), SPARE_BITS)
            values[beyond] = far[beyond]
    nearest = plane[rows.nearest[:, None], columns.nearest]
    lo, hi = (plane.dtype.type(limit) for limit in (value_range.lo, value_range.hi))
    clipped: Pixels = np.clip(values, np.minimum(nearest, lo), np.maximum(nearest, hi))
    return clipped


def _along_both(plane: Pixels, rows: Contributions, columns: Contributions) -> Pixels:
    values = _along_rows(np.ascontiguousarray(plane), rows)
    return _along_rows(np.ascontiguousarray(values.T), columns).T


def _along_rows(plane: Pixels, found: Contributions) -> Pixels:
    """Sums in one order, so that every pixel has the same bits in any block."""
    weights = found.weights.astype(plane.dtype)
    total = np.zeros((len(weights), plane.shape[1]), plane.dtype)
    kernels = compiled("napari_autolut.arrays.resampling_kernels")
    if kernels is not None:
        kernels.weighted_rows(plane, weights, found.indices, total)
        return total
    for weight, index in zip(weights.T, found.indices.T, strict=True):
        total += weight[:, None] * plane[index]
    return total
