"""Single pixels that are far brighter or darker than all eight around them.

Belongs here: which ones these are, and planes without them. Whether they are hot pixels is
``outliers.py``, whether they are photons ``single_photons.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

STEP = 4
"""Distance of the rows, and of the pairs of neighbours in them, that tell how much these differ."""

RANGES, DIFFERENCES = 3.0, 8.0
"""How far such a pixel is from all pixels around it, in ranges of these and in medians of how much
neighbours differ that do differ: further than noise of a camera ever is."""

MENDED_RADIUS = 1
"""Pixels on each side that tell of an outlier, and what takes its place."""

AROUND = tuple(step for step in product(range(3), repeat=2) if step != (1, 1))
"""Rows and columns from a pixel's upper left neighbour to each of the eight."""


class FarPixels(NamedTuple):
    """Such pixels of some planes.

    Parameters
    ----------
    limit : float
        How far they are at least, beside three ranges of the pixels around; 0 where no neighbours
        differ.
    places : list of ndarray of intp
        Which pixels of each plane, row by row.
    """

    limit: float
    places: list[NDArray[np.intp]]

    @classmethod
    def of(cls, planes: Sequence[NDArray[Any]]) -> FarPixels:
        """Find those of planes of one channel, (H, W) of any real dtype."""
        limit = DIFFERENCES * _steps(planes)
        nothing = np.zeros(0, np.intp)
        return cls(limit, [far_places(plane, limit) if limit else nothing for plane in planes])

    def share(self, planes: Sequence[NDArray[Any]]) -> float:
        """Fraction of the pixels of their planes."""
        count = sum(each.size for each in self.places)
        return count / max(1, sum(plane.size for plane in planes))

    def with_pairs(self, planes: Sequence[NDArray[Any]]) -> FarPixels:
        """The same, and such pixels that have one beside them."""
        both = [far_places(plane, self.limit, but_one=True) for plane in planes]
        return self._replace(places=both)

    def without(self, planes: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        """The planes with the median of the eight around each in their place."""
        return [*map(mended, planes, self.places)]


def _steps(planes: Iterable[NDArray[Any]]) -> float:
    """Median of how much neighbours differ that do differ; 0 where none do."""
    steps = [np.zeros(0)]
    for plane in planes:
        second = plane[::STEP, 1::STEP].astype(np.float64)
        second -= plane[::STEP, ::STEP][:, : second.shape[1]]
        steps.append(np.abs(second[np.isfinite(second) & (second != 0)]))
    every = np.concatenate(steps)
    return float(np.median(every)) if every.size else 0.0


def mended(plane: NDArray[Any], places: NDArray[np.intp]) -> NDArray[Any]:
    """Give a plane in which pixels are the median of the eight around each; the same if none are.

    Parameters
    ----------
    plane : ndarray, shape (H, W)
        Intensities of any real dtype.
    places : ndarray of intp
        Which pixels, row by row.
    """
    if not places.size:
        return plane
    padded, (rows, columns) = np.pad(plane, 1, mode="reflect"), np.divmod(places, plane.shape[1])
    result = plane.copy()
    result[rows, columns] = np.median(_around(padded, rows, columns), axis=0)
    return result


def far_places(
    plane: NDArray[Any], limit: float, ranges: float = RANGES, *, but_one: bool = False
) -> NDArray[np.intp]:
    """Which pixels of a plane these are, row by row; whether one is depends on those beside it.

    Parameters
    ----------
    plane : ndarray, shape (H, W)
        Intensities of any real dtype.
    limit, ranges : float
        How far they are from all around them, and in ranges of these.
    but_one : bool, default False
        Whether the brightest and the darkest around do not count: pairs are found, too.
    """
    if not plane.size:
        return np.zeros(0, np.intp)
    padded = np.pad(plane, 1, mode="reflect")
    with np.errstate(invalid="ignore", over="ignore"):  # infinity less infinity; float16
        places = _steep_places(padded, limit, either=but_one)
        rows, columns = np.divmod(places, plane.shape[1])
        own, around = plane[rows, columns], _around(padded, rows, columns)
        if but_one:
            _, low, *_, high, _ = np.sort(around, axis=0)
        else:
            low, high = around.min(0), around.max(0)
        above = _difference(own, np.minimum(own, high))
        beyond = np.maximum(above, _difference(np.maximum(own, low), own))
        far = beyond > ranges * _difference(high, low).astype(np.float64) + limit
    found: NDArray[np.intp] = places[far & np.isfinite(own)]
    return found


def _steep_places(padded: NDArray[Any], limit: float, *, either: bool) -> NDArray[np.intp]:
    """The few pixels, row by row, that are far from those above and below, or from ``either``."""
    lines = padded[:, 1:-1]
    lower, upper = lines[1:], lines[:-1]
    steps = _difference(np.maximum(lower, upper), np.minimum(lower, upper))
    least = limit if steps.dtype.kind == "f" else min(int(limit), np.iinfo(steps.dtype).max)
    steep = steps > least
    return np.flatnonzero(steep[:-1] | steep[1:] if either else steep[:-1] & steep[1:])


def _around(
    padded: NDArray[Any], rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> NDArray[Any]:
    """(8, N) the eight pixels around each of some."""
    return np.array([padded[rows + row, columns + column] for row, column in AROUND])


def _difference(larger: NDArray[Any], smaller: NDArray[Any]) -> NDArray[Any]:
    """The difference; of whole numbers without a sign, which hold it."""
    difference: NDArray[Any] = np.subtract(larger, smaller)
    if difference.dtype.kind == "i":
        return difference.view(difference.dtype.str.replace("i", "u"))
    return difference
