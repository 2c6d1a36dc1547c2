"""Single photons of a camera that multiplies electrons: far above all around, as hot pixels are.

Belongs here: telling them apart. Which pixels are far from all around is ``far_pixels.py``.

Where photons come one by one, they are all the light there is. What is bright without the single
ones is where they lie close together, and as noisy as they are high. Hot pixels lie in an image of
its own light, whose noise is far below them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.noise.counting import ACROSS, SQUARE, squares_of
from napari_autolut.noise.far_pixels import FarPixels
from napari_autolut.noise.model import NoiseModel

ENOUGH = 20
"""Pixels whose heights tell anything."""

BRIGHT = 0.95
"""Part of them that is brighter than what is around, at least: no photon takes light away."""

MIN_SPREAD = 0.25
"""Deviation of their heights, as a part of the mean, at least. Multiplied electrons have 0.3 to
0.9, salt less than 0.2."""

MIN_NOISE = 0.04
"""Variance over mean of the other light, as a part of their mean height, in half of that light at
least. Of 520 simulated images with 0.1 to 5 % of hot pixels or salt one has as much; of 281 with
0.1 to 8 multiplied electrons at their brightest 16 have less."""

GROUND, DARK = 0.05, 0.2
"""Fractions of the squares whose means are the dark level, and up to which noise is that of the
dark."""

LIT = 5.0
"""Deviations of that noise by which the mean of a square is above the dark level, to be lit."""


def noise_of_single_photons(
    planes: Sequence[NDArray[Any]], far: FarPixels | None = None
) -> NoiseModel | None:
    """The noise of an image whose photons are far above all around them.

    Parameters
    ----------
    planes : sequence of ndarray, shape (H, W)
        A sample of planes with one noise.
    far : FarPixels, optional
        Those of the planes, where they are known.

    Returns
    -------
    NoiseModel or None
        None where such pixels are no photons, or too few to tell.
    """
    far = far or FarPixels.of(planes)
    rest = far.without(planes)
    pairs = zip(planes, rest, far.places, strict=True)
    heights = [plane.take(at).astype(np.float64) - other.take(at) for plane, other, at in pairs]
    height = np.concatenate(heights) if heights else np.zeros(0)
    if len(height) < ENOUGH or np.mean(height > 0) < BRIGHT:
        return None
    mean = float(height.mean())
    if not height.std() > MIN_SPREAD * mean:
        return None
    without = _Squares.of(rest)
    if without is None or without.usual_dispersion < MIN_NOISE * mean:
        return None
    squares = _Squares.of(planes)
    if squares is None:
        return None
    gain = float(squares.noise.sum() / squares.light.sum())
    return NoiseModel(gain, squares.dark_variance - gain * squares.ground)


class _Squares(NamedTuple):
    """Light above the dark level and variance above that of the dark, of squares with light."""

    light: NDArray[np.float64]
    noise: NDArray[np.float64]
    ground: float
    dark_variance: float

    @classmethod
    def of(cls, planes: Sequence[NDArray[Any]]) -> _Squares | None:
        """Those of planes; None where no square has light."""
        every = [squares_of(plane).reshape(-1, SQUARE, SQUARE) for plane in planes]
        squares = np.concatenate(every)
        squares = squares[np.isfinite(squares).all((1, 2))]
        if not len(squares):
            return None
        means, noise = squares.mean((1, 2)), ((ACROSS @ squares @ ACROSS.T) ** 2).mean((1, 2))
        ground, dark = np.quantile(means, (GROUND, DARK))
        dark_variance = float(noise[means <= dark].mean())
        lit = means > ground + LIT * np.sqrt(dark_variance) / SQUARE
        if not lit.any():
            return None
        return cls(means[lit] - ground, noise[lit] - dark_variance, float(ground), dark_variance)

    @property
    def usual_dispersion(self) -> float:
        """Variance over mean below which half of the light has it."""
        dispersions = self.noise / self.light
        order = np.argsort(dispersions)
        light = np.cumsum(self.light[order])
        return float(dispersions[order][np.searchsorted(light, light[-1] / 2)])
