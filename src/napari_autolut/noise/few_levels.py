"""What a user should know of images whose whole grey levels are coarser than their contents.

Belongs here: the warning, and when there is reason for it. Denoising and enlarging say it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

FEW_LEVELS = 2.0
"""Mean above the lowest intensity, in whole grey levels, below which rounding shifts it."""


def few_levels_doubt(planes: Sequence[NDArray[Any]]) -> str:
    """Say where whole grey levels are coarser than what is left of an image without its noise.

    Parameters
    ----------
    planes : sequence of ndarray, shape (H, W)
        A sample of its planes, one or more.

    Returns
    -------
    str
        Empty but for integers whose mean is next to the lowest one.
    """
    if planes[0].dtype.kind == "f":
        return ""
    mean = float(np.mean([plane.mean() for plane in planes]))
    above = mean - min(float(plane.min()) for plane in planes)
    if not 0 < above < FEW_LEVELS:
        return ""
    return (
        f"the mean is {above:.2g} grey levels above the lowest one, and the result is rounded "
        "to whole ones, which shifts it; to keep it, convert the image to float32 first"
    )
