"""Which rows and columns of layers are seen, compared and worth computing.

Belongs here: boxes of pixels, and whether layers cover the same place. What is computed for a
region is ``plan.py``.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_autolut._compat import converts_units
from napari_autolut.layers import Units, is_error_map, pixel_sizes, point_in_pixels, unit_ratios
from napari_autolut.util.boxes import Box

if TYPE_CHECKING:
    from napari.layers import Image, Layer

TOLERANCE = 0.05
"""How far corners may lie apart, in pixels of the finer layer, to count as the same."""

LARGE = 2048**2
"""Pixels of a slice above which only a region is computed, unless all are asked for."""

REGION_SIDE = 1024
"""Rows and columns of a region, at most."""

MARGIN = 0.25
"""How much further a region goes than what is seen, on each side, so that it can be moved."""


def slice_at(layer: Image, point: Sequence[float], units: Units = None) -> tuple[int, ...]:
    """Index of the slice of a layer that a viewer shows at ``dims.point``, before the rows.

    ``units`` are those of the viewer's world, by default those in which it showed the layer last.
    """
    leading = layer.ndim - 2
    data = point_in_pixels(layer, point, units)
    shape = (layer.data[0] if layer.multiscale else layer.data).shape
    return tuple(
        int(np.clip(round(float(at)), 0, n - 1))
        for at, n in zip(data[:leading], shape[:leading], strict=True)
    )


def visible_box(
    layer: Any,
    point: Sequence[float],
    half: Sequence[float],
    *,
    size: tuple[int, int] | None = None,
    units: Units = None,
) -> Box:
    """Rows and columns of a layer within ``half`` the (height, width) around a point.

    Point and lengths are in the viewer's world, of ``units`` as for :func:`slice_at`, and the box
    may lie outside the layer. With ``size`` it is in the pixels of an image of that size that
    covers the layer, and within that.
    """
    corners = []
    for signs in itertools.product((-1, 1), repeat=2):
        corner = np.array(point, float)
        corner[-2:] += np.array(signs) * half
        corners.append(point_in_pixels(layer, corner, units)[-2:])
    rows, columns = _shape(layer)[-2:]
    ratio = np.array([1.0, 1.0] if size is None else np.divide(size, (rows, columns)))
    top, left = np.floor((np.min(corners, axis=0) + 0.5) * ratio).astype(int).tolist()
    bottom, right = np.ceil((np.max(corners, axis=0) + 0.5) * ratio).astype(int).tolist()
    if size is not None:
        top, left = max(0, top), max(0, left)
        bottom, right = min(size[0], bottom), min(size[1], right)
    return Box(top, bottom, left, right)


def same_place(layer: Layer, other: Layer) -> bool:
    """Whether an image has its corners where another one has them, and as many slices.

    Units are converted, where napari does so, too. Both have colours or none; only maps of expected
    errors have none, whatever their image has.
    """
    from napari.layers import Image, Labels

    if not isinstance(other, Image) or isinstance(other, Labels) or layer.ndim != other.ndim:
        return False
    alike = bool(other.rgb) == bool(layer.rgb) or is_error_map(other.metadata)
    if np.dtype(other.dtype).kind not in "uif" or not alike:
        return False
    leading = layer.ndim - 2
    if _shape(layer)[:leading] != _shape(other)[:leading]:
        return False
    ratios = unit_ratios(other, layer.units) if converts_units() else np.ones(other.ndim)
    first, second = _corners(layer), _corners(other) * ratios
    pixel = min(np.min(pixel_sizes(layer)), np.min(pixel_sizes(other) * ratios))
    return bool(np.abs(first - second).max() <= TOLERANCE * pixel)


def clamped(low: int, high: int, size: int) -> tuple[int, int]:
    """The middle of a stretch that is too long, as far as there are pixels; at least one."""
    middle = min(max((low + high) // 2, 0), size - 1)
    half = REGION_SIDE // 2
    low, high = max(low, middle - half, 0), min(high, middle + half, size)
    return min(low, middle), max(high, middle + 1)


def extended(low: int, high: int, size: int, unit: int) -> tuple[int, int]:
    """What is seen and some beyond, from one border of all layers' pixels to another."""
    first, last = clamped(low, high, size)
    beyond = round(MARGIN * (last - first))
    beyond = min(beyond, max(0, (REGION_SIDE - (last - first)) // 2))
    first, last = max(0, first - beyond), min(size, last + beyond)
    return first // unit * unit, min(size, -(-last // unit) * unit)


def scaled_box(region: Box, size: tuple[int, int], other: tuple[int, int]) -> Box:
    """The same region in the pixels of another layer that covers the same place."""
    rows, columns = (Fraction(theirs, own) for theirs, own in zip(other, size, strict=True))
    return Box(
        round(region.top * rows),
        round(region.bottom * rows),
        round(region.left * columns),
        round(region.right * columns),
    )


def _shape(layer: Any) -> tuple[int, ...]:
    return tuple((layer.data[0] if layer.multiscale else layer.data).shape)[: layer.ndim]


def _corners(layer: Any) -> Any:
    """World coordinates of the outer corners, in the order of the pixels."""
    ends = [(-0.5, n - 0.5) for n in _shape(layer)]
    return np.array([layer.data_to_world(corner) for corner in itertools.product(*ends)])
