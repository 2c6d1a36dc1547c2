"""Numpy's masked arrays: what is masked is filled, and masked again in the result.

Belongs here: pixels whose owner says that they are none. A masked pixel has a value, which is often
the very one that it was masked for, such as that of a saturated pixel. Nothing of it may flow into
pixels around it. What a pixel that is NaN becomes is ``holes.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.holes import inpainted
from napari_autolut.arrays.normalisation import to_dtype
from napari_autolut.arrays.value_range import IntensityWarning, Range
from napari_autolut.util.warning import warn

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
    warn(
        "the image is masked; what is masked is filled from the pixels around it",
        IntensityWarning,
    )
    return result


def masked_like(
    result: NDArray[Any], image: np.ma.MaskedArray[Any, Any]
) -> np.ma.MaskedArray[Any, Any]:
    """Mask in a result, some axes of which are longer, what was masked in the image."""
    mask = np.ma.getmaskarray(image)
    for axis, (length, before) in enumerate(zip(result.shape, mask.shape, strict=True)):
        if length != before:
            under_centres = (2 * np.arange(length, dtype=np.int64) + 1) * before // (2 * length)
            mask = mask.take(under_centres, axis)
    return np.ma.MaskedArray(result, mask)
