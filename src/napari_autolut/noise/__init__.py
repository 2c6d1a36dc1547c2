"""Noise of cameras and detectors: its model, its estimate, and how it is taken away.

Lives here: Poisson-Gaussian noise models, variance stabilisation and its unbiased inverse, and
denoising by tables. Not here: training of those tables, napari layers and files.
"""

from napari_autolut.noise.denoising import NoiseWarning, denoise, denoise_steps
from napari_autolut.noise.estimation import estimate_noise
from napari_autolut.noise.model import NoiseModel

__all__ = ["NoiseModel", "NoiseWarning", "denoise", "denoise_steps", "estimate_noise"]
