"""Hot and dead pixels, salt and pepper, which are no noise of the kind that is looked for.

Belongs here: which pixels these are, what takes their place, and what a user should know of them.
Noise is found without them, and an image is enlarged without them; they are carried along.

What a microscope images is as wide as its optics make it: beside the middle of a spot, some
neighbours are far brighter than others. Beside a pixel that stands out for a reason of its own, all
of them are alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

STEP = 4
"""Distance of the rows, and of the pairs of neighbours in them, that tell how much these differ."""

RANGES, DIFFERENCES = 3.0, 8.0
"""How far an outlier is from all pixels around it, in ranges of these and in medians of how much
neighbours differ that do differ: further than noise of a camera or single photons ever are."""

MAX_SHARE = 0.05
"""Fraction of pixels that may be outliers; more of them are an image."""

MAX_TAIL, FEW = 2.0, 1e-4
"""How many times as many pixels there are at half the distance at most, beside so few of all. Of
single photons in detectors that multiply electrons there are more, up to ten times the read noise:
they are noise."""

MENDED_RADIUS = 1
"""Pixels on each side that tell of an outlier, and what takes its place."""

STRIP = 2**14
"""Pixels that are looked at together: they stay in a processor's cache."""

TOLD = 1e-3
"""Fraction of pixels that are outliers, from which a user is told."""


@dataclass(frozen=True)
class Outliers:
    """Single pixels far from all around them, in the planes of one channel.

    Parameters
    ----------
    limit : float
        How far they are at least, beside three ranges of the pixels around.
    share : float
        Fraction of the pixels of a sample.
    """

    limit: float
    share: float

    def places(self, plane: NDArray[Any]) -> NDArray[np.intp]:
        """Where they are in a plane, (H, W) of any real dtype, row by row.

        Whether a pixel is one depends on those beside it.
        """
        return _places(plane, self.limit)

    @property
    def doubt(self) -> str:
        """What a user should know; empty where they are few."""
        if self.share < TOLD:
            return ""
        return (
            f"{self.share:.1%} of the pixels are far brighter or darker than all around them, as "
            "hot pixels or salt and pepper are: they are not taken away; if they show nothing that "
            "you look for, correct them before, by the camera or a median of 3 x 3"
        )


class Sample(NamedTuple):
    """Some planes of one channel.

    Parameters
    ----------
    planes : list of ndarray, shape (H, W)
        Without their outliers.
    outliers : Outliers or None
        None where there are none.
    """

    planes: list[NDArray[Any]]
    outliers: Outliers | None = None


def sample_without_outliers(planes: Sequence[NDArray[Any]]) -> Sample:
    """Give planes of one channel whose outliers are the median of their neighbours.

    One such pixel would be the highest intensity, at which nothing then counts as saturated, and
    is in the whole of a spectrum.

    Parameters
    ----------
    planes : sequence of ndarray, shape (H, W)
        Intensities of any real dtype.

    Returns
    -------
    Sample
        The same planes where there are none.
    """
    limit = DIFFERENCES * _steps(planes)
    found = [_places(plane, limit) for plane in planes] if limit else []
    share = sum(each.size for each in found) / max(1, sum(plane.size for plane in planes))
    if not 0 < share <= MAX_SHARE or _share_beyond(planes, limit / 2, RANGES / 2) > (
        MAX_TAIL * share + FEW
    ):
        return Sample(list(planes))
    return Sample([*map(mended, planes, found)], Outliers(limit, share))


def _share_beyond(planes: Sequence[NDArray[Any]], limit: float, ranges: float) -> float:
    count = sum(_places(plane, limit, ranges).size for plane in planes)
    return count / sum(plane.size for plane in planes)


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
    steps = [step for step in product(range(3), repeat=2) if step != (1, 1)]
    around = np.array([padded[rows + row, columns + column] for row, column in steps])
    result = plane.copy()
    result[rows, columns] = np.median(around, axis=0)
    return result


def _places(plane: NDArray[Any], limit: float, ranges: float = RANGES) -> NDArray[np.intp]:
    if not plane.size:
        return np.zeros(0, np.intp)
    padded, (height, width) = np.pad(plane, 1, mode="reflect"), plane.shape
    rows = max(1, STRIP // width)
    with np.errstate(invalid="ignore", over="ignore"):  # infinity less infinity; float16
        found = [
            _places_within(padded[top : min(height, top + rows) + 2], limit, ranges) + top * width
            for top in range(0, height, rows)
        ]
    return np.concatenate(found)


def _places_within(padded: NDArray[Any], limit: float, ranges: float) -> NDArray[np.intp]:
    """Places in what lies within the outermost rows and columns."""
    plane = padded[1:-1, 1:-1]
    low, high = _around(padded, np.minimum), _around(padded, np.maximum)
    above = _difference(plane, np.minimum(plane, high))
    beyond = np.maximum(above, _difference(np.maximum(plane, low), plane))
    least = limit if plane.dtype.kind == "f" else min(int(limit), np.iinfo(beyond.dtype).max)
    candidates = (beyond > least).nonzero()
    around = _difference(high, low)[candidates].astype(np.float64)
    far = beyond[candidates] > ranges * around + limit
    far &= np.isfinite(plane[candidates])
    found: NDArray[np.intp] = np.ravel_multi_index(candidates, plane.shape)[far]
    return found


def _around(padded: NDArray[Any], end: Callable[..., NDArray[Any]]) -> NDArray[Any]:
    """The least or the largest of the eight pixels around each."""
    beside = end(padded[:, :-2], padded[:, 2:])
    rows = end(beside, padded[:, 1:-1])
    return end(end(rows[:-2], rows[2:]), beside[1:-1])


def _difference(larger: NDArray[Any], smaller: NDArray[Any]) -> NDArray[Any]:
    """The difference; of whole numbers without a sign, which hold it."""
    difference: NDArray[Any] = np.subtract(larger, smaller)
    if difference.dtype.kind == "i":
        return difference.view(difference.dtype.str.replace("i", "u"))
    return difference
