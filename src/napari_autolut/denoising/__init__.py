"""Denoising of arrays by tables: of any axes, channels and dtypes.

Lives here: the public function, and what is settled for an array. Not here: what is done to a plane
(``arrays/denoiser/plane.py``), what noise is (``noise``), training, napari layers and files.
"""

from napari_autolut.arrays.denoiser import Denoiser, WhiteNoiseTable
from napari_autolut.denoising.channels import (
    DenoisingModel,
    Noise,
    check_strength,
    known_sigma,
    settled,
    white_noise_table,
    white_noise_tables,
)
from napari_autolut.denoising.finding import FoundNoise, find_noise
from napari_autolut.denoising.images import denoise, denoise_steps
from napari_autolut.denoising.task import DenoisingTask
from napari_autolut.noise import NoiseWarning
from napari_autolut.noise.doubts import UNSURE

__all__ = [
    "UNSURE",
    "Denoiser",
    "DenoisingModel",
    "DenoisingTask",
    "FoundNoise",
    "Noise",
    "NoiseWarning",
    "WhiteNoiseTable",
    "check_strength",
    "denoise",
    "denoise_steps",
    "find_noise",
    "known_sigma",
    "settled",
    "white_noise_table",
    "white_noise_tables",
]
