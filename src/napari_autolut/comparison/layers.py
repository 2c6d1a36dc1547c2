"""Layers for a comparison: what is taken from a viewer's layers, and what is shown of it.

Belongs here: the pixels of the slices that are compared, and where a result lies. Which rows and
columns those are is ``regions.py``, what is computed with them ``plan.py``; windows are in
``widgets/``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_autolut.arrays import Axes, Range, ValueRange, resolve_range
from napari_autolut.arrays.denoiser import LARGEST_STEP
from napari_autolut.comparison.error_views import ERROR_COLOURS, brightest_error
from napari_autolut.comparison.methods import Pixels, Settle, Source
from napari_autolut.comparison.metrics import View
from napari_autolut.layers import (
    COLOURS,
    PLACE,
    LayerData,
    enlarged_transform,
    is_error_map,
    layer_array,
    linear_matrix,
    require_image,
)
from napari_autolut.util.boxes import Box, whole

if TYPE_CHECKING:
    from napari.layers import Layer

DIFFERENCE_COLOURS = (
    (0.55, 0.85, 1.0),
    (0.1, 0.4, 0.9),
    (0.0, 0.0, 0.0),
    (0.85, 0.25, 0.1),
    (1.0, 0.8, 0.45),
)
"""Red, green and blue of difference images: blue is less, red is more, and equal is black, so that
what differs stands out."""


@dataclass(frozen=True)
class LayerSnapshot:
    """A layer's pixels and place, taken from it at one moment, so that a thread may work on them.

    Parameters
    ----------
    name : str
        Of the layer.
    array : array_like, shape (..., H, W) or, with ``rgb``, (..., H, W, 3 or 4)
        In memory or lazy.
    rgb : bool
        Whether the last axis holds colours.
    index : tuple of int, optional
        The one slice that is compared, a number for each axis before the rows; None for all.
    state : mapping
        The layer's own description, as ``Layer.as_layer_data_tuple`` gives it.
    region : Box, optional
        The rows and columns that are compared; None for all.
    """

    name: str
    array: Any
    rgb: bool
    index: tuple[int, ...] | None
    state: Mapping[str, Any]
    region: Box | None = None

    @classmethod
    def of(cls, layer: Layer | None, index: tuple[int, ...] | None = None) -> LayerSnapshot:
        """Take an image layer, all of it or one slice.

        Raises
        ------
        UnsupportedLayerError
            If it is not an image layer, or its data are not real numbers.
        """
        image = require_image(layer, "compare")
        array = layer_array(image.data[0] if image.multiscale else image.data)
        return cls(image.name, array, bool(image.rgb), index, image.as_layer_data_tuple()[1])

    @property
    def ndim(self) -> int:
        """Axes without colours."""
        return len(self.array.shape) - self.rgb

    @property
    def title(self) -> str:
        """Its name and, of a stack, the slice that is compared, counted as napari's sliders do."""
        return f"{self.name}, slice {', '.join(map(str, self.index))}" if self.index else self.name

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of all of it."""
        rows, columns = self.array.shape[self.ndim - 2 : self.ndim]
        return int(rows), int(columns)

    @property
    def box(self) -> Box:
        """Rows and columns that are compared."""
        return whole(self.size) if self.region is None else self.region

    def looking_like(self, other: LayerSnapshot) -> LayerSnapshot:
        """Give the same pixels with colormap, limits and gamma of another layer."""
        appearance = {key: other.state[key] for key in COLOURS if key in other.state}
        same_values = self.array.dtype == other.array.dtype
        if not same_values:
            del appearance["contrast_limits"]
        return replace(self, state={**self.state, **appearance})

    def pixels(self, around: int = 0) -> Pixels:
        """Read the pixels that are compared and some around, in memory, with all axes."""
        box = self._outer(around)
        index = [slice(None)] * (self.ndim - 2)
        if self.index is not None:
            index = [slice(i, i + 1) for i in self.index]
        return np.asarray(self.array[(*index, *box.slices)])

    def _outer(self, around: int) -> Box:
        if not around:
            return self.box
        return self.box.grown(around, self.size).aligned(LARGEST_STEP, self.size)

    def value_range(self, wanted: ValueRange = None) -> Range:
        """Settle the range that upscaling the layer would use, whatever region is compared."""
        limits = None if self.rgb else tuple(self.state["contrast_limits"])
        return resolve_range(self.array, wanted, limits, rgb=self.rgb)

    @property
    def axes(self) -> Axes:
        """What the axes of the array are."""
        return Axes((self.ndim - 2, self.ndim - 1), self.rgb)

    def source(self, value_range: Range, around: int = 0, settle: Settle | None = None) -> Source:
        """Read the pixels for methods that look at so many pixels around.

        ``settle`` gives what a model does to all of the layer, of which these may be a part.
        """
        outer = self._outer(around)
        region = None if self.region is None else self.box.within(outer)
        return Source(self.pixels(around), self.rgb, value_range, region, settle)

    def shown(self, pixels: Pixels, name: str, index: Sequence[int] | None = None) -> LayerData:
        """Layer data for pixels that cover what was taken, each shown as a square.

        ``index`` is the one slice that the pixels are of, where all were taken.
        """
        start = np.zeros(self.ndim)
        at = index if self.index is None else self.index
        if at is not None:
            start[: len(at)] = at
        box = self.box
        start[-2:] = box.top, box.left
        rows, columns = box.bottom - box.top, box.right - box.left
        colours = self.rgb and pixels.ndim == len(self.array.shape)
        shape = pixels.shape[:-1] if colours else pixels.shape
        factor = np.ones(self.ndim)
        factor[-2:] = shape[-2] / rows, shape[-1] / columns
        scale, rotate, shear = (self.state[name] for name in ("scale", "rotate", "shear"))
        first = self.state["translate"] + linear_matrix(scale, rotate, shear) @ start
        placed = enlarged_transform(scale, first, factor, rotate=rotate, shear=shear)
        appearance = () if self.rgb else COLOURS
        meta = {
            **{key: self.state[key] for key in (*PLACE, *appearance) if key in self.state},
            "name": name,
            "scale": placed.scale,
            "translate": placed.translate,
            "rgb": colours,
            "interpolation2d": "nearest",
        }
        return pixels, meta, "image"


@dataclass(frozen=True, eq=False)
class PlacedView:
    """A view, and the layer whose place it has; ``alone`` ones show no other channels."""

    view: View
    snapshot: LayerSnapshot
    alone: bool = False

    def layer_data(self, error_limit: float = 1.0) -> LayerData:
        """Layer data of the view; a map of errors is brightest at the limit."""
        data, meta, kind = self.snapshot.shown(self.view.pixels, self.view.name)
        if self.view.error:
            colours = {
                "colormap": ERROR_COLOURS,
                "contrast_limits": (0.0, error_limit),
                "gamma": 1.0,
            }
            meta = {**meta, **colours}
        return data, meta, kind

    @property
    def error_limit(self) -> float:
        """The error that has the brightest colour in this map alone; an open one has its own."""
        if is_error_map(self.snapshot.state["metadata"]):
            return float(self.snapshot.state["contrast_limits"][1])
        return brightest_error(self.view.pixels)

    def difference_data(self, values: Pixels, index: Sequence[int]) -> LayerData:
        """Layer data of a difference image of a slice, (H, W), that covers the view."""
        leading = (1,) * (self.snapshot.ndim - 2)
        data, meta, kind = self.snapshot.shown(
            values.reshape(*leading, *values.shape), self.view.name, index
        )
        for of_the_view in COLOURS:
            meta.pop(of_the_view, None)
        colours = {"colors": np.array(DIFFERENCE_COLOURS), "name": "difference"}
        return data, {**meta, "colormap": colours}, kind


@dataclass(frozen=True, eq=False)
class Comparison:
    """All that a window of views needs.

    Parameters
    ----------
    shown : sequence of PlacedView
        The views in order.
    source : LayerSnapshot
        What was enlarged, and the region of it.
    truth : View, optional
        What the views should be, where it is known.
    truth_range : Range, optional
        The values of its black and white.
    channels : sequence of Comparison
        Of other channels of the image, which are seen together with these views: the same ones but
        those that are alone.
    """

    shown: Sequence[PlacedView]
    source: LayerSnapshot
    truth: View | None = None
    truth_range: Range | None = None
    channels: Sequence[Comparison] = ()

    @property
    def source_size(self) -> tuple[int, int]:
        """Rows and columns of the source that are compared."""
        box = self.source.box
        return box.bottom - box.top, box.right - box.left

    def ground(self) -> LayerData:
        """Layer data that covers all of the source, whatever region is compared; nothing to see."""
        everything = replace(self.source, region=None)
        leading = (1,) * (everything.ndim - 2)
        if everything.index is None:
            leading = tuple(everything.array.shape[: everything.ndim - 2])
        blank = np.broadcast_to(np.zeros((), np.uint8), (*leading, *everything.size))
        data, meta, kind = everything.shown(blank, everything.name)
        return data, {**meta, "contrast_limits": (0, 1)}, kind

    @property
    def views(self) -> list[View]:
        """The views in order."""
        return [each.view for each in self.shown]

    @cached_property
    def error_limit(self) -> float:
        """The error that has the brightest colour in all maps, so that they can be compared."""
        limits = [each.error_limit for each in self.shown if each.view.error]
        return max(limits, default=0.0) or 1.0

    def layer_data(self) -> list[LayerData]:
        """Layer data of the views in order."""
        return [each.layer_data(self.error_limit) for each in self.shown]
