"""Texture that fills an image, as dense threads do, and looks like correlated noise.

Belongs here: telling both apart where an image would be nothing but noise. Blocks cannot: each has
as much texture as the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.noise.blocks import centred
from napari_autolut.noise.darkest import every_other_pixel, stabilised_range
from napari_autolut.noise.model import NoiseModel
from napari_autolut.util.samples import middle

NOTHING_ELSE = 10.0
"""Range of an image in deviations of its noise, up to which it is hardly more than noise: that of
a normal distribution is 6.2, dim widefield images have 7 to 9."""

FINE, WIDE = 1.5, 25
"""Deviation in pixels of the Gaussian that leaves fine structure, and the side of the squares in
which its strength is taken."""

SIDE = 256
"""Rows and columns in the middle of a plane that are looked at."""

TAILS = 0.1, 0.5, 0.9
"""Quantiles by which the distribution of fine structure leans to one side."""

LEANING = 0.12
"""How far it may, as a part of the distance of its tails: threads behind a microscope's blur have
0.14 to 0.16, photons 0.08 with 5 a pixel and less with more, widefield images 0.00 to 0.08."""


def is_texture(planes: Sequence[NDArray[Any]], noise: NoiseModel) -> bool:
    """Whether an image that would be nothing but correlated noise is texture.

    Parameters
    ----------
    planes : sequence of ndarray, shape (H, W)
        A sample of an image's planes.
    noise : NoiseModel
        Correlated noise that was found in them.

    Returns
    -------
    bool
        True where its fine structure is bright lines or points on dark ground, or the reverse.
    """
    _, (low, high) = stabilised_range(every_other_pixel(planes), noise)
    if high - low > NOTHING_ELSE:
        return False
    return float(np.mean([_leaning(plane) for plane in planes])) > LEANING


def _leaning(plane: NDArray[Any]) -> float:
    """Distance of the median of fine structure from the middle of its tails."""
    from scipy.ndimage import gaussian_filter, uniform_filter

    part = plane[tuple(middle(length, SIDE) for length in plane.shape)]
    pixels, _ = centred(part)
    pixels -= gaussian_filter(pixels, FINE)
    pixels /= np.sqrt(uniform_filter(pixels**2, WIDE)) + np.finfo(np.float32).tiny
    lower, median, upper = np.quantile(pixels, TAILS)
    return float(abs(upper + lower - 2 * median) / max(upper - lower, np.finfo(float).tiny))
