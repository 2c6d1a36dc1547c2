"""Pixels without data of TIFFs compressed with LERC, whose strips and tiles hold a mask of them.

Belongs here: decoding with that mask, which tifffile leaves out. As libtiff and GDAL read it,
floats under it are NaN, and a fourth sample of RGB that is not stored is the mask.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import imagecodecs
import numpy as np
from tifffile import COMPRESSION, TiffPage, TiffPageSeries

from napari_autolut.util.text import counted

Hidden = list[int]
"""How many pixels of each strip or tile are without data."""


def keep_masks(series: TiffPageSeries) -> Hidden:
    """Have the pages of an image decoded with their masks, whatever decodes them.

    Parameters
    ----------
    series : TiffPageSeries
        The image, of any compression.

    Returns
    -------
    list of int
        Filled while pages are decoded; empty for good if none is compressed with LERC.
    """
    hidden: Hidden = []
    if series.keyframe.compression == COMPRESSION.LERC:
        keyframes = {id(page.keyframe): page.keyframe for page in series.pages if page is not None}
        for page in keyframes.values():
            assert page is not None  # all pages of a series have one
            page.decode = _decoder(page, hidden)
    return hidden


def mask_fields(hidden: Sequence[int], dtype: np.dtype[Any]) -> dict[str, Any]:
    """Arguments of `ImageFile` for pixels that were found without data; none where all have."""
    if not (count := sum(hidden)):
        return {}
    words = f"{counted(count, 'pixel')} without data"
    if dtype.kind == "f":
        return {"remarks": (f"{words} (masked) taken as NaN",)}
    return {"not_kept": (f"the mask of {words}",)}


def _decoder(page: TiffPage, hidden: Hidden) -> Callable[..., Any]:
    """What tifffile calls for each strip or tile: with its place and shape, as tifffile gives."""
    places = page.decode
    _, _, height, width, _ = page.shaped

    def decode(data: bytes | None, index: int, /, **options: Any) -> Any:
        empty, place, shape = places(None, index, **options)
        if data is None:
            return empty, place, shape
        found, mask = imagecodecs.lerc_decode(data, masks=True)
        depth, rows, columns, samples = shape
        alpha = samples == 4 and found.shape[-1:] == (3,) and found.dtype == np.uint8
        values = found.reshape(depth, -1, columns, samples - alpha)[:, :rows]
        if mask is None and not alpha:
            return values, place, shape
        there = np.ones((depth, values.shape[1], columns, 1), np.bool_)
        if mask is not None:
            there[...] = mask.reshape(depth, -1, columns, 1)[:, :rows]
        if alpha:
            return np.concatenate([values, there * np.uint8(255)], -1), place, shape
        inside = there[:, : height - place[2], : width - place[3]]
        hidden.append(int(inside.size - np.count_nonzero(inside)))
        return np.where(there, values, np.nan if values.dtype.kind == "f" else 0), place, shape

    return decode
