"""Hot and dead pixels, salt and pepper, which are no noise of the kind that is looked for.

Belongs here: whether there are any, and what a user should know of them. Noise is found without
them, and an image is enlarged without them; they are carried along. Which pixels are far from all
around them is ``far_pixels.py``.

What a microscope images is as wide as its optics make it: beside the middle of a spot, some
neighbours are far brighter than others. Beside a pixel that stands out for a reason of its own, all
of them are alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.noise.far_pixels import RANGES, FarPixels, far_places
from napari_autolut.noise.single_photons import noise_of_single_photons

MAX_SHARE = 0.05
"""Fraction of pixels that may be outliers; more of them are an image."""

MAX_TAIL, FEW = 2.0, 1e-4
"""How many times as many pixels there are at half the distance at most, beside so few of all. Of
single photons in detectors that multiply electrons there may be more: they are noise."""

MANY = 5e-3
"""Fraction of pixels from which some lie side by side by chance. Of fewer, two may be a spot."""

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
    paired : bool, default False
        Whether two of them may lie side by side.
    """

    limit: float
    share: float
    paired: bool = False

    def places(self, plane: NDArray[Any]) -> NDArray[np.intp]:
        """Where they are in a plane, (H, W) of any real dtype, row by row.

        Whether a pixel is one depends on those beside it.
        """
        return far_places(plane, self.limit, but_one=self.paired)

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
    found = FarPixels.of(planes)
    share = found.share(planes)
    if not 0 < share <= MAX_SHARE or _tail(planes, found.limit) > MAX_TAIL * share + FEW:
        return Sample(list(planes))
    if noise_of_single_photons(planes, found) is not None:
        return Sample(list(planes))
    if paired := share > MANY:
        found = found.with_pairs(planes)
    outliers = Outliers(found.limit, found.share(planes), paired)
    return Sample(found.without(planes), outliers)


def _tail(planes: Sequence[NDArray[Any]], limit: float) -> float:
    """Fraction of the pixels that are half as far or farther."""
    places = [far_places(plane, limit / 2, RANGES / 2) for plane in planes]
    return FarPixels(limit / 2, places).share(planes)
