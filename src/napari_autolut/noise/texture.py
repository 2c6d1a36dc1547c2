"""Texture that fills an image, as dense threads do, and looks like correlated noise.

Belongs here: telling both apart by their phases. Blocks cannot, which know energies alone: each has
as much texture as the next. Noise behind a blur is a normal distribution in any filter, and nothing
in it is long. Dense threads are spread more evenly, and are. What would be taken away as noise has
lost the edges of what stays, so that nothing in it may be long at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.noise.blocks import centred
from napari_autolut.noise.darkest import every_other_pixel, stabilised_range
from napari_autolut.noise.model import NoiseModel
from napari_autolut.noise.removed import removed
from napari_autolut.noise.stabilisation import stabilise
from napari_autolut.util.samples import middle, spread

NOTHING_ELSE = 10.0
"""Range of an image in deviations of its noise, up to which it is hardly more than noise: that of
a normal distribution is 6.2, dim widefield images have 7 to 9."""

LITTLE_ELSE = 40.0
"""The same, up to which noise would be most of what is fine in an image."""

FINE, WIDE = 1.5, 25
"""Deviation in pixels of the Gaussian that leaves fine structure, and the side of the squares in
which its strength is taken."""

MIN_STRENGTH = 1e-6
"""Squared strength at least, as a part of its mean."""

SIDE, SHAPE_SIDE = 256, 192
"""Rows and columns in the middle of a plane that are looked at, and those of which the shape is."""

TAILS = 0.1, 0.5, 0.9
"""Quantiles by which the distribution of fine structure leans to one side."""

LEANING = 0.12
"""How far it may, as a part of the distance of its tails: threads behind a microscope's blur have
0.14 to 0.16, photons 0.08 with 5 a pixel and less with more, widefield images 0.00 to 0.08."""

SMOOTH, NEAR = 0.7, 5
"""Deviation in pixels of the Gaussian behind which slopes are taken, and the side of the squares in
which they have one direction or many."""

FLATTER, LONGER = 0.1, 0.012
"""How much less kurtosis fine structure has than the same spectrum with other phases, and how much
more its slopes agree. Of dense threads behind blurs and filters six in ten have both, of 968
images with blurred noise two, both of electron microscopy without flat ground."""

LONG = 0.026
"""How much more the slopes of what would be taken away agree than those of the same spectrum with
other phases. Of dense threads behind filters, clipping or a colour mosaic that would be lost, it is
0.03 to 0.14; of 634 micrographs with filtered noise one has 0.035, the others at most 0.022."""

MAX_PARTS = 8
"""Parts of a stack of which what would be taken away is looked at."""

NORMAL = 3.0
"""Kurtosis of a normal distribution."""

TINY = float(np.finfo(np.float32).tiny)


def is_texture(planes: Sequence[NDArray[Any]], noise: NoiseModel) -> bool:
    """Whether an image that would be little but correlated noise is texture.

    Parameters
    ----------
    planes : sequence of ndarray, shape (H, W)
        A sample of an image's planes.
    noise : NoiseModel
        Correlated noise that was found in them.

    Returns
    -------
    bool
        True where its fine structure is bright lines or points on dark ground, or the reverse, or
        long and more even than noise, or where what would be taken away is long.
    """
    raised, (low, high) = stabilised_range(every_other_pixel(planes), noise)
    if high - low > LITTLE_ELSE:
        return False
    if high - low <= NOTHING_ELSE:
        leanings = [_leaning(_middle(plane, SIDE)) for plane in planes]
        if float(np.mean(leanings)) > LEANING:
            return True
    parts = [_middle(plane, SHAPE_SIDE) for plane in planes if min(plane.shape) >= WIDE]
    if sum(part.size for part in parts) < SHAPE_SIDE**2:
        return False  # so few pixels are long and even by chance
    flatter, longer = np.mean([_shape(stabilise(part, raised)) for part in parts], axis=0)
    return bool(flatter > FLATTER and longer > LONGER) or _is_long(parts, raised)


def _is_long(parts: Sequence[NDArray[Any]], noise: NoiseModel) -> bool:
    """Whether what would be taken away of parts is longer than noise."""
    found = []
    for number in spread(len(parts), MAX_PARTS):
        taken = removed(stabilise(parts[number], noise), noise)
        found.append(_agreement(taken) - _agreement(_other_phases(taken)))
    return float(np.mean(found)) > LONG


def _middle(plane: NDArray[Any], side: int) -> NDArray[Any]:
    return plane[tuple(middle(length, side) for length in plane.shape)]


def _fine(part: NDArray[Any]) -> NDArray[np.float32]:
    """Fine structure, made as strong everywhere."""
    from scipy.ndimage import gaussian_filter, uniform_filter

    pixels, _ = centred(part)
    pixels -= gaussian_filter(pixels, FINE)
    strength = uniform_filter(pixels**2, WIDE)  # rounded below zero where all is black
    pixels /= np.sqrt(np.maximum(strength, MIN_STRENGTH * float(strength.mean()) + TINY))
    return pixels


def _leaning(part: NDArray[Any]) -> float:
    """Distance of the median of fine structure from the middle of its tails."""
    lower, median, upper = np.quantile(_fine(part), TAILS)
    return float(abs(upper + lower - 2 * median) / max(upper - lower, TINY))


def _shape(part: NDArray[np.float64]) -> tuple[float, float]:
    """How much less kurtosis a part has than the same with other phases, and how much longer."""
    kurtosis = _kurtosis(part)
    if kurtosis > NORMAL:
        return NORMAL - kurtosis, 0.0
    other = _other_phases(part)
    return _kurtosis(other) - kurtosis, _agreement(part) - _agreement(other)


def _kurtosis(part: NDArray[Any]) -> float:
    squares = _fine(part) ** 2
    return float(np.mean(squares**2) / max(float(np.mean(squares)) ** 2, TINY))


def _other_phases(part: NDArray[Any]) -> NDArray[np.float32]:
    """Normally distributed pixels with the same spectrum."""
    from scipy.fft import irfft2, rfft2

    pixels, _ = centred(part)
    phases = rfft2(np.random.default_rng(0).standard_normal(pixels.shape, np.float32))
    phases *= np.abs(rfft2(pixels)) / np.maximum(np.abs(phases), TINY)
    changed: NDArray[np.float32] = irfft2(phases, pixels.shape)
    return changed


def _agreement(part: NDArray[Any]) -> float:
    """How far slopes that are near each other have one direction, from 0 to 1."""
    from scipy.ndimage import gaussian_filter, uniform_filter

    pixels = gaussian_filter(centred(part)[0], SMOOTH)
    down, across = pixels[2:, 1:-1] - pixels[:-2, 1:-1], pixels[1:-1, 2:] - pixels[1:-1, :-2]
    products = down**2, across**2, down * across
    rows, columns, both = (uniform_filter(each, NEAR) for each in products)
    agreement = np.hypot(rows - columns, 2 * both) / (rows + columns + TINY)
    return float(agreement.mean())
