"""Layers for a comparison: what is taken from a viewer's layers, and what is shown of it.

Belongs here: which layers cover the same part of the world, the pixels of the slices that are
compared, and where a result lies. What is computed with them is ``comparison.py``; windows are in
``widgets/``.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_autolut.arrays.value_range import Range, ValueRange, resolve_range
from napari_autolut.comparison.methods import Pixels, Source
from napari_autolut.comparison.metrics import View
from napari_autolut.layers.geometry import enlarged_transform, linear_matrix
from napari_autolut.layers.results_to_layers import LayerData, require_image
from napari_autolut.util.boxes import Box, whole

if TYPE_CHECKING:
    from napari.layers import Image, Layer

PLACE = ("rotate", "shear", "affine", "units", "axis_labels")
LOOK = ("colormap", "contrast_limits", "gamma")
DIVERGING = "coolwarm"
"""Symmetric colours around a neutral middle: blue is less, red is more."""

TOLERANCE = 0.05
"""How far corners may lie apart, in pixels of the finer layer, to count as the same."""


@dataclass(frozen=True)
class Taken:
    """A layer's pixels and place, taken from it at one moment, so that a thread may work on them.

    Parameters
    ----------
    array : (..., H, W) or, with ``rgb``, (..., H, W, 3 or 4), in memory or lazy
    index : the one slice that is compared, a number for each axis before the rows; None for all
    state : the layer's own description, as ``Layer.as_layer_data_tuple`` gives it
    part : the rows and columns that are compared; None for all
    """

    name: str
    array: Any
    rgb: bool
    index: tuple[int, ...] | None
    state: Mapping[str, Any]
    part: Box | None = None

    @classmethod
    def of(cls, layer: Layer | None, index: tuple[int, ...] | None = None) -> Taken:
        """Take an image layer, all of it or one slice.

        Raises
        ------
        UnsupportedLayerError
            if it is not an image layer, or its data are not real numbers
        """
        image = require_image(layer)
        array = image.data[0] if image.multiscale else image.data
        return cls(image.name, array, bool(image.rgb), index, image.as_layer_data_tuple()[1])

    @property
    def ndim(self) -> int:
        """Axes without colours."""
        return len(self.array.shape) - self.rgb

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of all of it."""
        rows, columns = self.array.shape[self.ndim - 2 : self.ndim]
        return int(rows), int(columns)

    @property
    def box(self) -> Box:
        """Rows and columns that are compared."""
        return whole(self.size) if self.part is None else self.part

    def looking_like(self, other: Taken) -> Taken:
        """Give the same pixels with colormap, limits and gamma of another layer."""
        look = {key: other.state[key] for key in LOOK if key in other.state}
        same_values = self.array.dtype == other.array.dtype
        if not same_values:
            del look["contrast_limits"]
        return replace(self, state={**self.state, **look})

    def pixels(self, around: int = 0) -> Pixels:
        """Read the pixels that are compared and some around, in memory, with all axes."""
        box = self.box.grown(around, self.size)
        index = [slice(None)] * (self.ndim - 2)
        if self.index is not None:
            index = [slice(i, i + 1) for i in self.index]
        return np.asarray(self.array[(*index, *box.slices)])

    def value_range(self, wanted: ValueRange = None) -> Range:
        """Settle the range that upscaling the layer would use, whatever part of it is compared."""
        limits = None if self.rgb else tuple(self.state["contrast_limits"])
        return resolve_range(self.array, wanted, limits, rgb=self.rgb)

    def source(self, value_range: Range, around: int = 0) -> Source:
        """Read the pixels for ways that look at so many pixels around."""
        outer = self.box.grown(around, self.size)
        part = None if self.part is None else self.box.within(outer)
        return Source(self.pixels(around), self.rgb, value_range, part)

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
        look = () if self.rgb else LOOK
        meta = {
            **{key: self.state[key] for key in (*PLACE, *look) if key in self.state},
            "name": name,
            "scale": placed.scale,
            "translate": placed.translate,
            "rgb": colours,
            "interpolation2d": "nearest",
        }
        return pixels, meta, "image"


