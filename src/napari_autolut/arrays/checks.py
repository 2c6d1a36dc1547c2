"""What is refused before anything is settled: arrays that are no images.

Belongs here: checks of shape and type. Axes are ``axes.py``, ranges ``value_range.py``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

MASKED = (
    "image: found a masked array, expected a plain one, as the mask would be lost and what is "
    "masked would flow into its surroundings; fill it with NaN first: "
    "image.astype(float).filled(float('nan')), for dask dask.array.ma.filled(...)"
)
"""What masked arrays are refused with."""


def is_masked(image: Any) -> bool:
    """Whether something of an image is masked, or may be: a dask array's chunks are not looked at.

    ``image`` is an array of any kind.
    """
    masked: bool = np.ma.is_masked(image)
    return masked or isinstance(getattr(image, "_meta", None), np.ma.MaskedArray)


def is_dask(image: Any) -> bool:
    """Whether it is a dask array, without importing dask for it."""
    dask_array = sys.modules.get("dask.array")
    return dask_array is not None and isinstance(image, dask_array.Array)


def check_image(shape: Sequence[int], dtype: np.dtype[Any]) -> None:
    """Refuse what is no image.

    Raises
    ------
    TypeError
        For bool, complex, object and text arrays.
    ValueError
        For fewer than 2 axes, axes without pixels, and dask axes of unknown length.
    """
    if dtype.kind == "b":
        raise TypeError(
            "image dtype: found bool, expected intensities; enlarge masks and labels with "
            "nearest-neighbour interpolation instead (as a Labels layer)"
        )
    if dtype.kind not in "uif" or dtype.itemsize > 8:
        raise TypeError(
            f"image dtype: found {dtype}, expected integers or floats of at most 64 bits; "
            "convert the image first"
        )
    if len(shape) < 2:
        raise ValueError(f"image: found {len(shape)} axes, expected at least 2 (rows and columns)")
    if any(side != side for side in shape):
        raise ValueError(
            f"image: found a dask array of unknown shape {tuple(shape)}, expected a known one; "
            "call its compute_chunk_sizes() first"
        )
    if 0 in shape:
        raise ValueError(f"image: found shape {tuple(shape)}, expected at least 1 pixel an axis")
