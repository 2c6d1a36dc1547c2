"""Numbers of regions as pixels. Belongs here: what tests of labels share."""

from __future__ import annotations

import numpy as np

SIZES = {"Y": 0.5, "X": 0.25}


def numbers(dtype: str = "uint16") -> np.ndarray:
    """Regions of one number each, among them the largest of the type."""
    few = np.array([[0, 7, 0], [3, 0, 9], [0, 12, 4]], dtype)
    few[0, 1] = np.iinfo(dtype).max
    return np.kron(few, np.ones((20, 16), dtype))


def doubled(data: np.ndarray) -> np.ndarray:
    return np.repeat(np.repeat(data, 2, -2), 2, -1)
