"""Tiles: a plane upscaled piece by piece gives the bits that it gives as a whole.

Belongs here: how a plane is cut, and how much around a tile its result depends on. What is done to
a tile's intensities is ``blocks.py``.

A tile is computed from its own pixels and ``model.halo`` more on each side, cut off at the border
of the plane, so that a model pads where the plane really ends and nowhere else. The halo is also
enough for reflect padding: what a pixel sees mirrored lies as far inside the border as it would
have lain outside, within the halo; and a piece that reaches the border is at least halo + 1 wide,
unless it is the whole plane, so that it is mirrored at that border alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.engine import PlaneEngine
from napari_autolut.model import LutModel

TILE_SIZE = 512
"""Default side of a tile in input pixels, about."""

Slices = tuple[slice, slice]


class Tile(NamedTuple):
    """A piece of the result: where it belongs in the output plane, and its float32 values."""

    rows: slice
    columns: slice
    values: NDArray[np.float32]


@dataclass(frozen=True)
class Box:
    """A rectangle of pixels; ``stop`` is exclusive, as in a slice."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def slices(self) -> Slices:
        """Its (rows, columns)."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def grown(self, margin: int, shape: tuple[int, int]) -> Box:
        """The box and ``margin`` pixels around it, as far as a plane of ``shape`` goes."""
        height, width = shape
        return Box(
            max(0, self.top - margin),
            min(height, self.bottom + margin),
            max(0, self.left - margin),
            min(width, self.right + margin),
        )

    def within(self, outer: Box) -> Box:
        """The same box in the coordinates of one that contains it."""
        return Box(
            self.top - outer.top,
            self.bottom - outer.top,
            self.left - outer.left,
            self.right - outer.left,
        )

    def times(self, scale: int) -> Box:
        """The box in an enlarged plane."""
        return Box(self.top * scale, self.bottom * scale, self.left * scale, self.right * scale)


def whole(shape: tuple[int, int]) -> Box:
    """All of a plane."""
    return Box(0, shape[0], 0, shape[1])


def tile_count(shape: tuple[int, int], tile_size: int = TILE_SIZE) -> int:
    """Number of tiles of a (height, width) plane."""
    rows, columns = (_about(side, _checked(tile_size)) for side in shape)
    return rows * columns


def tile_boxes(region: Box, tile_size: int = TILE_SIZE) -> Iterator[Box]:
    """Cut a region into tiles, row by row, all of about one size.

    Their sides are from two thirds of ``tile_size`` to half more than it, where the region is that
    large: what is around a tile is computed too, so that a narrow rest would cost a lot.

    Raises
    ------
    ValueError
        if ``tile_size`` is less than 1
    """
    size = _checked(tile_size)
    rows, columns = (
        even_parts(first, last, _about(last - first, size))
        for first, last in ((region.top, region.bottom), (region.left, region.right))
    )
    for (top, bottom), (left, right) in product(rows, columns):
        yield Box(top, bottom, left, right)


def grid_boxes(region: Box, side: int) -> Iterator[Box]:
    """Cut a region into squares, row by row; those at the right and bottom may be smaller."""
    for top in range(region.top, region.bottom, side):
        for left in range(region.left, region.right, side):
            yield Box(top, min(top + side, region.bottom), left, min(left + side, region.right))


def upscale_tiles(
    model: LutModel,
    plane: NDArray[np.float32],
    *,
    engine: PlaneEngine,
    tile_size: int = TILE_SIZE,
) -> Iterator[Tile]:
    """Run a model on a plane, tile by tile.

    Parameters
    ----------
    model : the look-ups to do
    plane : (H, W) float32 in [0, 255], H and W at least 1
    engine : what runs the model; see :func:`napari_autolut.engine.plane_engine`
    tile_size : side of a tile in input pixels, at least 1

    Yields
    ------
    Tile
        pieces that cover the (H * r, W * r) result once; the same bits for every ``tile_size``
    """
    height, width = plane.shape
    for box in tile_boxes(whole((height, width)), tile_size):
        source = box.grown(model.halo, (height, width))
        values = engine(model, plane[source.slices])
        inner = box.within(source).times(model.scale)
        yield Tile(*box.times(model.scale).slices, values[inner.slices])


def even_parts(first: int, last: int, count: int) -> Iterator[tuple[int, int]]:
    """Where ``count`` parts of a stretch begin and end, all of about one length."""
    return pairwise(first + (last - first) * i // count for i in range(count + 1))


def _about(length: int, size: int) -> int:
    """How many parts of about one size a length has; at least 1."""
    return max(1, (2 * length + size) // (2 * size))


def _checked(tile_size: int) -> int:
    if tile_size < 1:
        raise ValueError(f"tile size: found {tile_size}, expected at least 1 pixel")
    return tile_size
