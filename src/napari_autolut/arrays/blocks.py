"""The pixels of one box of planes, of any real type: through a model, or by interpolation.

Belongs here: what makes each result depend on the pixels around it and never on where boxes begin.
Which blocks there are, and which range and model hold for each, is ``task.py``.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.bicubic import resize
from napari_autolut.arrays.normalisation import (
    PixelWriter,
    denormalise,
    inpainted,
    levels_within,
    non_finite_mask,
    normalise,
    out_of_range_residual,
    to_dtype,
)
from napari_autolut.arrays.value_range import Range
from napari_autolut.engine import PlaneEngine, Planes
from napari_autolut.model import LutModel
from napari_autolut.util.boxes import Box
from napari_autolut.util.keys_cubic import BICUBIC_RADIUS

Pixels = NDArray[Any]

_unrounded: WeakKeyDictionary[LutModel, LutModel] = WeakKeyDictionary()
"""The same one at every call, so that it is planned once."""


def halo_radius(model: LutModel, dtype: np.dtype[Any]) -> int:
    """Pixels around a block that can influence it; twice as many where NaN must be inpainted."""
    return _margin(model) * (2 if dtype.kind == "f" else 1)


def model_for(model: LutModel, value_range: Range) -> LutModel:
    """The model without its rounding, unless pixel values are the model's own intensities.

    Published models round to integers because their images have 8 bits; in any other range that
    would leave an image 256 different values.
    """
    if model.rounding == "none" or value_range.is_identity:
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
    model : LutModel
        The look-ups to do.
    planes : numpy.ndarray, shape (N, H, W)
        Of any real dtype.
    box : Box
        The rows and columns that are wanted.
    value_range : Range
        Pixel values that stand for the model's 0 and 255.
    engine : PlaneEngine
        What runs the model.
    out : numpy.ndarray, shape (N, h * r, w * r)
        Gets the result, rounded where it has integers; NaN and infinite pixels become blocks of
        the same.
    """
    outer = box.grown(_margin(model), _shape(planes))
    inner = box.within(outer).times(model.scale).slices
    put_rows = partial(_put_rows, inner, PixelWriter(value_range, out))
    intensities = levels_within(planes[:, *outer.slices], value_range)
    if intensities is not None:
        engine.rows(model, intensities, put_rows)
        return
    pixels = finite_part(planes, outer, value_range, _margin(model))
    residual = out_of_range_residual(pixels, value_range)
    if residual is None and not value_range.is_flat:
        engine.rows(model, normalise(pixels, value_range), put_rows)
    else:
        for number, target in enumerate(out):
            values = np.full(target.shape, value_range.lo, np.float64)
            if not value_range.is_flat:
                result = engine(model, normalise(pixels[number], value_range))
                values = denormalise(result[inner], value_range, planes.dtype)
            if residual is not None:
                values = values + resize(residual[number], model.scale)[inner]
            target[...] = to_dtype(values, out.dtype)
    put_non_finite(planes[:, *box.slices], model.scale, out)


def _put_rows(part: tuple[slice, slice], write: PixelWriter, first: int, rows: Planes) -> None:
    """Write what ``part`` of the result has of some rows, from ``first`` on, as pixels."""
    wanted, columns = part
    top, bottom = max(first, wanted.start), min(first + rows.shape[1], wanted.stop)
    if top < bottom:
        write(rows, (slice(top - first, bottom - first), columns), top - wanted.start)


def interpolate_box(
    model: LutModel, planes: Pixels, box: Box, value_range: Range, out: Pixels
) -> None:
    """Enlarge one box by bicubic interpolation, clipped to a range, as for alpha; no look-ups.

    ``planes`` and ``out`` are those of :func:`upscale_box`.
    """
    outer = box.grown(_margin(model), _shape(planes))
    pixels = finite_part(planes, outer, value_range, _margin(model)).astype(np.float64)
    rows, columns = box.within(outer).times(model.scale).slices
    values = resize(pixels, model.scale, (1, 2))[:, rows, columns]
    values = np.clip(values, value_range.lo, value_range.hi)
    out[...] = to_dtype(values, out.dtype)
    put_non_finite(planes[:, *box.slices], model.scale, out)


