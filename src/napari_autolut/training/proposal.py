"""A degradation that is proposed for images: how small images of their kind are made and how noisy.

Belongs here: what follows from pixels and their noise; no Qt and no torch. The degradation itself
is ``degradation.py``, and finding the noise is ``arrays/noise_estimate.py``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.training.degradation import Degradation
from napari_autolut.util.text import counted

if TYPE_CHECKING:
    from napari_autolut.noise import NoiseModel

MAX_PHOTONS = 5000.0
"""Photons at white above which nobody sees their noise, and none is proposed."""

MIN_NOISE = 0.5
"""Spread of the detector's noise, of 255 levels, below which none is proposed."""

SURE = 0.3
"""Certainty of a noise model from which it is believed."""

MICROGRAPH, PHOTOGRAPH = "micrograph", "photograph"


def proposed(planes: Sequence[NDArray[Any]], scale: int, *, micrographs: bool) -> Degradation:
    """Propose how to make LR images that look like those that will be enlarged.

    The images that a table will enlarge are as noisy as those that it learns from, which come from
    the same instrument. Downscaling by r averages r x r pixels, which leaves 1 / r^2 of the
    variance. So much is added that the LR images are as noisy as the HR images were.

    Parameters
    ----------
    planes : sequence of ndarray, shape (H, W)
        Intensities in [0, 255].
    scale : int
        r, how many times larger the table makes an image, a side.
    micrographs : bool
        Whether a camera or a scanner made them, whose pixels bin light; else they are photographs,
        which programs shrink by bicubic interpolation.

    Returns
    -------
    Degradation
        Without noise where none can be told.
    """
    method = "area" if micrographs else "bicubic"
    found = [model for plane in planes if (model := _noise_of(plane)) is not None]
    if not found:
        return Degradation(method)
    gain, offset = np.median([(each.gain, each.offset_variance) for each in found], axis=0)
    lacking = 1 - 1 / scale**2 if scale > 1 else 1.0
    photons = 255 / (gain * lacking) if gain > 0 else math.inf
    noise = math.sqrt(max(0.0, offset) * lacking)
    return Degradation(
        method,
        noise=round(noise, 1) if noise >= MIN_NOISE else 0.0,
        photons=_rounded(photons) if photons <= MAX_PHOTONS else 0.0,
    )


def look_like_micrographs(dtypes: Sequence[str], planes: Sequence[NDArray[Any]]) -> bool:
    """Whether most images are micrographs: of more than 8 bits, with a dark ground, or noisy.

    Parameters
    ----------
    dtypes : sequence of str
        Of the pixels of each image.
    planes : sequence of ndarray, shape (H, W)
        Intensities in [0, 255], of each image.
    """
    from napari_autolut.arrays.model_choice import is_noisy
    from napari_autolut.arrays.traits import has_dark_ground

    votes = []
    for dtype, plane in zip(dtypes, planes, strict=True):
        levels = [np.rint(plane).astype(np.uint8)]
        votes.append(np.dtype(dtype).itemsize > 1 or has_dark_ground(levels) or is_noisy(levels))
    return 2 * sum(votes) > len(votes)


def proposal_text(how: Degradation) -> str:
    """Say in the users' words what is proposed."""
    method = "binning" if how.method == "area" else "bicubic interpolation"
    noise = [f"{counted(f'{how.photons:,.0f}', 'photon')} at white"] if how.photons else []
    noise += [f"detector noise of {how.noise:g} of 255"] if how.noise else []
    return f"{method}, {' and '.join(noise) or 'no noise'}"


def _noise_of(plane: NDArray[Any]) -> NoiseModel | None:
    """The noise of a plane; None where it cannot be told."""
    from napari_autolut.arrays import estimate_noise

    try:
        model = estimate_noise(plane)
    except ValueError:  # nothing but saturated or constant blocks
        return None
    return None if model.is_none or model.certainty < SURE else model


def _rounded(value: float) -> float:
    """A number with two digits that are not 0."""
    return round(value, 1 - math.floor(math.log10(value)))
