"""Images that were filtered or interpolated before: their noise is correlated, as is what is fine.

Belongs here: the words for it, and when there is reason for them. Whether noise is correlated, is
``fitting.py``; how much of it there can be, ``spectrum.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from napari_autolut.noise.darkest import every_other_pixel
from napari_autolut.noise.levels import stabilised_limits
from napari_autolut.noise.model import NoiseModel

MUCH_ELSE = 20.0
"""Range of an image in deviations of correlated noise from which there is fine structure to lose.
Widefield images as they were recorded have 7 to 17, filtered ones of 100 photons and more 19 and
up; below it those gain by 3 dB and more."""

AS_RECORDED = 2.8
"""Deviation of noise in its widest waves, beside its own, of the same widefield images. The wider a
filter was, the more detail is taken for noise: deconvolved tissue has 3 to 4, and has lost up to
1.8 dB from a range of 14 on."""


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
        "neighbouring pixels share their noise, as behind a filter or an interpolation: detail as "
        "fine as that may go with it; compare, or take the image as it was recorded"
    )
