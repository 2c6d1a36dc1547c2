"""Pixels that are saturated, and those that are cut off at black: they have lost their noise.

Belongs here: at which intensities a plane is cut off. Where a detector counts photons many pixels
have none, which is all that there was.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

SATURATED_SHARE, CLIPPED_SHARE = 1e-4, 0.02
"""Fraction of pixels at the highest and the lowest intensity from which they count as clipped."""

MAX_CLIPPED = 0.6
"""Part of a square at the lowest intensity from which it counts as clipped."""

SQUARE = 8
"""Rows and columns of the squares in which pixels of the lowest intensity are counted."""

MOST = 1.1
"""Variance over mean of dark squares, as a multiple of the photon that their black pixels tell of,
up to which they are counts. Where noise of a camera is cut off it is 1.4 to 1.6."""

FLAT, LEAST = 0.2, 0.6
"""Part of the brighter squares that are flat, and the same ratio of them at least: where weak noise
of a camera is rounded to whole levels, dark squares look like counts, and these do not."""

MIN_COUNTED = 100
"""Photons in dark squares that tell so much."""


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
    clipped = dark > CLIPPED_SHARE and not _counts_photons(plane, float(lowest))
    return (
        float(lowest) if clipped else -np.inf,
        float(highest) if bright > SATURATED_SHARE else np.inf,
    )


def _counts_photons(plane: NDArray[Any], black: float) -> bool:
    """Whether black pixels are as many as have no photon by chance, and others as noisy as counts.

    Of Poisson's counts with mean m, exp(-m) are none, and their variance is m photons squared. Both
    tell the size of a photon. They disagree where noise around black is cut off.
    """
    height, width = (side // SQUARE * SQUARE for side in plane.shape)
    pixels = plane[:height, :width].astype(np.float64) - black
    squares = pixels.reshape(height // SQUARE, SQUARE, width // SQUARE, SQUARE).swapaxes(1, 2)
    share = (squares <= 0).mean((2, 3))
    dark = (share >= MAX_CLIPPED) & (share < 1)
    if not dark.any():
        return False
    # The darker half of them: in others something bright may begin.
    dark &= share >= np.median(share[dark])
    light = squares[dark].mean((1, 2)).sum()
    photon = light / -np.log(share[dark]).sum()
    if light * SQUARE**2 < MIN_COUNTED * photon:
        return False
    if not squares[dark].var((1, 2), ddof=1).sum() < MOST * photon * light:
        return False
    bright = squares[share < MAX_CLIPPED]
    bright = bright[np.isfinite(bright).all((1, 2))]
    dispersion = bright.var((1, 2), ddof=1) / (bright.mean((1, 2)) * photon)
    return not dispersion.size or bool(np.quantile(dispersion, FLAT) >= LEAST)
