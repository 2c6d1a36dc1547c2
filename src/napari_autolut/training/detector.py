"""What a denoiser's table meets: counts of a detector, stabilised, in the table's levels.

Belongs here: such crops of clean images, with scenes as dim and detectors as noisy as they come.
How a real image is stabilised is ``noise/stabilisation.py``; what becomes a table's levels is
``arrays/denoiser/choice.py``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_autolut.noise import NoiseModel, invert, stabilise
from napari_autolut.noise.darkest import QUANTILES
from napari_autolut.noise.stabilisation import expected

GROUND = 0.03, 300.0
"""Counts in the darkest places of a scene, evenly drawn in their logarithm. Noise of few counts is
not Gaussian, not even after stabilisation."""

SHARES = 0.15, 1.0
"""How much of the table's levels a scene takes."""

MAX_READ_NOISE = 1.0
"""Counts; half of the detectors have read noise."""

GROUND_PIXELS = 1000
"""Pixels of the ground that tell what becomes level 0, as an image's darkest ones do."""

SIDES = (1, 1, 2)
"""Pixels a side of the squares whose means are seen: tables work at half the size, too."""


def stabilised_counts(
    plane: NDArray[np.float32], sigma: float, random: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Show a detector a scene, and stabilise what it counts.

    Parameters
    ----------
    plane : ndarray of float32, shape (H, W)
        Light of the scene, in [0, 255].
    sigma : float
        Levels that become of one deviation of the noise.
    random : numpy.random.Generator
        Draws how bright the scene is, the read noise, and the counts.

    Returns
    -------
    noisy, clean : ndarray of float32, shape (H, W)
        Levels in [0, 255] that a denoiser's table sees, and those that it is to give:
        their expected values.
    """
    ground = float(np.exp(random.uniform(*np.log(GROUND))))
    read_noise = random.uniform(0, MAX_READ_NOISE) if random.random() < 0.5 else 0.0
    noise, side = NoiseModel(1.0, read_noise**2), int(random.choice(SIDES))
    levels = sigma * side  # of stabilised values, whose means of squares have less noise

    def seen(means: NDArray[np.float64]) -> NDArray[np.float64]:
        of_each = np.broadcast_to(means, (side * side, *means.shape))
        counts = random.poisson(of_each) + read_noise * random.standard_normal(of_each.shape)
        result: NDArray[np.float64] = stabilise(counts, noise).mean(0)
        return result

    darkest = np.quantile(seen(np.full(GROUND_PIXELS, ground)), QUANTILES[0])
    level_0 = darkest - 1.0 / side
    brightest = expected([ground], noise) + random.uniform(*SHARES) * 255 / levels
    means = ground + (invert(brightest, noise) - ground) * (np.clip(plane, 0, 255) / 255.0)
    both = seen(means), expected(means, noise)
    noisy, clean = (np.clip(levels * (values - level_0), 0, 255) for values in both)
    return noisy.astype(np.float32), clean.astype(np.float32)