def visible_colours(
    planes: Pixels, alpha: Pixels, box: Box, value_range: Range, radius: int, step: int = 1
) -> tuple[Pixels, Box]:
    """Fill colours that nobody sees, so that they do not bleed into the edge of what is seen.

    Where alpha is 0, colours are inpainted from those around it.

    Parameters
    ----------
    planes : numpy.ndarray, shape (3, H, W)
        The colours.
    alpha : numpy.ndarray, shape (H, W)
        Their opacity.
    box : Box
        The rows and columns that are wanted.
    value_range : Range
        As for :func:`upscale_box`.
    radius : int
        How many pixels away a hidden one can be and still matter.
    step : int, default 1
        What rows and columns begin at a multiple of in what is given.

    Returns
    -------
    planes : numpy.ndarray, shape (3, h, w)
        The colours, or those around the box alone where some had to be filled.
    box : Box
        The box within them.
    """
    outer = box.grown(radius, _shape(planes)).aligned(step, _shape(planes))
    if alpha[outer.slices].all():
        return planes, box
    wide = outer.grown(radius, _shape(planes))
    hidden, inner = alpha[wide.slices] == 0, outer.within(wide).slices
    filled = []
    for colour in planes[:, *wide.slices]:
        holes = np.where(hidden, np.nan, colour.astype(np.float64))
        around = to_dtype(inpainted(holes, value_range, radius), planes.dtype)
        filled.append(np.where(hidden, around, colour)[inner])
    return np.stack(filled), box.within(outer)


def _margin(model: LutModel) -> int:
    return max(model.halo, BICUBIC_RADIUS)


def _shape(planes: Pixels) -> tuple[int, int]:
    _, height, width = planes.shape
    return height, width


def finite_part(planes: Pixels, box: Box, value_range: Range, margin: int) -> Pixels:
    """Pixels of a box; where some are not finite, inpainted from ``margin`` pixels around."""
    pixels: Pixels = planes[:, *box.slices]
    if non_finite_mask(pixels) is None:
        return pixels
    wide = box.grown(margin, _shape(planes))
    around = planes[:, *wide.slices]
    return np.stack([inpainted(each, value_range, margin) for each in around])[
        :, *box.within(wide).slices
    ]


def put_non_finite(source: Pixels, scale: int, out: Pixels) -> None:
    """Put NaN and infinite pixels of the source back in, enlarged to blocks."""
    mask = non_finite_mask(source)
    if mask is not None:
        enlarged = _repeated(mask, scale)
        out[enlarged] = _repeated(source, scale)[enlarged]


def put_values(
    values: NDArray[np.float64], planes: Pixels, box: Box, outer: Box, out: Pixels
) -> None:
    """Put what was made of the pixels of a grown box where the box's own result is.

    Parameters
    ----------
    values : numpy.ndarray, shape (N, H * r, W * r)
        Of the finite pixels of ``outer``.
    planes : numpy.ndarray, shape (N, H, W)
        The planes; their NaN and infinite pixels become blocks of the same.
    box, outer : Box
        The rows and columns that are wanted, and those with the pixels around them.
    out : numpy.ndarray, shape (N, h * r, w * r)
        Gets the result.
    """
    scale = out.shape[1] // (box.bottom - box.top)
    inner = box.within(outer).times(scale)
    out[...] = to_dtype(values[:, *inner.slices], out.dtype)
    put_non_finite(planes[:, *box.slices], scale, out)


def _repeated(planes: Pixels, scale: int) -> Pixels:
    return np.repeat(np.repeat(planes, scale, axis=1), scale, axis=2)
