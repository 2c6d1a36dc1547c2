"""One tile of an image of any real type: intensities in, the model, intensities out.

Belongs here: what happens to the pixels of a tile, so that each result depends on the pixels around
it and never on where tiles begin. Cutting an image into tiles is ``tiles.py`` and ``arrays.py``.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.bicubic import resize
from napari_autolut.engine import PlaneEngine
from napari_autolut.engine.intensity import (
    Range,
    filled,
    from_levels,
    missing,
    outside,
    to_dtype,
    to_levels,
)
from napari_autolut.engine.pixels import put_pixels
from napari_autolut.engine.tiles import Box
from napari_autolut.model import LutModel

Pixels = NDArray[Any]

BICUBIC_REACH = 2
"""Pixels on each side that bicubic enlargement looks at."""


def reach(model: LutModel, dtype: np.dtype[Any]) -> int:
    """Pixels around a tile that can influence it; twice as many where NaN must be filled."""
    return _margin(model) * (2 if dtype.kind == "f" else 1)


def suited_to(model: LutModel, value_range: Range) -> LutModel:
    """The model without its rounding, unless pixel values are the model's own levels.

    Published models round to whole levels because their images have 8 bits; on any other scale
    that would leave an image 256 different values.
    """
    if model.rounding == "none" or value_range.is_native:
        return model
    return replace(model, rounding="none")


def upscale_box(
    model: LutModel,
    plane: Pixels,
    box: Box,
    value_range: Range,
    engine: PlaneEngine,
    out: Pixels,
) -> None:
    """Upscale one box of a plane.

    Parameters
    ----------
    model : the look-ups to do
    plane : (H, W) of any dtype that ``intensity.check_dtype`` lets through
    box : the part that is wanted
    value_range : pixel values that stand for the model's 0 and 255
    engine : what runs the model
    out : (h * r, w * r) of the plane's dtype, gets the result; NaN and infinite pixels become
        blocks of the same
    """
    outer = box.grown(_margin(model), _shape(plane))
    pixels = _finite(plane, outer, value_range, _margin(model))
    inner = box.within(outer).times(model.scale).slices
    excess = outside(pixels, value_range)
    if value_range.is_flat:
        height, width = (part.stop - part.start for part in inner)
        values = np.full((height, width), value_range.lo, np.float64)
    else:
        levels = to_levels(pixels, value_range)
        if excess is None:
            engine.rows(model, levels, partial(_put_rows, inner, value_range, out))
            _put_missing(plane[box.slices], model.scale, out)
            return
        values = from_levels(engine(model, levels)[inner], value_range, plane.dtype)
    if excess is not None:
        values = values + resize(excess, model.scale)[inner]
    out[...] = to_dtype(values, plane.dtype)
    _put_missing(plane[box.slices], model.scale, out)


def _put_rows(
    part: tuple[slice, slice],
    value_range: Range,
    out: Pixels,
    first: int,
    levels: NDArray[np.float32],
) -> None:
    """Write what ``part`` of the result has of some rows, from ``first`` on, as pixels."""
    rows, columns = part
    top, bottom = max(first, rows.start), min(first + len(levels), rows.stop)
    if top < bottom:
        here = slice(top - first, bottom - first), columns
        put_pixels(levels, here, value_range, out[top - rows.start : bottom - rows.start])


def enlarge_box(model: LutModel, plane: Pixels, box: Box, value_range: Range, out: Pixels) -> None:
    """Enlarge one box by bicubic interpolation within a range, as for alpha; no look-ups."""
    outer = box.grown(_margin(model), _shape(plane))
    pixels = _finite(plane, outer, value_range, _margin(model)).astype(np.float64)
    values = resize(pixels, model.scale)[box.within(outer).times(model.scale).slices]
    values = np.clip(values, value_range.lo, value_range.hi)
    out[...] = to_dtype(values, plane.dtype)
    _put_missing(plane[box.slices], model.scale, out)


def _margin(model: LutModel) -> int:
    return max(model.halo, BICUBIC_REACH)


def _shape(plane: Pixels) -> tuple[int, int]:
    height, width = plane.shape
    return height, width


def _finite(plane: Pixels, box: Box, value_range: Range, margin: int) -> Pixels:
    """Pixels of a box; where some are not finite, all filled in from ``margin`` pixels around."""
    pixels: Pixels = plane[box.slices]
    if missing(pixels) is None:
        return pixels
    wide = box.grown(margin, _shape(plane))
    return filled(plane[wide.slices], value_range, margin)[box.within(wide).slices]


def _put_missing(source: Pixels, scale: int, out: Pixels) -> None:
    """Put NaN and infinite pixels of the source back in, enlarged to blocks."""
    mask = missing(source)
    if mask is not None:
        enlarged = _as_blocks(mask, scale)
        out[enlarged] = _as_blocks(source, scale)[enlarged]


def _as_blocks(plane: Pixels, scale: int) -> Pixels:
    return np.repeat(np.repeat(plane, scale, axis=0), scale, axis=1)
