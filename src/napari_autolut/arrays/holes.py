"""Pixels that are no intensities: NaN, infinite ones, and colours that nobody sees.

Belongs here: what is put in their place, so that they do not spread, and that NaN and infinite ones
come back in the result. What is masked is ``masks.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.normalisation import to_dtype
from napari_autolut.arrays.value_range import Range
from napari_autolut.util.boxes import Box

Pixels = NDArray[Any]

LARGEST = float(np.finfo(np.float64).max) / 4
"""What lies beyond counts as infinite: marks of no data, of which sums would overflow."""


def non_finite_mask(pixels: NDArray[Any]) -> NDArray[np.bool_] | None:
    """Mask of NaN and infinite pixels, and of those beyond :data:`LARGEST`; None if none is so."""
    if pixels.dtype.kind != "f":
        return None
    wide = pixels.dtype.itemsize >= np.dtype(np.float64).itemsize
    mask = ~(np.abs(pixels) <= LARGEST) if wide else ~np.isfinite(pixels)
    return mask if mask.any() else None


def inpainted(pixels: NDArray[Any], value_range: Range, radius: int) -> NDArray[np.float64]:
    """Fill NaN and infinite pixels of a plane, as context for the pixels around.

    Infinite pixels take the limit of the range. NaN takes the mean of its neighbours, pixel by
    pixel inwards for ``radius`` pixels, and the lower limit beyond: far enough in, no result
    depends on it. An inpainted pixel depends on nothing more than ``radius`` pixels away.

    Parameters
    ----------
    pixels : numpy.ndarray, shape (H, W)
        Of floats.
    value_range : Range
        Its limits stand for infinite pixels.
    radius : int
        Pixels.

    Returns
    -------
    numpy.ndarray of float64, shape (H, W)
        Finite.
    """
    # Row by row, whatever the order of the pixels: only then are ``flat``'s values its own.
    finite = np.pad(pixels.astype(np.float64, order="C"), 1, constant_values=np.nan)
    finite[finite > LARGEST] = value_range.hi
    finite[finite < -LARGEST] = value_range.lo
    flat, width = finite.reshape(-1), finite.shape[1]
    holes = np.isnan(finite)
    holes[[0, -1]] = holes[:, [0, -1]] = False
    is_hole = holes.reshape(-1)
    around = [dy * width + dx for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dy or dx]
    edge = np.flatnonzero(is_hole)
    for _ in range(radius):
        counts, means = np.zeros(len(edge)), np.zeros(len(edge))
        for step in around:
            counts += ~np.isnan(flat[edge + step])
        edge, counts, means = edge[counts > 0], counts[counts > 0], means[counts > 0]
        if not edge.size:
            break
        for step in around:
            means += np.nan_to_num(flat[edge + step]) / counts
        flat[edge], is_hole[edge] = means, False
        edge = np.unique(np.concatenate([edge + step for step in around]))
        edge = edge[is_hole[edge]]
    flat[is_hole] = value_range.lo
    return finite[1:-1, 1:-1]


def inpainted_part(planes: Pixels, box: Box, value_range: Range, margin: int) -> Pixels:
    """Pixels of a box; where some are not finite, inpainted from ``margin`` pixels around."""
    pixels: Pixels = planes[:, *box.slices]
    if non_finite_mask(pixels) is None:
        return pixels
    wide = box.grown(margin, _shape(planes))
    around = planes[:, *wide.slices]
    return np.stack([inpainted(each, value_range, margin) for each in around])[
        :, *box.within(wide).slices
    ]


def inpainted_around(
    planes: Pixels, box: Box, value_range: Range, halo: int, step: int = 1
) -> tuple[Box, Pixels]:
    """Take a box with ``halo`` pixels around it, all finite; see :func:`inpainted_part`.

    Returns
    -------
    outer : Box
        The grown box; its rows and columns begin and end at a multiple of ``step``, or where the
        planes end.
    pixels : numpy.ndarray, shape (N, h, w)
        What is in it.
    """
    size = _shape(planes)
    outer = box.grown(halo, size).aligned(step, size)
    return outer, inpainted_part(planes, outer, value_range, halo)


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
        Its limits stand for hidden pixels far from all others.
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


def _shape(planes: Pixels) -> tuple[int, int]:
    _, height, width = planes.shape
    return height, width


def _repeated(planes: Pixels, scale: int) -> Pixels:
    return np.repeat(np.repeat(planes, scale, axis=1), scale, axis=2)
