"""Filters of 3 x 3 taps summed for squares of 2 x 2 pixels at once: the definition.

Belongs here: Winograd's minimal filtering F(2 x 2, 3 x 3) (Lavin & Gray, CVPR 2016, arXiv
1509.09308). Four sums of nine products take sixteen products, not thirty-six, of numbers that are
made once: of filters when a model is laid out, of pixels for all filters together. Squares begin at
even rows and columns of a plane. All arithmetic is float32 and in the order written here, which
the vector code of ``square_steps.py`` takes over.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.model import SQUARE_SIDE

Floats = NDArray[np.float32]

PRODUCTS = (SQUARE_SIDE + 2) ** 2
"""Those of a square with each plane, for each filter."""

_OF_FILTERS = np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]])


def factors_of(filters: Floats, corner: tuple[int, int] = (0, 0)) -> Floats:
    """(..., K, K) filters, 3 x 3 from a corner on, as (..., 16) factors, which are rounded once."""
    rows, columns = (slice(first, first + len(_OF_FILTERS.T)) for first in corner)
    exact = _OF_FILTERS @ filters[..., rows, columns].astype(np.float64) @ _OF_FILTERS.T
    factors: Floats = exact.astype(np.float32).reshape(*filters.shape[:-2], PRODUCTS)
    return factors


def numbers_of(pixels: Floats) -> Floats:
    """(..., 2 h + 2, 2 w + 2) pixels as (16, ..., h, w) numbers, made of rows first."""
    rows = four_of(_neighbours(pixels, -2))
    return np.stack([number for row in rows for number in four_of(_neighbours(row, -1))])


def _neighbours(pixels: Floats, axis: int) -> list[Floats]:
    """Every other pixel along an axis, and the three behind each."""
    last = pixels.shape[axis] - 2
    places = (np.arange(first, first + last, SQUARE_SIDE) for first in range(4))
    return [pixels.take(each, axis) for each in places]


def four_of(pixels: Sequence[Any]) -> list[Any]:
    """Four numbers of four neighbours, arrays or vectors."""
    first, second, third, fourth = pixels
    return [first - third, second + third, third - second, second - fourth]


def square_of(sums: list[Any]) -> list[Any]:
    """The four pixels of a square, row by row, of its 16 sums of products."""
    columns = [two_of(sums[number::4]) for number in range(4)]
    return [pixel for row in zip(*columns, strict=True) for pixel in two_of(row)]


def two_of(sums: Sequence[Any]) -> list[Any]:
    """Two neighbouring pixels of four sums, as :func:`four_of`."""
    first, second, third, fourth = sums
    return [first + second + third, second - third - fourth]
