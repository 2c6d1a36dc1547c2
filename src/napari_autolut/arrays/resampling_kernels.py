"""The kernel that resamples rows, compiled.

Belongs here: the inner loops of ``resampled.py``, which has the same sums in plain numpy.
"""

from __future__ import annotations

from typing import Any

from napari_autolut.engine.compilation import kernel


@kernel
def weighted_rows(plane: Any, weights: Any, indices: Any, out: Any) -> None:
    """Make each row of ``out`` the sum of rows of a plane, weighted, in the order of the taps."""
    for row in range(len(out)):
        for x in range(out.shape[1]):
            out[row, x] = 0
        for tap in range(weights.shape[1]):
            weight, index = weights[row, tap], indices[row, tap]
            for x in range(out.shape[1]):
                out[row, x] += weight * plane[index, x]
