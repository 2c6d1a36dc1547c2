"""What is taken for an image: arrays that are none are refused, and what is masked is filled.

Belongs here: checks of kind, shape and type, and numpy's masked arrays, before anything is settled;
what was masked is masked in the result. Axes are ``axes.py``, ranges ``value_range.py``; what a
pixel that is NaN becomes is ``blocks.py``.

A masked pixel has a value, which is often the very one that it was masked for, such as that of a
saturated pixel. Nothing of it may flow into pixels around it.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.normalisation import inpainted, to_dtype
from napari_autolut.arrays.value_range import IntensityWarning, Range

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
        What numpy can make an array of.

    Raises
    ------
    TypeError
        If it is no array, such as a file's name, or as :func:`check_image`.
    ValueError
        As :func:`check_image`.
    """
    if image is None or isinstance(image, str | bytes | os.PathLike):
        raise TypeError(f"image: found {image!r}, expected an array; a file has to be read first")
    try:
        array = image if is_dask(image) else np.asanyarray(image)
    except (TypeError, ValueError, RuntimeError) as error:  # ragged lists; tensors with gradients
        kind = type(image).__name__
        raise TypeError(f"image: found a {kind} that makes no array ({error})") from error
    check_image(array.shape, array.dtype)
    return array


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


# --- masks ----------------------------------------------------------------------------------------

FILLED_RADIUS = 32
"""Pixels from the border of what is masked that are filled from its surroundings; a model looks
less far."""


def filled(image: np.ma.MaskedArray[Any, Any], spatial: tuple[int, int]) -> NDArray[Any]:
    """Fill masked pixels with the means of those around them, plane by plane, inwards.

    Parameters
    ----------
    image : numpy.ma.MaskedArray
        Of any real dtype.
    spatial : tuple of int
        Numbers of the row and the column axis.

    Returns
    -------
    numpy.ndarray
        A copy. Planes of which all is masked, and what lies far inside, get the smallest value
        that is not masked.

    Warns
    -----
    IntensityWarning
        With what is done.
    """
    result = np.array(image.data)
    if result.dtype.kind not in "uif" or result.ndim < 2:
        return result  # refused with another sentence
    plain = image.compressed()
    plain = plain[np.isfinite(plain)] if plain.dtype.kind == "f" else plain
    limits = (float(plain.min()), float(plain.max())) if plain.size else (0.0, 0.0)
    planes = np.moveaxis(result, spatial, (-2, -1))
    masks = np.moveaxis(np.ma.getmaskarray(image), spatial, (-2, -1))
    for place in np.ndindex(planes.shape[:-2]):
        mask = masks[place]
        if mask.any():
            holes = np.where(mask, np.nan, planes[place].astype(np.float64))
            values = to_dtype(inpainted(holes, Range(*limits), FILLED_RADIUS), result.dtype)
            planes[place][mask] = values[mask]
    warnings.warn(
        "the image is masked; what is masked is filled from the pixels around it",
        IntensityWarning,
        stacklevel=4,
    )
    return result


def plain_array(image: Any, spatial: tuple[int, int]) -> Any:
    """Take an image as numpy's or dask's array; masked pixels, where there are any, are filled.

    Raises
    ------
    TypeError
        For a dask array of masked arrays.
    """
    if is_dask(image):
        if is_masked(image):
            raise TypeError(MASKED)
        return image
    return filled(image, spatial) if is_masked(image) else np.asarray(image)


def masked_like(
    result: NDArray[Any], image: np.ma.MaskedArray[Any, Any]
) -> np.ma.MaskedArray[Any, Any]:
    """Mask in a result, some axes of which are longer, what was masked in the image."""
    mask = np.ma.getmaskarray(image)
    for axis, (length, before) in enumerate(zip(result.shape, mask.shape, strict=True)):
        if length != before:
            under_centres = (2 * np.arange(length) + 1) * before // (2 * length)
            mask = mask.take(under_centres, axis)
    return np.ma.MaskedArray(result, mask)
