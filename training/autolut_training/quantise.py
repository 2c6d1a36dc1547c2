"""Storing float tables as int8 with one scale for each table."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def nearest_int8(values: NDArray[np.float32]) -> tuple[NDArray[np.int8], float]:
    """Nearest int8 values and the scale that gives the floats back: ``values ~ int8 * scale``."""
    scale = float(np.abs(values).max()) / 127 or 1.0
    return np.rint(values / scale).astype(np.int8), scale
