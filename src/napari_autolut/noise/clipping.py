"""Pixels that are saturated, and those that are cut off at black: they have lost their noise.

Belongs here: at which intensities a plane is cut off. Where a detector counts photons many pixels
have none, which is all that there was: ``counting.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.noise.counting import counts_photons

SATURATED_SHARE, CLIPPED_SHARE = 1e-4, 0.02
"""Fraction of pixels at the highest and the lowest intensity from which they count as clipped."""


def cut_off(plane: NDArray[Any]) -> tuple[float, float]:
    """Intensities at which a plane is cut off at black and at white; infinite where it is not.

    Parameters
    ----------
    plane : ndarray, shape (H, W)
        Intensities of any real dtype, some of them finite.

    Returns
    -------
    black, white : float
        The lowest and the highest intensity, if too many pixels have it; the lowest one not where
        it means that no photon came.
    """
    usable = np.isfinite(plane)
    finite = plane if usable.all() else plane[usable]
    lowest, highest = finite.min(), finite.max()
    dark = np.count_nonzero(plane <= lowest) / plane.size
    bright = np.count_nonzero(plane >= highest) / plane.size
    clipped = dark > CLIPPED_SHARE and not counts_photons(plane, float(lowest))
    return (
        float(lowest) if clipped else -np.inf,
        float(highest) if bright > SATURATED_SHARE else np.inf,
    )
