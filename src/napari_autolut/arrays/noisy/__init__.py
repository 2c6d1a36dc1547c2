"""Upscaling of noisy images: which channels are noisy, and what enlarges each of them.

Lives here: the task, what enlarges one plane, and how that is chosen. Not here: how noise is taken
away (``arrays/denoiser``), what noise is (``noise``), and clean images (``arrays/task.py``).
"""

from napari_autolut.arrays.noisy.enlarger import NoisyEnlarger
from napari_autolut.arrays.noisy.task import (
    Noise,
    NoisyTask,
    check_noise,
    noise_of,
    noise_of_each,
    noise_text,
    task_for,
    widest_halo,
)

__all__ = [
    "Noise",
    "NoisyEnlarger",
    "NoisyTask",
    "check_noise",
    "noise_of",
    "noise_of_each",
    "noise_text",
    "task_for",
    "widest_halo",
]
