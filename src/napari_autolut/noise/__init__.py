"""Noise of cameras and detectors: its model, and its estimate from images.

Lives here: Poisson-Gaussian noise models, variance stabilisation and its unbiased inverse. Not
here: how noise is taken away (``denoising``), napari layers and files.
"""

from napari_autolut.noise.estimation import (
    noise_of_differences,
    noise_of_planes,
    planes_of,
    sample_of,
)
from napari_autolut.noise.model import NoiseModel, NoiseWarning

__all__ = [
    "NoiseModel",
    "NoiseWarning",
    "noise_of_differences",
    "noise_of_planes",
    "planes_of",
    "sample_of",
]
