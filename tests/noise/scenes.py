"""Scenes as detectors record them, and real pairs. Belongs here: what tests of noise share."""

from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter
from skimage import data

PAIRS = Path(__file__).parents[3] / "shared" / "images" / "fmd-pairs"


def scene(name="camera"):
    """A clean picture in 0..1, and finer than its own grain."""
    picture = gaussian_filter(getattr(data, name)().astype(float), 1)[::2, ::2]
    return (picture - picture.min()) / np.ptp(picture)


def recorded(clean, photons, *, gain=20.0, read=2.0, offset=100, seed=0):
    """What a detector makes of a picture: photons, read noise, an offset, 16 bits."""
    rng = np.random.default_rng(seed)
    electrons = rng.poisson(clean * photons) + rng.normal(0, read, clean.shape)
    return np.clip(np.rint(electrons * gain + offset), 0, 65535).astype(np.uint16)


def simulated(scene, side=384, seed=1):
    """One of the clean images that the search for noise is measured on."""
    return scene(np.random.default_rng(seed), side)
