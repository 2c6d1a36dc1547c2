"""What a canvas shows of a layer: which region, and how much of it is computed at once.

Belongs here: arithmetic of regions, without napari. The pixels of a region are ``preview.py``; when
one is computed is a matter of ``widgets/layer_dock``.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_autolut.layers.geometry import linear_matrix

MAX_PIXELS = 2**20
"""Pixels of the source that are enlarged at most; of more, the middle is shown."""

MIN_OVERLAP = 4
"""What is known of a wanted region counts from this fraction of it on: a quarter."""

GROWTH_STEPS = 64
"""Steps in which a region can grow."""

Span = tuple[int, int]


@dataclass(frozen=True)
class Viewport:
    """What a canvas shows of a layer's world.

    Parameters
    ----------
    centre, size : tuple of float, shape (2,)
        World coordinates and lengths, in the order in which axes are displayed.
    displayed : tuple of int
        The layer's two axes that lie along them.
    point : tuple of float, shape (ndim,)
        World coordinates of the slice; those of displayed axes do not count.
    margins : tuple of (float, float), shape (ndim,)
        How far a thick slice reaches below and above the point, in world units; empty for a thin
        one.
    """

    centre: tuple[float, float]
    size: tuple[float, float]
    displayed: tuple[int, int]
    point: tuple[float, ...]
    margins: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Region:
    """A block of a layer: (start, stop) for each axis without colours.

    ``whole`` says that it is all that was asked for.
    """

    spans: tuple[Span, ...]
    whole: bool = True

    @property
    def start(self) -> tuple[int, ...]:
        """The first pixel."""
        return tuple(first for first, _ in self.spans)

    @property
    def shape(self) -> tuple[int, ...]:
        """Pixels along each axis."""
        return tuple(stop - first for first, stop in self.spans)

    def common(self, other: Region) -> Region | None:
        """What two blocks share; None where that is nothing."""
        pairs = zip(self.spans, other.spans, strict=True)
        spans = tuple((max(a, c), min(b, d)) for (a, b), (c, d) in pairs)
        return Region(spans) if all(first < stop for first, stop in spans) else None

    def holds(self, other: Region) -> bool:
        """Whether another block lies within this one."""
        return all(
            a <= c and d <= b for (a, b), (c, d) in zip(self.spans, other.spans, strict=True)
        )


def displayed_axes(order: Sequence[int], ndim: int) -> tuple[int, int]:
    """The two axes of a layer of ``ndim`` that a canvas shows when the viewer's order is this.

    A layer lies in the last axes of a viewer that has more of them.
    """
    beyond = len(order) - ndim
    first, second = [axis - beyond for axis in order if axis >= beyond][-2:]
    return first, second


def data_to_world(state: Mapping[str, Any], units: ArrayLike = 1.0) -> NDArray[np.float64]:
    """The (ndim + 1, ndim + 1) matrix from a layer's pixels to the world.

    ``units`` are (ndim,) world units per unit of the layer.
    """
    ndim = len(state["scale"])
    own = np.eye(ndim + 1)
    own[:-1, :-1] = linear_matrix(state["scale"], state["rotate"], state["shear"])
    own[:-1, -1] = state["translate"]
    outer = np.asarray(getattr(state["affine"], "affine_matrix", state["affine"]), np.float64)
    return np.diag([*np.broadcast_to(units, ndim), 1.0]) @ outer @ own


def visible_region(
    viewport: Viewport, matrix: NDArray[np.float64], shape: Sequence[int]
) -> Region | None:
    """The pixels that a canvas shows; None where it shows none of the layer.

    Parameters
    ----------
    viewport : Viewport
        What the canvas shows.
    matrix : numpy.ndarray, shape (ndim + 1, ndim + 1)
        From pixels to the world; napari uses its rows and columns of the displayed axes for the
        image, and those of its inverse of the other axes for the slice.
    shape : sequence of int
        Pixels of the layer, without colours.
    """
    ndim = len(shape)
    shown = list(viewport.displayed)
    hidden = [axis for axis in range(ndim) if axis not in shown]
    spans = [(0, 0)] * ndim
    for axis, span in zip(hidden, _slices(viewport, matrix, hidden, shape), strict=True):
        spans[axis] = span
    to_pixels = np.linalg.inv(matrix[np.ix_(shown, shown)])
    corners = []
    for signs in itertools.product((-0.5, 0.5), repeat=2):
        world = np.add(viewport.centre, np.multiply(signs, viewport.size))
        corners.append(to_pixels @ (world - matrix[shown, -1]))
    low, high = np.min(corners, axis=0), np.max(corners, axis=0)
    for axis, first, last in zip(shown, low, high, strict=True):
        spans[axis] = max(0, math.floor(first + 0.5)), min(shape[axis], math.ceil(last + 0.5))
    inside = all(0 <= a < b <= n for (a, b), n in zip(spans, shape, strict=True))
    return Region(tuple(spans)) if inside else None


def as_sliced(
    at: ArrayLike, displayed: tuple[int, int], matrix: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Where a part of a layer has to begin so that a canvas shows it over the layer.

    Layers may be rotated or sheared out of the displayed axes. napari draws each of their slices
    without what the other axes add to its place; of a part alone that would be another place.

    Parameters
    ----------
    at : array_like, shape (ndim,)
        Where the part begins, in pixels of the layer.
    displayed : tuple of int
        The layer's two axes that are seen.
    matrix : numpy.ndarray, shape (ndim + 1, ndim + 1)
        From pixels to the world.
    """
    begin = np.array(at, np.float64)
    shown = list(displayed)
    hidden = [axis for axis in range(len(begin)) if axis not in shown]
    added = matrix[np.ix_(shown, hidden)] @ begin[hidden]
    begin[shown] -= np.linalg.solve(matrix[np.ix_(shown, shown)], added)
    return begin


