"""Filters of 3 x 3 taps summed for squares of 2 x 2 pixels at once: the definition.

Belongs here: Winograd's minimal filtering F(2 x 2, 3 x 3) (Lavin & Gray, CVPR 2016, arXiv
1509.09308). Four sums of nine products take sixteen products, not thirty-six, of numbers that are
made once: of filters when a model is laid out, of pixels for all filters together. Squares begin at
even rows and columns of a plane. All arithmetic is float32 and in the order written here; the
vector code is ``square_steps.py``.
"""

from __future__ import annotations

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
    return np.stack([number for row in _four_of(pixels, -2) for number in _four_of(row, -1)])


def _four_of(pixels: Floats, axis: int) -> list[Floats]:
    """Four numbers of each four neighbours along an axis, from every other one on."""
    last = pixels.shape[axis] - 2
    places = (np.arange(first, first + last, SQUARE_SIDE) for first in range(4))
    first, second, third, fourth = (pixels.take(each, axis) for each in places)
    return [first - third, second + third, third - second, second - fourth]


def square_of(sums: list[Any]) -> list[Any]:
    """The four pixels of a square, row by row, of its 16 sums of products."""
    columns = [_two_of(*sums[number::4]) for number in range(4)]
    return [pixel for row in zip(*columns, strict=True) for pixel in _two_of(*row)]


def _two_of(first: Any, second: Any, third: Any, fourth: Any) -> tuple[Any, Any]:
    """Two neighbouring pixels of four sums."""
    return (first + second) + third, (second - third) - fourth
