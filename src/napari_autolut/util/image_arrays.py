"""What a caller gives as an image, as an array: what is taken for one, and what is refused.

Belongs here: what can be said of an array of any kind by its type and shape alone. Which of its
axes are which is ``arrays/image.py``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

PILLOW_MODES = ("L", "RGB", "RGBA", "F", "I", "I;16", "I;16L", "I;16B", "I;16N", "1")
"""Modes of Pillow's images whose numbers are intensities, or colours that are red, green, blue and
straight alpha; of the last one, bits, another sentence says what they are."""

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


def as_image(image: Any) -> Any:
    """Take what a caller gave as an array of numpy, or of dask where it is one.

    Parameters
    ----------
    image : array_like
        What numpy can make an array of, or dask's array, which one with names may hold.

    Raises
    ------
    TypeError
        If it is no array, such as a file's name, or an image of Pillow whose numbers are no
        intensities, such as those of a palette; or as :func:`check_image`.
    ValueError
        As :func:`check_image`.
    """
    if image is None or isinstance(image, str | bytes | os.PathLike):
        raise TypeError(f"image: found {image!r}, expected an array; a file has to be read first")
    if axis_names(image) and is_dask(image.data):
        image = image.data
    _check_pillow_mode(image)
    try:
        array = image if is_dask(image) else np.asanyarray(image)
    except (TypeError, ValueError, RuntimeError) as error:  # ragged lists; tensors with gradients
        kind = type(image).__name__
        raise TypeError(f"image: found a {kind} that makes no array ({error})") from error
    if array.dtype == object and array.ndim == 0:
        raise TypeError(f"image: found a {type(image).__name__} that makes no array")
    check_image(array.shape, array.dtype)
    return array


def _check_pillow_mode(image: Any) -> None:
    """Refuse images of Pillow that hold places in a palette, inks or other colours than RGB."""
    pillow = sys.modules.get("PIL.Image")
    if pillow is not None and isinstance(image, pillow.Image) and image.mode not in PILLOW_MODES:
        raise TypeError(
            f"image: found one of Pillow with the mode {image.mode}, expected L, RGB, RGBA, I;16, "
            'I or F; convert it first, as with image.convert("RGB")'
        )


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


def axis_names(image: Any) -> tuple[str, ...]:
    """Names of the axes of an xarray, in lower case; none of other arrays."""
    names = getattr(image, "dims", ())
    return tuple(str(name).lower() for name in names) if isinstance(names, tuple) else ()