def _slices(
    viewport: Viewport, matrix: NDArray[np.float64], hidden: list[int], shape: Sequence[int]
) -> list[Span]:
    """The slices along the axes that are not displayed: one, or all that are projected.

    As napari rounds. The first of several is an even one. Halves are rounded to even numbers, and
    must be so whether slices are counted from that one or from the first of all.
    """
    inverse = np.linalg.inv(matrix)
    linear, shift = inverse[np.ix_(hidden, hidden)], inverse[hidden, -1]
    point = np.take(viewport.point, hidden)
    at = (linear @ point + shift).tolist()
    if not viewport.margins:
        return [(round(place), round(place) + 1) for place in at]
    below, above = np.transpose([viewport.margins[axis] for axis in hidden])
    ends = np.sort([linear @ (point - below) + shift, linear @ (point + above) + shift], axis=0)
    spans = []
    for low, high, axis in zip(*ends.tolist(), hidden, strict=True):
        first, last = max(0, round(low)), min(round(high), shape[axis] - 1)
        spans.append((first - first % 2 if last > first else first, last + 1))
    return spans


def capped(
    region: Region, displayed: tuple[int, int], spatial_axes: Sequence[int], margin: int
) -> Region:
    """The region, or as much of its middle as is quickly computed.

    A spatial axis that is not displayed costs ``margin`` pixels on both sides of the slice.
    """
    height, width = (region.shape[axis] for axis in displayed)
    around = math.prod(2 * margin + 1 for axis in spatial_axes if axis not in displayed)
    slices = math.prod(region.shape) // (height * width)
    max_pixels = max(1, MAX_PIXELS // around // slices)
    if height * width <= max_pixels:
        return region
    side = math.isqrt(max_pixels)
    rows = min(height, max(side, max_pixels // width))
    sizes = rows, min(width, max(1, max_pixels // rows))
    spans = list(region.spans)
    for axis, size in zip(displayed, sizes, strict=True):
        first = (spans[axis][0] + spans[axis][1] - size) // 2
        spans[axis] = first, first + size
    return replace(region, spans=tuple(spans), whole=False)


def widened(
    region: Region, displayed: tuple[int, int], sides: Sequence[int], fraction: int
) -> Region:
    """The region with a fraction of its displayed sides more on each, as far as the image goes."""
    spans = list(region.spans)
    for axis in displayed:
        first, stop = spans[axis]
        more = (stop - first) // fraction
        spans[axis] = max(0, first - more), min(sides[axis], stop + more)
    return replace(region, spans=tuple(spans))


def grown(
    known: Region | None, wanted: Region, displayed: tuple[int, int], max_pixels: int
) -> Region:
    """As much of a wanted region as ``max_pixels`` new pixels allow, around what is known.

    What is known counts where it has the middle of what is wanted, where one looks, or a good part
    of it; else the region grows from the middle.
    """
    middles = [(first + stop) // 2 for first, stop in wanted.spans]
    middle = Region(tuple((at, at) for at in middles))
    common = None if known is None else known.common(wanted)
    if common is None or not (
        common.holds(middle) or MIN_OVERLAP * math.prod(common.shape) >= math.prod(wanted.shape)
    ):
        common, have = middle, 0
    else:
        have = math.prod(common.shape)
    region = wanted
    for step in range(GROWTH_STEPS, 0, -1):
        region = _between(common, wanted, displayed, step / GROWTH_STEPS)
        if math.prod(region.shape) - have <= max_pixels:
            break
    return region


def _between(inner: Region, outer: Region, displayed: tuple[int, int], share: float) -> Region:
    """A region on the way from one to another that holds it; other axes are the outer one's."""
    spans = list(outer.spans)
    for axis in displayed:
        (a, b), (first, stop) = inner.spans[axis], outer.spans[axis]
        spans[axis] = a - math.ceil(share * (a - first)), b + math.ceil(share * (stop - b))
    return replace(outer, spans=tuple(spans))
