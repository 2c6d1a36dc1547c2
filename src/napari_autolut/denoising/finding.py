"""What an image tells of its noise, for people: the model, and which intensities it is about.

Belongs here: looking at each channel, and saying why one tells nothing. The estimate itself is
``noise``; what follows from it for denoising is ``channels.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from napari_autolut.arrays import Axes
from napari_autolut.noise import NoiseModel, noise_of_planes, sample_of
from napari_autolut.noise.doubts import doubts

NONE = NoiseModel(0.0, 0.0)
QUANTILES = 0.001, 0.99
"""Fractions of pixels that are darker than what counts as dark and as bright."""

NOT_FOUND = (
    "its noise cannot be found: all places are too small, constant, or cut off at black or white"
)


@dataclass(frozen=True)
class FoundNoise:
    """The noise of a channel, as the channel itself tells it.

    Parameters
    ----------
    model : NoiseModel
        The noise; none where none was found.
    dark, bright : float
        Intensities that nearly all pixels, and one in a hundred, exceed.
    problem : str
        Why nothing can be told; empty where it can.
    doubts : tuple of str
        Why the noise may not be right, or not for all of the channel.
    """

    model: NoiseModel
    dark: float
    bright: float
    problem: str = ""
    doubts: tuple[str, ...] = ()


def find_noise(array: Any, axes: Axes) -> tuple[FoundNoise, ...]:
    """Look for the noise of each channel or colour of an image.

    Parameters
    ----------
    array : array_like
        Of a real dtype; of a lazy one only samples are computed.
    axes : Axes
        What its axes are.

    Returns
    -------
    tuple of FoundNoise
        One for each channel or colour, none for alpha; one for all where there are no channels.
    """
    return tuple(_found(each) for each in axes.channels(array, alpha=False))


def _found(channel: Any) -> FoundNoise:
    pieces, outliers = sample_of(channel)
    values = np.concatenate([piece[np.isfinite(piece)].astype(np.float64) for piece in pieces])
    if not values.size:
        return FoundNoise(NONE, 0.0, 0.0, "no pixel is a finite number")
    dark, bright = (float(each) for each in np.quantile(values, QUANTILES))
    if values.min() == values.max():
        return FoundNoise(NONE, dark, bright, f"all pixels have the value {dark:.6g}")
    try:
        model = noise_of_planes(pieces)
    except ValueError:
        return FoundNoise(NONE, dark, bright, NOT_FOUND)
    return FoundNoise(model, dark, bright, doubts=doubts(pieces, model, outliers))
