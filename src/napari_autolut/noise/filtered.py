"""Images that were filtered or interpolated before: their noise is correlated, as is what is fine.

Belongs here: the words for it, and when there is reason for them. Whether noise is correlated, is
``fitting.py``; how much of it there can be, ``spectrum.py``; how far such an image is interpolated,
``levels.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from napari_autolut.noise.darkest import every_other_pixel
from napari_autolut.noise.levels import stabilised_limits
from napari_autolut.noise.model import NoiseModel

MUCH_ELSE = 13.0
"""Range of an image in deviations of correlated noise from which there is fine structure to lose.
Texture that is as fine as the noise of such images has 14 to 19 and loses up to 8 dB. Widefield
images as they were recorded have 7, 9 and 17."""

AS_RECORDED = 2.8
"""Deviation of noise in its widest waves, beside its own, of these widefield images. The wider a
filter was, the more detail is taken for noise: deconvolved tissue has 3 to 4."""

SOFT = 0.5
"""Share of interpolation from which a user is told."""


def softness_doubt(noise: NoiseModel) -> str:
    """Say where an image is more interpolated than made sharper.

    Parameters
    ----------
    noise : NoiseModel
        What :func:`~napari_autolut.noise.levels.found_noise` found.

    Returns
    -------
    str
        Empty where it is not.
    """
    if noise.softness < SOFT:
        return ""
    return (
        "the image looks as if it had been filtered, enlarged or saved as JPEG or WebP before: it "
        "is interpolated, for sharpening would make traces of that stronger; take the image as it "
        "was recorded, or enlarge this one as it is, without looking for noise"
    )


def filtered_doubt(planes: Sequence[NDArray[Any]], noise: NoiseModel) -> str:
    """Say where noise has gone through a filter, so that fine structure looks like it.

    Parameters
    ----------
    planes : sequence of ndarray, shape (H, W)
        A sample of planes, one or more.
    noise : NoiseModel
        Correlated noise that was found in them.

    Returns
    -------
    str
        Empty where the noise is so strong that little else is fine.
    """
    _, (low, high), _ = stabilised_limits(every_other_pixel(planes), noise)
    if (high - low) * max(1.0, noise.widest_waves / AS_RECORDED) < MUCH_ELSE:
        return ""
    return (
        "neighbouring pixels share their noise, as behind a filter, an interpolation or in some "
        "widefield images: detail as fine as that may go with it; compare, and take the image as "
        "it was recorded if this one is not"
    )