@dataclass(frozen=True, eq=False)
class Shown:
    """A view, and the layer whose place it has."""

    view: View
    taken: Taken

    def layer_data(self) -> LayerData:
        """Layer data of the view."""
        return self.taken.shown(self.view.pixels, self.view.name)

    def difference_data(self, values: Pixels, index: Sequence[int]) -> LayerData:
        """Layer data of a map of a slice, (H, W), that covers the view."""
        leading = (1,) * (self.taken.ndim - 2)
        data, meta, kind = self.taken.shown(
            values.reshape(*leading, *values.shape), self.view.name, index
        )
        for of_the_view in LOOK:
            meta.pop(of_the_view, None)
        return data, {**meta, "colormap": DIVERGING}, kind


@dataclass(frozen=True, eq=False)
class Comparison:
    """All that a window of views needs.

    Parameters
    ----------
    shown : the views in order
    source : what was enlarged, and the part of it
    truth : what the views should be, where it is known, and the values of its black and white
    """

    shown: Sequence[Shown]
    source: Taken
    truth: View | None = None
    truth_range: Range | None = None

    @property
    def source_size(self) -> tuple[int, int]:
        """Rows and columns of the source that are compared."""
        box = self.source.box
        return box.bottom - box.top, box.right - box.left

    def ground(self) -> LayerData:
        """Layer data that covers all of the source, whatever part is compared; nothing to see."""
        everything = replace(self.source, part=None)
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


def slice_at(layer: Image, point: Sequence[float]) -> tuple[int, ...]:
    """Index of the slice of a layer that a viewer shows at ``dims.point``, before the rows."""
    leading = layer.ndim - 2
    data = layer.world_to_data(tuple(point)[-layer.ndim :])
    shape = (layer.data[0] if layer.multiscale else layer.data).shape
    return tuple(
        int(np.clip(round(float(at)), 0, n - 1))
        for at, n in zip(data[:leading], shape[:leading], strict=True)
    )


def seen_part(
    layer: Any,
    point: Sequence[float],
    half: Sequence[float],
    *,
    size: tuple[int, int] | None = None,
) -> Box:
    """Rows and columns of a layer within ``half`` the (height, width) around a point.

    Point and lengths are in world units, and the box may lie outside the layer. With ``size`` it is
    in the pixels of a picture of that size that covers the layer, and within that.
    """
    corners = []
    for signs in itertools.product((-1, 1), repeat=2):
        corner = np.array(point, float)
        corner[-2:] += np.array(signs) * half
        corners.append(layer.world_to_data(corner[-layer.ndim :])[-2:])
    rows, columns = _shape(layer)[-2:]
    ratio = np.array([1.0, 1.0] if size is None else np.divide(size, (rows, columns)))
    top, left = np.floor((np.min(corners, axis=0) + 0.5) * ratio).astype(int).tolist()
    bottom, right = np.ceil((np.max(corners, axis=0) + 0.5) * ratio).astype(int).tolist()
    if size is not None:
        top, left = max(0, top), max(0, left)
        bottom, right = min(size[0], bottom), min(size[1], right)
    return Box(top, bottom, left, right)


def same_place(layer: Layer, other: Layer) -> bool:
    """Whether an image has its corners where another one has them, and as many slices."""
    from napari.layers import Image, Labels

    if not isinstance(other, Image) or isinstance(other, Labels) or layer.ndim != other.ndim:
        return False
    if np.dtype(other.dtype).kind not in "uif" or bool(other.rgb) != bool(layer.rgb):
        return False
    leading = layer.ndim - 2
    if _shape(layer)[:leading] != _shape(other)[:leading]:
        return False
    first, second = _corners(layer), _corners(other)
    pixel = min(np.min(np.abs(layer.scale)), np.min(np.abs(other.scale)))
    return bool(np.abs(first - second).max() <= TOLERANCE * pixel)


def result_nbytes(taken: Taken, scales: Sequence[int]) -> int:
    """Memory for enlargements by each scale of all that a layer holds."""
    pixels: int = math.prod(taken.array.shape)
    itemsize: int = np.dtype(taken.array.dtype).itemsize
    return pixels * itemsize * sum(scale**2 for scale in scales)


def _shape(layer: Any) -> tuple[int, ...]:
    return tuple((layer.data[0] if layer.multiscale else layer.data).shape)[: layer.ndim]


def _corners(layer: Any) -> Any:
    """World coordinates of the outer corners, in the order of the pixels."""
    ends = [(-0.5, n - 0.5) for n in _shape(layer)]
    return np.array([layer.data_to_world(corner) for corner in itertools.product(*ends)])
