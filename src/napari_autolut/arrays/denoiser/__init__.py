"""Planes without their noise: which tables take it away, at which sizes, and how.

Lives here: what is settled for a channel or for three colours, and what it does to planes. Not
here: axes, dtypes, holes and what is said of noise (``denoising``), and what noise is (``noise``).
"""

from napari_autolut.arrays.denoiser.choice import (
    LARGEST_STEP,
    LIGHT,
    SHIPPED,
    Tables,
    denoiser_for,
    limits_of,
    shipped,
    widest_denoiser_halo,
)
from napari_autolut.arrays.denoiser.colours import ColourDenoiser, together
from napari_autolut.arrays.denoiser.plane import Denoiser
from napari_autolut.arrays.denoiser.sizes import WhiteNoiseTable, for_noisy_images

__all__ = [
    "LARGEST_STEP",
    "LIGHT",
    "SHIPPED",
    "ColourDenoiser",
    "Denoiser",
    "Tables",
    "WhiteNoiseTable",
    "denoiser_for",
    "for_noisy_images",
    "limits_of",
    "shipped",
    "together",
    "widest_denoiser_halo",
]
