"""The Denoise dock's field of noise: where it comes from, what it is, its numbers.

Lives here: the field, the search in open images behind it, and its words. Not here: how noise is
found (``denoising/finding.py``), and the dock's other fields.
"""

from napari_autolut.widgets.denoise.noise.field import (
    SEARCHING,
    NoiseField,
    StillSearchingError,
)

__all__ = ["SEARCHING", "NoiseField", "StillSearchingError"]
