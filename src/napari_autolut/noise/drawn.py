"""Images that were drawn: their two grey levels are no noise.

Belongs here: telling masks, text and chessboards from photons that are counted one by one. How much
noise there is, is ``estimation.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.noise.model import NoiseModel

SAMPLE = 16
"""Distance of the pixels that are looked at first."""


def is_drawn(planes: Sequence[NDArray[Any]], noise: NoiseModel) -> bool:
    """Whether planes have two grey levels, and these are not no photon and one.

    Parameters
    ----------
    planes : sequence of ndarray, shape (H, W)
        A sample of planes with one noise, not all of them empty.
    noise : NoiseModel
        What was taken for their noise.

    Returns
    -------
    bool
        False where a photon is about as large as the step between both levels.
    """
    filled = [plane for plane in planes if plane.size]
    low, high = min(map(np.min, filled)), max(map(np.max, filled))
    if noise.gain > (float(high) - float(low)) / 2:
        return False
    parts = (plane[::step, ::step] for step in (SAMPLE, 1) for plane in filled)
    return all(bool(((part == low) | (part == high)).all()) for part in parts)
