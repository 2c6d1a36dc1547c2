"""The axes of a layer by name: which two may grow, and where the others stand.

Belongs here: what a dock offers and takes of axes; plain Python. Axes are numbered from the front,
without the one that holds colours.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Pair = tuple[int, int]


def axis_pairs(labels: Sequence[str]) -> list[tuple[str, Pair]]:
    """Every two axes with their names, the last two first: these are the default."""
    numbers = range(len(labels))
    pairs = sorted(combinations(numbers, 2), reverse=True)
    names = [_name(label, axis, len(labels)) for axis, label in enumerate(labels)]
    return [(f"{names[rows]}, {names[columns]}", (rows, columns)) for rows, columns in pairs]


def _name(label: str, axis: int, ndim: int) -> str:
    """A label, or what users call the axis where napari has only counted it."""
    if label.lstrip("-").isdecimal():
        behind = ndim - axis
        return {1: "x", 2: "y"}.get(behind, f"axis {axis}")
    return label


def index_at(
    point: Sequence[float] | NDArray[np.float64], shape: Sequence[int], spatial_axes: Sequence[int]
) -> dict[int, int]:
    """The slice nearest to a point in a layer's pixels: a position on each other axis."""
    return {
        axis: int(np.clip(round(float(at)), 0, n - 1))
        for axis, (at, n) in enumerate(zip(point, shape, strict=False))
        if axis not in spatial_axes
    }
