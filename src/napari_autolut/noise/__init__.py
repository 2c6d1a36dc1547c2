"""Noise of cameras and detectors: its model, and its estimate from images.

Lives here: Poisson-Gaussian noise models, variance stabilisation and its unbiased inverse. Not
here: how noise is taken away (``denoising``), napari layers and files.
"""

from napari_autolut.noise.doubts import NO_NOISE, warn_of_doubts
from napari_autolut.noise.estimation import (
    noise_of_differences,
    noise_of_planes,
    planes_of,
    sample_of,
)
from napari_autolut.noise.levels import Levels, found_noise
from napari_autolut.noise.model import NoiseModel, NoiseWarning
from napari_autolut.noise.outliers import Sample, sample_without_outliers
from napari_autolut.noise.share import share_of_noise
from napari_autolut.noise.spectrum import as_white
from napari_autolut.noise.stabilisation import invert, stabilise

__all__ = [
    "NO_NOISE",
    "Levels",
    "NoiseModel",
    "NoiseWarning",
    "Sample",
    "as_white",
    "found_noise",
    "invert",
    "noise_of_differences",
    "noise_of_planes",
    "planes_of",
    "sample_of",
    "sample_without_outliers",
    "share_of_noise",
    "stabilise",
    "warn_of_doubts",
]
