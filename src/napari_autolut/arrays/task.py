"""An upscaling: an array, its axes, ranges and model, computed block by block.

Belongs here: what an upscaling does to a block and its pixels, of any real type. Each result
depends on the pixels around it, never on where boxes begin. What any task is, is ``array_task.py``;
which one it is to be is settled in ``upscaling.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Self, TypeVar
from weakref import WeakKeyDictionary

import numpy as np

from napari_autolut.arrays.array_task import ArrayTask, Block, Pixels
from napari_autolut.arrays.bicubic import enlarged
from napari_autolut.arrays.holes import (
    inpainted_around,
    inpainted_part,
    put_non_finite,
    visible_colours,
)
from napari_autolut.arrays.image import ALPHA
from napari_autolut.arrays.normalisation import (
    denormalise,
    normalise,
    out_of_range_residual,
    to_dtype,
    write_pixels,
)
from napari_autolut.arrays.value_range import Range, alpha_range
from napari_autolut.engine import PlaneEngine, Planes
from napari_autolut.model import LutModel
from napari_autolut.util.boxes import Box, next_multiple
from napari_autolut.util.keys_cubic import BICUBIC_RADIUS
from napari_autolut.util.optional import compiled

T = TypeVar("T")

WritePixels = Callable[[Planes, tuple[slice, slice], int], None]
"""Writes rows and columns of (N, H, W) intensities into an array, from one of its rows on."""

QUICK = "napari_autolut.arrays.pixels"

_unrounded: WeakKeyDictionary[LutModel, LutModel] = WeakKeyDictionary()
"""The same one at every call, so that it is planned once."""


@dataclass(frozen=True, eq=False)
class Task(ArrayTask):
    """An upscaling, decided before its first pixel is computed.

    Parameters
    ----------
    array : array_like
        As for :class:`ArrayTask`.
    axes : Axes
        What its axes are.
    ranges : tuple of Range
        Pixel values that stand for the model's 0 and 255: one range for all, or one for each
        position of the channel axis.
    model : LutModel
        The look-ups to do.
    """

    ranges: tuple[Range, ...]
    model: LutModel

    @property
    def scale(self) -> int:
        """Upscaling factor."""
        return self.model.scale

    def result_box(self, box: Box) -> Box:
        """Where the result of a box of the array lies: every pixel becomes a square."""
        return box.times(self.model.scale)

    @property
    def halo_radius(self) -> int:
        """Pixels around a block that its result depends on."""
        return with_alpha(self._radius, self.axes.rgb, self.array.shape)

    @property
    def step(self) -> int:
        """Rows and columns of which a part of the array must begin at a multiple."""
        return self.model.step

    @property
    def _radius(self) -> int:
        """Pixels around a block that its result depends on where all of them are visible."""
        return halo_radius(self.model, self.array.dtype)

    @property
    def uniform(self) -> bool:
        """Whether all planes have one range."""
        return len(self.ranges) == 1

    def of_channels(self, channels: slice) -> Self:
        """The task with the ranges of some channels."""
        return replace(self, ranges=parts_of(self.ranges, channels))

    def compute(self, block: Block, out: Pixels, engine: PlaneEngine) -> None:
        """Compute the result of a block; see :meth:`ArrayTask.compute`."""
        value_range = self.range_of(block)
        model = model_for(self.model, value_range)
        planes, results = self._stacked(self._planes(block)), self._stacked(out)
        if self.axes.rgb and len(planes) > ALPHA:
            limits = alpha_range(planes.dtype, value_range)
            interpolate_box(model, planes[ALPHA:], block.box, limits, results[ALPHA:])
            colours, alpha, results = planes[:ALPHA], planes[ALPHA], results[:ALPHA]
            planes, box = visible_colours(
                colours, alpha, block.box, value_range, self._radius, self.step
            )
            block = block._replace(box=box)
        self._upscale(model, planes, block, engine, results)

    def _upscale(
        self, model: LutModel, planes: Pixels, block: Block, engine: PlaneEngine, out: Pixels
    ) -> None:
        """Upscale planes that are not alpha."""
        upscale_box(model, planes, block.box, self.range_of(block), engine, out)

    def range_of(self, block: Block) -> Range:
        """The range that holds for a block."""
        return self.ranges[self.channel_of(block) if len(self.ranges) > 1 else 0]


def parts_of(each: tuple[T, ...], channels: slice) -> tuple[T, ...]:
    """What holds for some channels, of one for each of them; the only one holds for all."""
    return each if len(each) == 1 else each[channels]


# --- pixels ---------------------------------------------------------------------------------------


def halo_radius(model: LutModel, dtype: np.dtype[Any]) -> int:
    """Pixels around a block that can influence it; twice as many where NaN must be inpainted."""
    return _margin(model) * (2 if dtype.kind == "f" else 1)


def with_alpha(radius: int, rgb: bool, shape: Sequence[int]) -> int:
    """Pixels around a block that its result depends on, in an image that may have alpha.

    Colours that alpha hides are filled from those as far away again.
    """
    return 2 * radius if rgb and shape[-1] > ALPHA else radius


def model_for(model: LutModel, value_range: Range) -> LutModel:
    """The model without its rounding, unless pixel values are the model's own intensities.

    Published models round to integers because their images have 8 bits; in any other range that
    would leave an image 256 different values.
    """
    if model.rounding == "none" or value_range.is_identity:
        return model
    if model not in _unrounded:
        _unrounded[model] = replace(model, rounding="none")
    return _unrounded[model]


def upscale_box(
    model: LutModel,
    planes: Pixels,
    box: Box,
    value_range: Range,
    engine: PlaneEngine,
    out: Pixels,
) -> None:
    """Upscale one box of some planes.

    Parameters
    ----------
    model : LutModel
        The look-ups to do.
    planes : numpy.ndarray, shape (N, H, W)
        Of any real dtype.
    box : Box
        The rows and columns that are wanted.
    value_range : Range
        Pixel values that stand for the model's 0 and 255.
    engine : PlaneEngine
        What runs the model.
    out : numpy.ndarray, shape (N, h * r, w * r)
        Gets the result, rounded where it has integers; NaN and infinite pixels become blocks of
        the same.
    """
    _, height, width = planes.shape
    outer = box.grown(_margin(model), (height, width)).aligned(model.step, (height, width))
    inner = box.within(outer).times(model.scale).slices
    put_rows = partial(_put_rows, inner, pixel_writer(value_range, out))
    quick = compiled(QUICK)
    intensities = quick.normalised_within(planes[:, *outer.slices], value_range) if quick else None
    if intensities is not None:
        engine.rows(model, intensities, put_rows)
        return
    pixels = inpainted_part(planes, outer, value_range, _margin(model))
    residual = out_of_range_residual(pixels, value_range)
    if residual is None and not value_range.is_flat:
        engine.rows(model, normalise(pixels, value_range), put_rows)
    else:
        for number, target in enumerate(out):
            values = np.full(target.shape, value_range.lo, np.float64)
            if not value_range.is_flat:
                result = engine(model, normalise(pixels[number], value_range))
                values = denormalise(result[inner], value_range, planes.dtype)
            if residual is not None:
                values = values + enlarged(residual[number], model.scale)[inner]
            target[...] = to_dtype(values, out.dtype)
    put_non_finite(planes[:, *box.slices], model.scale, out)


def _put_rows(part: tuple[slice, slice], write: WritePixels, first: int, rows: Planes) -> None:
    """Write what ``part`` of the result has of some rows, from ``first`` on, as pixels."""
    wanted, columns = part
    top, bottom = max(first, wanted.start), min(first + rows.shape[1], wanted.stop)
    if top < bottom:
        write(rows, (slice(top - first, bottom - first), columns), top - wanted.start)


def interpolate_box(
    model: LutModel, planes: Pixels, box: Box, value_range: Range, out: Pixels
) -> None:
    """Enlarge one box by bicubic interpolation, clipped to a range, as for alpha; no look-ups.

    ``planes`` and ``out`` are those of :func:`upscale_box`.
    """
    outer, pixels = inpainted_around(planes, box, value_range, _margin(model))
    rows, columns = box.within(outer).times(model.scale).slices
    values = enlarged(pixels.astype(np.float64), model.scale)[:, rows, columns]
    values = np.clip(values, value_range.lo, value_range.hi)
    out[...] = to_dtype(values, out.dtype)
    put_non_finite(planes[:, *box.slices], model.scale, out)


def pixel_writer(value_range: Range, target: Pixels) -> WritePixels:
    """Give what writes levels in [0, 255] as pixels into an (N, h, w) array: the quick way, or not.

    The bits are the same.
    """
    quick = compiled(QUICK)
    quickly: WritePixels | None = quick.pixel_writer(value_range, target) if quick else None
    return quickly or partial(write_pixels, value_range, target)


def _margin(model: LutModel) -> int:
    return next_multiple(max(model.halo, BICUBIC_RADIUS), model.step)
