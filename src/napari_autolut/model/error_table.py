"""How far a model's answers are from the truth, as a table over features of the image.

Belongs here: the table and its rules. How it is looked up is ``arrays/error_features.py``, how it
is fitted ``training/expected_error.py``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_autolut.model.errors import is_finite, require

MAX_NODES_OF_AXIS = 64
MAX_LOG = 64.0
"""Bound of the binary logarithms that a table and its axes hold."""


@dataclass(frozen=True, eq=False)
class ErrorTable:
    """The 90 % quantile of a model's absolute error, over three features of the LR neighbourhood.

    Parameters
    ----------
    values : ndarray of float32, shape (A, B, C)
        Binary logarithms of errors in the model's intensities, 0 to 255, on a regular grid.
    limits : tuple of three pairs of float
        Binary logarithms of the features at the first and the last node of each axis.

    Raises
    ------
    ModelError
        If shapes, limits or values are not those of such a table.
    """

    values: NDArray[np.float32]
    limits: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        shape, dtype = self.values.shape, str(self.values.dtype)
        require(dtype == "float32", "error table dtype", dtype, "float32")
        fits = len(shape) == 3 and all(2 <= size <= MAX_NODES_OF_AXIS for size in shape)
        require(fits, "error table shape", shape, f"three axes of 2 to {MAX_NODES_OF_AXIS} nodes")
        bounded = is_finite(self.values) and bool((abs(self.values) <= MAX_LOG).all())
        require(bounded, "error table values", "NaN or large ones", f"-{MAX_LOG:g} to {MAX_LOG:g}")
        pairs = len(self.limits) == 3 and all(len(pair) == 2 for pair in self.limits)
        ordered = pairs and all(-MAX_LOG <= lo < hi <= MAX_LOG for lo, hi in self.limits)
        require(ordered, "error table limits", self.limits, "three pairs lo < hi")
        object.__setattr__(self, "values", np.ascontiguousarray(self.values))
