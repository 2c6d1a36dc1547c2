"""Regular waves over an image: mains hum in what scanned it, interference, the grid of a screen.

Belongs here: finding them by the one frequency that they have, and the words for it. Noise and
structure have all frequencies around one, too. Denoising leaves such waves, and they are seen the
better.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.noise.model import NoiseModel
from napari_autolut.noise.rows import MIN_SIDE, SEEN
from napari_autolut.util.samples import middle

SIDE = 256
"""Rows and columns in the middle of a plane that are looked at."""

LONGEST = 64.0
"""Pixels from wave to wave up to which they are told from structure."""

ONE, AROUND = 2, 6
"""Distance of frequencies up to which they belong to one, and to what is around it."""

ALONE = 10.0
"""Power of waves over the largest around: noise and structure have 3 at most. Of 247 micrographs
and photographs three have more: a hologram and two photographs."""


def wave_doubt(planes: Sequence[NDArray[Any]], noise: NoiseModel) -> str:
    """Say where regular waves lie over an image.

    Parameters
    ----------
    planes : sequence of ndarray, shape (H, W)
        A sample of planes, one or more.
    noise : NoiseModel
        The noise that was found in them.

    Returns
    -------
    str
        Empty where there are none, or none that would be seen.
    """
    plane = max(planes, key=np.size)
    if min(plane.shape) < MIN_SIDE or not np.isfinite(plane).all():
        return ""
    amplitude, length = strongest_wave(plane)
    if amplitude <= SEEN * np.sqrt(noise.variance(plane.mean())):
        return ""
    return (
        f"regular waves lie over the image, {length:.1f} pixels from one to the next, as of mains "
        "hum, interference or a grid, and stay: if they are not the specimen's, filter them out "
        "first"
    )


def strongest_wave(plane: NDArray[Any]) -> tuple[float, float]:
    """Amplitude and length in pixels of the waves of one frequency; 0 and infinite without any.

    Parameters
    ----------
    plane : ndarray, shape (H, W)
        Finite intensities.
    """
    from scipy.fft import fft2  # in a third of the time of numpy's

    part = plane[tuple(middle(side, SIDE) for side in plane.shape)].astype(np.float32)
    window, frequency, rings, sizes = _weights(*part.shape)
    spectrum = fft2((part - part.mean()) * window)
    powers: NDArray[np.float32] = spectrum.real**2 + spectrum.imag**2
    usual = np.bincount(rings.ravel(), powers.ravel()) / sizes
    above = powers / usual.astype(np.float32).clip(np.finfo(np.float32).tiny)[rings]
    above[frequency < 1 / LONGEST] = 0
    place = np.unravel_index(int(above.argmax()), above.shape)
    box = powers
    for axis, centre in enumerate(place):
        box = box.take(np.arange(centre - AROUND, centre + AROUND + 1), axis, mode="wrap")
    own = np.s_[AROUND - ONE : AROUND + ONE + 1]
    power, box[own, own] = powers[place], 0
    if power <= ALONE * box.max():
        return 0.0, np.inf
    return 2 * float(np.sqrt(power)) / float(window.sum()), 1 / float(frequency[place])


@lru_cache(maxsize=2)
def _weights(
    height: int, width: int
) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.intp], NDArray[np.intp]]:
    """A window without edges; frequencies in waves a pixel, their rings, and these rings' sizes."""
    window = np.outer(np.hanning(height), np.hanning(width)).astype(np.float32)
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width))
    rings = (frequency * min(height, width) / 2).astype(np.intp)
    return window, frequency, rings, np.bincount(rings.ravel())
