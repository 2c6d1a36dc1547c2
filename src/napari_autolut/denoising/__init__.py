"""Denoising of arrays by tables: of any axes, channels and dtypes.

Lives here: what is done to a plane, which table does it, and the public function. Not here: what
noise is (``noise``), training of the tables, napari layers and files.
"""

from napari_autolut.denoising.finding import FoundNoise, find_noise
from napari_autolut.denoising.images import denoise, denoise_steps
from napari_autolut.denoising.planes import Denoiser, WhiteNoiseTable
from napari_autolut.denoising.settling import Noise, NoiseWarning, settled, white_noise_table
from napari_autolut.denoising.task import DenoisingTask

__all__ = [
    "Denoiser",
    "DenoisingTask",
    "FoundNoise",
    "Noise",
    "NoiseWarning",
    "WhiteNoiseTable",
    "denoise",
    "denoise_steps",
    "find_noise",
    "settled",
    "white_noise_table",
]
