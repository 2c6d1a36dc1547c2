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

from napari_autolut.comparison import Pixels, Source
from napari_autolut.comparison_figures import View
from napari_autolut.engine.intensity import resolve_range
from napari_autolut.geometry import enlarged_transform, linear_matrix
from napari_autolut.layers import LayerData, require_image

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
    """

    name: str
    array: Any
    rgb: bool
    index: tuple[int, ...] | None
    state: Mapping[str, Any]

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
        """Rows and columns."""
        rows, columns = self.array.shape[self.ndim - 2 : self.ndim]
        return int(rows), int(columns)

    def looking_like(self, other: Taken) -> Taken:
        """Give the same pixels with colormap, limits and gamma of another layer."""
        look = {key: other.state[key] for key in LOOK if key in other.state}
        same_values = self.array.dtype == other.array.dtype
        if not same_values:
            del look["contrast_limits"]
        return replace(self, state={**self.state, **look})

    def pixels(self) -> Pixels:
        """Read the pixels that are compared, as an array in memory with all axes."""
        if self.index is None:
            return np.asarray(self.array)
        return np.asarray(self.array[tuple(slice(i, i + 1) for i in self.index)])

    def source(self) -> Source:
        """Read the pixels, and settle the range that upscaling the layer would use."""
        pixels = self.pixels()
        whole = pixels if self.index is None else self.array
        limits = None if self.rgb else tuple(self.state["contrast_limits"])
        return Source(pixels, self.rgb, resolve_range(whole, None, limits, rgb=self.rgb))

    def shown(self, pixels: Pixels, name: str, index: Sequence[int] | None = None) -> LayerData:
        """Layer data for pixels that cover what was taken, each shown as a square.

        ``index`` is the one slice that the pixels are of, where all were taken.
        """
        start = np.zeros(self.ndim)
        at = index if self.index is None else self.index
        if at is not None:
            start[: len(at)] = at
        rows, columns = self.size
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
    """All that a window of views needs; ``truth`` is what they should be, where it is known."""

    shown: Sequence[Shown]
    source_size: tuple[int, int]
    truth: View | None = None

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
