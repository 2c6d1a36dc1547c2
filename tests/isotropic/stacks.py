"""Stacks of which the truth is known: blobs that look alike in all directions, thinned along z."""

from functools import cache

import numpy as np
from scipy.ndimage import gaussian_filter

from napari_autolut.isotropic.blur import AxialBlur, thinned


@cache
def truth(side=64, seed=0):
    """A volume of cells with membranes, from 0 to 255 as float32."""
    rng = np.random.default_rng(seed)
    field = gaussian_filter(rng.standard_normal((side,) * 3), 4, mode="wrap")
    field /= field.std()
    cells = gaussian_filter(
        np.where(field > 0.3, 1.0, np.where(np.abs(field) < 0.2, 0.5, 0.0)), 0.7
    )
    return np.float32(40 + 180 * cells)


def anisotropic(factor=4, sigma=None, dtype=np.uint8, side=64):
    """The truth with one slice for each ``factor``."""
    volume = truth(side)
    kept = volume[: len(volume) // factor * factor]
    return np.rint(thinned(kept, factor, AxialBlur(sigma))).astype(dtype)


def psnr(result, side=64):
    """Of slices that there are of the truth."""
    difference = result.astype(np.float64) - truth(side)[: len(result)]
    return 10 * np.log10(255**2 / np.mean(difference**2))
