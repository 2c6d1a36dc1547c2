"""Boxes of pixels: tiles of a plane, what is around them, and grids of squares.

Belongs here: how a plane is cut. How much around a tile its result depends on is the model's halo.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

TILE_SIZE = 512
"""Default side of a tile in input pixels, approximately."""

Slices = tuple[slice, slice]


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

    def aligned(self, step: int, shape: tuple[int, int]) -> Box:
        """The box grown until it begins and ends at multiples of a number, or where planes end."""
        height, width = shape
        return Box(
            self.top - self.top % step,
            min(height, self.bottom + -self.bottom % step),
            self.left - self.left % step,
            min(width, self.right + -self.right % step),
        )

    def within(self, outer: Box) -> Box:
        """The same box in the coordinates of one that contains it."""
        return Box(
            self.top - outer.top,
            self.bottom - outer.top,
            self.left - outer.left,
            self.right - outer.left,
        )

    def mirrored(self, outer: Box, flips: Sequence[bool]) -> Box:
        """Where the box lies in one that contains it when rows, or columns, run the other way."""
        rows, columns = flips
        top, bottom = self.top, self.bottom
        left, right = self.left, self.right
        if rows:
            top, bottom = outer.top + outer.bottom - bottom, outer.top + outer.bottom - top
        if columns:
            left, right = outer.left + outer.right - right, outer.left + outer.right - left
        return Box(top, bottom, left, right)

    def times(self, scale: int) -> Box:
        """The box in an enlarged plane."""
        return Box(self.top * scale, self.bottom * scale, self.left * scale, self.right * scale)


def next_multiple(number: int, step: int) -> int:
    """Give the smallest multiple of a step that is no less, as margins of aligned tiles are."""
    return -(-number // step) * step


def whole(shape: tuple[int, int]) -> Box:
    """All of a plane."""
    return Box(0, shape[0], 0, shape[1])


def tile_count(shape: tuple[int, int], tile_size: int = TILE_SIZE) -> int:
    """Number of tiles of a (height, width) plane."""
    rows, columns = (_part_count(side, _checked(tile_size)) for side in shape)
    return rows * columns


def tile_boxes(region: Box, tile_size: int = TILE_SIZE) -> Iterator[Box]:
    """Cut a region into tiles, row by row, all of approximately one size.

    Their sides are from two thirds of ``tile_size`` to half more than it, where the region is that
    large. What is around a tile is computed too, so that a narrow rest would cost a lot.

    Raises
    ------
    ValueError
        If ``tile_size`` is less than 1.
    """
    size = _checked(tile_size)
    rows, columns = (
        even_parts(first, last, _part_count(last - first, size))
        for first, last in ((region.top, region.bottom), (region.left, region.right))
    )
    for (top, bottom), (left, right) in product(rows, columns):
        yield Box(top, bottom, left, right)


def grid_boxes(region: Box, side: int) -> Iterator[Box]:
    """Cut a region into squares, row by row; those at the right and bottom may be smaller."""
    for top in range(region.top, region.bottom, side):
        for left in range(region.left, region.right, side):
            yield Box(top, min(top + side, region.bottom), left, min(left + side, region.right))


def even_parts(first: int, last: int, count: int) -> Iterator[tuple[int, int]]:
    """Begin and end of ``count`` parts of a stretch, all of approximately one length."""
    return pairwise(first + (last - first) * i // count for i in range(count + 1))


def _part_count(length: int, size: int) -> int:
    """Number of parts of approximately one size that a length has; at least 1."""
    return max(1, (2 * length + size) // (2 * size))


def _checked(tile_size: int) -> int:
    if tile_size < 1:
        raise ValueError(f"tile size: found {tile_size}, expected at least 1 pixel")
    return tile_size
