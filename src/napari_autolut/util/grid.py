"""Where the pixels of a larger image lie over those of its source, for any factor.

Belongs here: sizes, boxes and nearest pixels, exactly, in whole numbers. Interpolation between
pixels is ``arrays/resampled.py``; world units are ``layers/geometry.py``.

A result covers the place of its source exactly. So a factor that gives no whole number of pixels is
rounded to the nearest one that does, along rows and along columns apart. 101 rows enlarged 2.5
times are 253 rows, each 101/253 of a row of the source.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from napari_autolut.util.boxes import Box
from napari_autolut.util.plain_values import is_number
from napari_autolut.util.text import quoted

Scale = int | float
"""How many times as large a result is along rows and columns."""

NEAREST = "nearest neighbour"
"""What labels are enlarged by, in the place of a model."""

CUBIC = "cubic interpolation"
"""What slices are filled in by where no table is better, in the place of a model."""

MAX_SCALE = 8
"""The largest one that is no model's own."""


def checked_scale(scale: Any) -> Scale:
    """Give a scale as an integer where it is whole.

    Parameters
    ----------
    scale : float
        From 1 to 8.

    Returns
    -------
    int or float
        The same.

    Raises
    ------
    ValueError
        If it is no such number.

    Examples
    --------
    >>> checked_scale(2.0), checked_scale(2.5)
    (2, 2.5)
    """
    if not is_number(scale) or not 1 <= scale <= MAX_SCALE:
        raise ValueError(f"scale: found {quoted(scale)}, expected a number from 1 to {MAX_SCALE}")
    return int(scale) if scale == int(scale) else float(scale)


def enlarged_length(length: int, scale: Scale) -> int:
    """Number of pixels that an enlarged axis has; halves are rounded up.

    Examples
    --------
    >>> enlarged_length(101, 2.5), enlarged_length(100, 1.3), enlarged_length(1, 1.2)
    (253, 130, 1)
    """
    return math.floor(length * exact(scale) + Fraction(1, 2))


def factor_made(length: int, scales: Sequence[Scale]) -> Fraction:
    """By how much an axis of so many pixels was enlarged in steps, sizes rounded at each.

    Examples
    --------
    >>> factor_made(253, [2.5])
    Fraction(253, 101)
    """
    factor = Fraction(1)
    for scale in reversed(scales):
        own, before = exact(scale), round(length / exact(scale))
        if own.denominator > 1:
            before = math.ceil((length - Fraction(1, 2)) / own)
            own = Fraction(length, before)
        factor, length = factor * own, before
    return factor


def exact(scale: Scale) -> Fraction:
    """The fraction that the digits of a scale say: 1.1 is 11/10."""
    return Fraction(scale) if isinstance(scale, int) else Fraction(repr(float(scale)))


@dataclass(frozen=True)
class Grid:
    """The pixels of a result over those of a source.

    Parameters
    ----------
    rows, columns : fractions.Fraction
        How many pixels of the result replace one of the source.
    first : tuple of int, default (0, 0)
        Row and column of the whole source at which an array begins that is a part of it: boxes of
        the source are those of that part, boxes of the result those of the whole result.
    """

    rows: Fraction
    columns: Fraction
    first: tuple[int, int] = (0, 0)

    @classmethod
    def of(cls, factor: int) -> Self:
        """Every pixel becomes a square; a part of a source is taken for a whole one."""
        return cls(Fraction(factor), Fraction(factor))

    @classmethod
    def enlarging(cls, size: tuple[int, int], scale: Scale) -> Self:
        """A source of so many rows and columns, enlarged."""
        rows, columns = (Fraction(enlarged_length(each, scale), each) for each in size)
        return cls(rows, columns)

    @property
    def unit(self) -> int:
        """Pixels of a result that belong to a pixel of the source; 1 where they are no squares."""
        whole = self.rows == self.columns and self.rows.denominator == 1
        return self.rows.numerator if whole else 1

    def of_part(self, row: int, column: int) -> Self:
        """The grid for an array that begins at a pixel of the whole source."""
        return replace(self, first=(row, column))

    def result(self, box: Box) -> Box:
        """Pixels of the result whose centres lie in a box of the source."""
        row, column = self.first
        return Box(
            _begin(box.top + row, self.rows),
            _begin(box.bottom + row, self.rows),
            _begin(box.left + column, self.columns),
            _begin(box.right + column, self.columns),
        )

    def source(self, box: Box) -> Box:
        """Pixels of the source in which the centres of a box of the result lie."""
        row, column = self.first
        return Box(
            _pixel(box.top, self.rows) - row,
            _pixel(box.bottom - 1, self.rows) + 1 - row,
            _pixel(box.left, self.columns) - column,
            _pixel(box.right - 1, self.columns) + 1 - column,
        )

    def nearest(self, box: Box) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Row and column of the source nearest to each row and column of a box of the result."""
        rows, columns = (
            np.arange(*ends, dtype=np.int64)  # numpy 1 takes 32 bits on Windows
            for ends in ((box.top, box.bottom), (box.left, box.right))
        )
        row, column = self.first
        return _pixel(rows, self.rows) - row, _pixel(columns, self.columns) - column

    def origin(self, box: Box) -> tuple[Fraction, Fraction]:
        """Where a box of the result begins, in rows and columns of the whole source."""
        return box.top / self.rows, box.left / self.columns


def _begin(edge: int, factor: Fraction) -> int:
    """The first pixel of a result with its centre not before an edge between source pixels."""
    return math.ceil(edge * factor - Fraction(1, 2))


def _pixel(index: Any, factor: Fraction) -> Any:
    """The source pixel in which the centre of a result's pixel lies."""
    return (2 * index + 1) * factor.denominator // (2 * factor.numerator)
