"""One tile of planes of any real type: intensities in, the model, intensities out.

Belongs here: what happens to the pixels of a tile, so that each result depends on the pixels around
it and never on where tiles begin. Cutting an image into tiles is ``tiles.py`` and ``arrays.py``.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.bicubic import resize
from napari_autolut.arrays.pixels import PixelWriter, levels_within
from napari_autolut.arrays.value_range import (
    Range,
    filled,
    from_levels,
    missing,
    outside,
    to_dtype,
    to_levels,
)
from napari_autolut.engine import PlaneEngine, Planes
from napari_autolut.model.graph import LutModel
from napari_autolut.util.boxes import Box

Pixels = NDArray[Any]

_unrounded: WeakKeyDictionary[LutModel, LutModel] = WeakKeyDictionary()
"""The same one at every call, so that it is planned once."""

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
    if model not in _unrounded:
        _unrounded[model] = replace(model, rounding="none")
    return _unrounded[model]


def upscale_box(
    model: LutModel,
    planes: Pixels,
    box: Box,
    value_range: Range,
    engine: PlaneEngine,
    out: Pixels,
) -> None:
    """Upscale one box of some planes.

    Parameters
    ----------
    model : the look-ups to do
    planes : (N, H, W) of any dtype that ``intensity.check_dtype`` lets through
    box : the part that is wanted
    value_range : pixel values that stand for the model's 0 and 255
    engine : what runs the model
    out : (N, h * r, w * r) of the planes' dtype, gets the result; NaN and infinite pixels become
        blocks of the same
    """
    outer = box.grown(_margin(model), _shape(planes))
    inner = box.within(outer).times(model.scale).slices
    put_rows = partial(_put_rows, inner, PixelWriter(value_range, out))
    levels = levels_within(planes[:, *outer.slices], value_range)
    if levels is not None:
        engine.rows(model, levels, put_rows)
        return
    pixels = _finite(planes, outer, value_range, _margin(model))
    excess = outside(pixels, value_range)
    if excess is None and not value_range.is_flat:
        engine.rows(model, to_levels(pixels, value_range), put_rows)
    else:
        for number, target in enumerate(out):
            values = np.full(target.shape, value_range.lo, np.float64)
            if not value_range.is_flat:
                result = engine(model, to_levels(pixels[number], value_range))
                values = from_levels(result[inner], value_range, planes.dtype)
            if excess is not None:
                values = values + resize(excess[number], model.scale)[inner]
            target[...] = to_dtype(values, planes.dtype)
    _put_missing(planes[:, *box.slices], model.scale, out)


def _put_rows(part: tuple[slice, slice], write: PixelWriter, first: int, levels: Planes) -> None:
    """Write what ``part`` of the result has of some rows, from ``first`` on, as pixels."""
    rows, columns = part
    top, bottom = max(first, rows.start), min(first + levels.shape[1], rows.stop)
    if top < bottom:
        write(levels, (slice(top - first, bottom - first), columns), top - rows.start)


def enlarge_box(model: LutModel, planes: Pixels, box: Box, value_range: Range, out: Pixels) -> None:
    """Enlarge one box by bicubic interpolation within a range, as for alpha; no look-ups.

    ``planes`` and ``out`` are those of :func:`upscale_box`.
    """
    outer = box.grown(_margin(model), _shape(planes))
    pixels = _finite(planes, outer, value_range, _margin(model)).astype(np.float64)
    rows, columns = box.within(outer).times(model.scale).slices
    values = resize(pixels, model.scale, (1, 2))[:, rows, columns]
    values = np.clip(values, value_range.lo, value_range.hi)
    out[...] = to_dtype(values, planes.dtype)
    _put_missing(planes[:, *box.slices], model.scale, out)


def _margin(model: LutModel) -> int:
    return max(model.halo, BICUBIC_REACH)


def _shape(planes: Pixels) -> tuple[int, int]:
    _, height, width = planes.shape
    return height, width


def _finite(planes: Pixels, box: Box, value_range: Range, margin: int) -> Pixels:
    """Pixels of a box; where some are not finite, all filled in from ``margin`` pixels around."""
    pixels: Pixels = planes[:, *box.slices]
    if missing(pixels) is None:
        return pixels
    wide = box.grown(margin, _shape(planes))
    around = planes[:, *wide.slices]
    return np.stack([filled(each, value_range, margin) for each in around])[
        :, *box.within(wide).slices
    ]


def _put_missing(source: Pixels, scale: int, out: Pixels) -> None:
    """Put NaN and infinite pixels of the source back in, enlarged to blocks."""
    mask = missing(source)
    if mask is not None:
        enlarged = _as_blocks(mask, scale)
        out[enlarged] = _as_blocks(source, scale)[enlarged]


def _as_blocks(planes: Pixels, scale: int) -> Pixels:
    return np.repeat(np.repeat(planes, scale, axis=1), scale, axis=2)
