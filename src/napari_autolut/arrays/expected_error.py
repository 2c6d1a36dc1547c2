"""The expected error of an enlarged image: a map beside the result, in the image's own units.

Belongs here: the map as a task of blocks, which every executor runs. What it is looked up by is
``error_features.py``; what it means, and what not, is ``docs/expected-error.md``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self

import numpy as np

from napari_autolut.arrays.array_task import Block, Pixels
from napari_autolut.arrays.error_features import RADIUS, Floats, SmoothNoise, expected, put_enlarged
from napari_autolut.arrays.holes import inpainted_around, put_non_finite
from napari_autolut.arrays.image import ALPHA
from napari_autolut.arrays.noisy import NoisyEnlarger, NoisyTask
from napari_autolut.arrays.resampled import UpscalingTask, by_table
from napari_autolut.arrays.task import Task, parts_of
from napari_autolut.arrays.value_range import Range, robust_range
from napari_autolut.engine import PlaneEngine
from napari_autolut.model import ErrorTable, LutModel
from napari_autolut.noise import NoiseModel
from napari_autolut.util.boxes import Box
from napari_autolut.util.grid import Scale

MARGIN = RADIUS + 1
"""Pixels around a block that its map depends on: one more than features, to interpolate."""

STRIP = 32
"""Rows of the source whose map is made at once."""


def require_error_table(model: LutModel, scale: Scale | None = None) -> ErrorTable:
    """Give a model's error table, for results of its own scale.

    Resampled results have smaller errors: the map would cover 96 % of the pixels at 1.5.

    Raises
    ------
    ValueError
        If it has none, or the result has another scale.
    """
    if scale not in (None, model.scale):
        raise ValueError(
            f"expected error: found the scale {scale:g}, expected {model.scale}, that of the model "
            f"{model.name}, for which it was measured; take that scale, or leave the map out"
        )
    if model.expected_error is None:
        raise ValueError(
            f"expected error: found the model {model.name!r} without an error table, expected one "
            "that has it, as the shipped tables that enlarge have"
        )
    return model.expected_error


class Lookup(NamedTuple):
    """What the errors of a channel are looked up in, and as what its pixels are seen.

    Parameters
    ----------
    table : ErrorTable
        The model's, or that for the channel's noise.
    seen_as : Range
        Pixel values that are 0 and 255 for the table: those that the channel has, whatever range
        it is enlarged in. In that of a type, images that use a part of it would be taken for the
        dark ground of others.
    noise : NoiseModel, optional
        The channel's, if it is correlated.
    """

    table: ErrorTable
    seen_as: Range
    noise: NoiseModel | None = None


@dataclass(frozen=True, eq=False)
class ErrorTask(Task):
    """The map of a task: for each pixel the error that nine of ten pixels like it stay below.

    Parameters
    ----------
    array, axes, ranges, model : various
        As for :class:`Task`.
    lookups : tuple of Lookup
        One for all planes, or one for each colour or position of the channel axis.
    """

    lookups: tuple[Lookup, ...]

    @classmethod
    def of(cls, task: UpscalingTask) -> ErrorTask:
        """The map of an upscaling.

        Raises
        ------
        ValueError
            If there is none, or float32 does not hold it.
        """
        made = by_table(task)
        own = require_error_table(made.model, task.scale)
        channels = made.axes.channels(made.array, alpha=False)
        enlargers = made.enlargers if isinstance(made, NoisyTask) else (None,) * len(channels)
        given = made.ranges * (len(channels) if len(made.ranges) == 1 else 1)
        noisy = {each.sigma: each.expected_error or own for each in made.model.noisy}
        lookups = []
        for enlarger, seen_as in zip(enlargers, map(range_of_map, channels, given), strict=True):
            _check_span(seen_as)
            if isinstance(enlarger, NoisyEnlarger):
                levels = enlarger.levels
                noise = levels.noise if levels.noise.is_correlated else None
                lookups.append(Lookup(noisy.get(levels.sigma, own), seen_as, noise))
            else:
                lookups.append(Lookup(own, seen_as))
        return cls(made.array, made.axes, made.ranges, made.model, tuple(lookups))

    @property
    def dtype(self) -> np.dtype[np.float32]:
        """Errors are float32, whatever the image is."""
        return np.dtype(np.float32)

    @property
    def halo_radius(self) -> int:
        """Pixels around a block that its map depends on."""
        return MARGIN * (2 if self.array.dtype.kind == "f" else 1)

    @property
    def uniform(self) -> bool:
        """Whether all planes have one range and one table."""
        return super().uniform and len(self.lookups) == 1

    def of_channels(self, channels: slice) -> Self:
        """The task with the ranges and the tables of some channels."""
        return replace(super().of_channels(channels), lookups=parts_of(self.lookups, channels))

    def compute(self, block: Block, out: Pixels, engine: PlaneEngine) -> None:
        """Compute the map of a block; the engine is not used."""
        planes, results = self._stacked(self._planes(block)), self._stacked(out)
        if self.axes.rgb and len(planes) > ALPHA:
            results[ALPHA:] = 0  # alpha is interpolated, not guessed
            planes, results = planes[:ALPHA], results[:ALPHA]
        outer, pixels = inpainted_around(planes, block.box, self.range_of(block), MARGIN)
        padding = _padding(block.box, outer)
        for colour, (plane, result) in enumerate(zip(pixels, results, strict=True)):
            lookup = self.one_of(self.lookups, block, colour)
            if lookup.seen_as.is_flat:
                result[...] = 0
            else:
                padded = np.pad(_intensities(plane, lookup.seen_as), padding, mode="edge")
                _put_map(lookup, padded, self.scale, result)
        put_non_finite(planes[:, *block.box.slices], self.scale, results)


def range_of_map(channel: Any, limits: Range) -> Range:
    """What a channel is seen as: its own range, or the given one where all of it is one value."""
    found = robust_range(channel)
    return limits if found.is_flat else found


def _check_span(seen_as: Range) -> None:
    """Refuse intensities whose errors would overflow."""
    span, largest = 255.0 * seen_as.unit, float(np.finfo(np.float32).max)
    if not seen_as.is_flat and span > largest:
        raise ValueError(
            f"expected_error: found intensities that span {span:.2g}, expected at most "
            f"{largest:.2g}, which a map of float32 can hold; give them in another unit"
        )


def _put_map(lookup: Lookup, padded: Floats, scale: int, out: Pixels) -> None:
    """Write the map of a plane, strip by strip: all that one needs stays in a processor's cache."""
    height = len(padded) - 2 * MARGIN
    noise = SmoothNoise.of(lookup.noise, lookup.seen_as) if lookup.noise else None
    unit = lookup.seen_as.unit
    for top in range(0, height, STRIP):
        bottom = min(height, top + STRIP)
        errors = expected(lookup.table, padded[top : bottom + 2 * MARGIN], noise)
        errors *= np.float32(unit)
        put_enlarged(errors, scale, out[top * scale : bottom * scale])


def _intensities(pixels: Pixels, value_range: Range) -> Floats:
    """Pixels on the scale of 0 to 255, those outside the range, too."""
    values = (pixels.astype(np.float64) - value_range.lo) / value_range.unit
    result: Floats = values.astype(np.float32)
    return result


def _padding(box: Box, outer: Box) -> tuple[tuple[int, int], tuple[int, int]]:
    """Rows and columns that a box grown within an image lacks of its margin."""
    return (
        (MARGIN - (box.top - outer.top), MARGIN - (outer.bottom - box.bottom)),
        (MARGIN - (box.left - outer.left), MARGIN - (outer.right - box.right)),
    )
