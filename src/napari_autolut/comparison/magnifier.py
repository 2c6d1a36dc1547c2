"""What a magnifier shows: the same few pixels of every view, each as the viewer colours it.

Belongs here: which pixels those are, and their colours, as plain arrays. The widget is
``widgets/compare/magnifier.py``.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays import dtype_range
from napari_autolut.comparison.regions import slice_at
from napari_autolut.layers import Units, point_in_pixels, point_in_world
from napari_autolut.util.boxes import Box

SIDE = 64
"""Rows and columns that are seen, in pixels of the finest view."""

Coloured = NDArray[np.uint8]
"""(rows, columns, 4) RGBA."""


@dataclass(frozen=True, eq=False)
class Magnified:
    """What is seen through the magnifier.

    Parameters
    ----------
    images : list of numpy.ndarray of uint8, shape (rows, columns, 4)
        RGBA of each view, at most ``SIDE`` rows and columns; a coarser view has blocks.
    corners : numpy.ndarray, shape (4, 2)
        World coordinates, rows first, around what is seen.
    """

    images: list[Coloured]
    corners: NDArray[np.float64]


def magnify(
    stacks: Sequence[Sequence[Any]], point: Sequence[float], units: Units = None
) -> Magnified:
    """Look at a point of the world through image layers that cover the same place.

    ``stacks`` has the layers of each view, from below; ``units`` are those of that world, as for
    :func:`~napari_autolut.comparison.slice_at`.
    """
    layers = [stack[0] for stack in stacks]
    sizes = [_size(layer) for layer in layers]
    size = max(height for height, _ in sizes), max(width for _, width in sizes)
    first = layers[0]
    at = point_in_pixels(first, point, units)[-2:] + 0.5
    box = box_around((at * size / _size(first)).tolist(), size)
    images = [
        _blended(
            stack,
            [
                coloured(layer, nearest(layer.data[slice_at(layer, point, units)], size, box))
                for layer in stack
            ],
        )
        for stack in stacks
    ]
    return Magnified(
        images, _corners(first, point_in_pixels(first, point, units), box, size, units)
    )


def box_around(at: Sequence[float], size: tuple[int, int]) -> Box:
    """Rows and columns around a place in an image of that size, moved to lie inside it."""
    starts = [
        min(max(round(float(centre)) - SIDE // 2, 0), max(0, length - SIDE))
        for centre, length in zip(at, size, strict=True)
    ]
    ends = [min(start + SIDE, length) for start, length in zip(starts, size, strict=True)]
    return Box(starts[0], ends[0], starts[1], ends[1])


def nearest(plane: NDArray[Any], size: tuple[int, int], box: Box) -> NDArray[Any]:
    """A box of an image of that size, from one that covers the same place with other pixels."""
    rows, columns = (
        (np.arange(span.start, span.stop) + 0.5) * own / length
        for span, own, length in zip(box.slices, plane.shape, size, strict=False)
    )
    image: NDArray[Any] = plane[np.ix_(rows.astype(int), columns.astype(int))]
    return image


def coloured(layer: Any, values: NDArray[Any]) -> Coloured:
    """Colours of values as napari shows them in a layer."""
    if layer.rgb:
        top = 1.0 if values.dtype.kind == "f" else dtype_range(values.dtype).hi
        colours = np.ones((*values.shape[:2], 4))
        colours[..., : values.shape[-1]] = values / top
    else:
        low, high = layer.contrast_limits
        shown = np.clip((values.astype(np.float64) - low) / (high - low or 1), 0, 1)
        flat = (np.nan_to_num(shown) ** layer.gamma).ravel()
        colours = layer.colormap.map(flat).reshape(*values.shape, 4)
    return np.ascontiguousarray(np.round(255 * np.clip(np.nan_to_num(colours), 0, 1)), np.uint8)


def _blended(stack: Sequence[Any], images: Sequence[Coloured]) -> Coloured:
    """Layers of one view over each other, as napari blends them."""
    result = images[0].astype(np.uint16)
    for layer, image in zip(stack[1:], images[1:], strict=True):
        if layer.blending == "minimum":
            result = np.minimum(result, image)
        elif layer.blending == "multiplicative":
            result[..., :3] = result[..., :3] * image[..., :3] // 255
        else:
            result[..., :3] += image[..., :3]
    return np.minimum(result, 255).astype(np.uint8)


def _size(layer: Any) -> tuple[int, int]:
    height, width = layer.data.shape[-2 - layer.rgb :][:2]
    return height, width


def _corners(
    layer: Any, at: NDArray[np.float64], box: Box, size: tuple[int, int], units: Units
) -> NDArray[np.float64]:
    """World coordinates around a box, in the order in which a line is drawn."""
    data = at.copy()
    rows, columns = (own / length for own, length in zip(_size(layer), size, strict=True))
    around = []
    for row, column in itertools.product((box.top, box.bottom), (box.left, box.right)):
        data[-2:] = row * rows - 0.5, column * columns - 0.5
        around.append(point_in_world(layer, data, units)[-2:])
    return np.array([around[0], around[1], around[3], around[2]])
