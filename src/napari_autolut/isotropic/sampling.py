"""The factor of a stack: from the distances of pixels and slices to slices of the result.

Belongs here: whole and other factors, where the result's slices lie, and what is refused. What the
pixels become is ``interpolation.py``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real
from typing import Any, NamedTuple

from napari_autolut.util.text import quoted

MAX_FACTOR = 16
"""Slices for each one that a table makes; what is beyond is interpolated."""

MAX_DISTANCE = 256
"""Distance of slices in pixels of the plane at most; more is a slip in the units."""

TOLERANCE = 0.01
"""Difference between distances that counts as none."""

Spacing = float | Sequence[float]
"""Distances (z, y, x), or that of slices alone in pixels of the plane."""


class Sampling(NamedTuple):
    """How many slices there are, and how many there will be.

    Parameters
    ----------
    slices : int
        Of the source.
    factor : float
        Distance of slices over that of pixels in the plane.
    """

    slices: int
    factor: float

    @property
    def whole(self) -> int:
        """Slices that the table makes of each one: the nearest whole number from 2 to 16."""
        return min(MAX_FACTOR, max(2, round(self.factor)))

    @property
    def result_slices(self) -> int:
        """Slices of the result, which reach exactly as far as those of the source."""
        return max(1, round(self.slices * self.factor))

    @property
    def exact_factor(self) -> float:
        """Slices of the result for each one of the source, which may be half a slice off."""
        return self.result_slices / self.slices

    @property
    def scale(self) -> float:
        """Pixels of the table's own grid along z for one in the plane."""
        return self.whole / self.factor


def sampling_of(slices: int, spacing: Spacing | None) -> Sampling:
    """Settle the factor of a stack.

    Parameters
    ----------
    slices : int
        Slices of the stack.
    spacing : tuple of float (z, y, x) or float
        Distances of pixels in any one unit, or the distance of slices in pixels of the plane.

    Raises
    ------
    ValueError
        If there is one slice, a distance is missing or not positive, or pixels are not square; if
        slices are not further apart than pixels, or by more than 256 of them.
    """
    if slices < 2:
        raise ValueError(
            f"stack: found {slices} slice along z, expected at least 2; check which axis is z"
        )
    z, y, x = checked_spacing(spacing)
    if abs(y - x) > TOLERANCE * max(x, y):
        raise ValueError(
            f"spacing: found pixels of {y:g} x {x:g} in the plane, expected square ones; resample "
            "rows or columns first"
        )
    factor = z / ((y + x) / 2)
    if abs(factor - 1) <= TOLERANCE:
        raise ValueError(
            f"found slices {z:g} apart and pixels of {x:g}: the stack is isotropic already, or the "
            "distance of its slices was never set; if so, say how far apart they are"
        )
    if factor < 1:
        raise ValueError(
            f"spacing: found slices {z:g} apart, closer than pixels ({x:g}); expected them to be "
            "further apart; nothing is missing along z"
        )
    if factor > MAX_DISTANCE:
        raise ValueError(
            f"spacing: found slices {z:g} apart and pixels of {x:g}, expected at most "
            f"{MAX_DISTANCE} pixels between slices; check that both are in the same unit"
        )
    return Sampling(slices, factor)


def checked_spacing(spacing: Any) -> tuple[float, float, float]:
    """Distances of slices, rows and columns, or of slices alone, as three numbers.

    Raises
    ------
    ValueError
        If they are none.
    """
    numbers: Any = [spacing, 1.0, 1.0] if isinstance(spacing, Real) else spacing
    try:
        z, y, x = (float(number) for number in ([] if isinstance(numbers, str) else numbers))
    except (TypeError, ValueError, OverflowError):
        raise ValueError(
            f"spacing: found {quoted(spacing)}, expected the distances (z, y, x), such as "
            "(0.5, 0.1, 0.1)"
        ) from None
    if not all(math.isfinite(each) and each > 0 for each in (z, y, x)):
        raise ValueError(f"spacing: found {quoted(spacing)}, expected positive numbers")
    return z, y, x
