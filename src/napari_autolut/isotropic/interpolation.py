"""A column of a stack with more slices: the table, values beyond its range, and other factors.

Belongs here: from pixels to pixels, for any rows and columns with all of their slices. The inner
loops are ``kernels.py``; which parts of a stack there are is ``plan.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays import Range, inpainted, non_finite_mask, resize, to_dtype
from napari_autolut.arrays.normalisation import out_of_range_residual
from napari_autolut.engine.fast import in_bands
from napari_autolut.isotropic.kernels import PAD_X, PAD_Z, Filters, add_base, add_structures
from napari_autolut.isotropic.sampling import Sampling
from napari_autolut.isotropic.stack import normalised
from napari_autolut.isotropic.table import AxialTable, cubic_weights
from napari_autolut.util.boxes import Box, grid_boxes

MAX_VOXELS = 2**23
"""Voxels of the result that are computed together."""

MIN_SIDE = 32

INPAINTED = 4
"""Pixels around a hole that are computed as if it were filled."""

SHARE = np.float32(0.5)
"""What the xz and the yz planes each have in the result."""

Volume = NDArray[Any]


class Slab(NamedTuple):
    """Rows and columns to compute, and those that are read for them."""

    box: Box
    read: Box

    @property
    def cut(self) -> tuple[slice, slice, slice]:
        """Index of what is read in a (Z, H, W) volume."""
        return (slice(None), *self.read.slices)

    @property
    def target(self) -> tuple[slice, slice, slice]:
        """Index of what is computed in a volume of the result."""
        return (slice(None), *self.box.slices)


@dataclass(frozen=True)
class Interpolation:
    """What is done to the volumes of one channel.

    Parameters
    ----------
    table : AxialTable
        Its filters.
    limits : Range
        Pixel values of its levels 0 and 255.
    sampling : Sampling
        Slices before and after.
    """

    table: AxialTable
    limits: Range
    sampling: Sampling

    def slabs(self, region: Box, shape: tuple[int, int], dtype: np.dtype[Any]) -> Iterator[Slab]:
        """Cut a region of a plane into squares whose columns fit into memory."""
        side = max(MIN_SIDE, math.isqrt(MAX_VOXELS // self.sampling.result_slices))
        for box in grid_boxes(region, side):
            yield self.slab(box, shape, dtype)

    def slab(self, box: Box, shape: tuple[int, int], dtype: np.dtype[Any]) -> Slab:
        """What must be read for some rows and columns of a plane."""
        return Slab(box, box.grown(PAD_X + (INPAINTED if dtype.kind == "f" else 0), shape))

    def compute(self, pixels: Volume, slab: Slab, threads: int) -> Volume:
        """Fill in the slices.

        Parameters
        ----------
        pixels : ndarray, shape (Z, H, W)
            What is read for the slab.
        slab : Slab
            Which part of that is wanted.
        threads : int
            That may be used; no result depends on it.

        Returns
        -------
        ndarray, shape (count, rows, columns)
            Of the pixels' dtype.
        """
        inner = slab.box.within(slab.read)
        dtype = pixels.dtype.newbyteorder("=")
        mask, given = non_finite_mask(pixels), pixels
        if mask is not None:
            pixels = np.stack([inpainted(plane, self.limits, INPAINTED) for plane in pixels])
        filled = self._filled(normalised(pixels, self.limits), inner, threads)
        result = self._denormalised(filled, dtype)
        residual = out_of_range_residual(pixels, self.limits)
        if residual is not None:
            result = result + self._cubic(residual[(slice(None), *inner.slices)], threads)
        result = to_dtype(result, dtype)
        if mask is not None:
            wanted = (slice(None), *inner.slices)
            holes = self._nearest(mask[wanted])
            result = np.where(holes, self._nearest(given[wanted]), result)
        return result

    def _filled(self, volume: NDArray[np.float32], inner: Box, threads: int) -> Volume:
        """The table on levels, and the other factor on top."""
        around = _padded(volume, inner)
        out = np.empty((len(volume), self.table.factor, *_size(inner)), np.float32)
        base = self.table.base
        own = np.ascontiguousarray(around[:, PAD_X:-PAD_X])
        _in_bands(partial(add_base, own, base, out), out, threads)
        if not self.table.is_cubic:
            self._add_structures(own, out, threads)
            other = np.ascontiguousarray(around[:, :, PAD_X:-PAD_X].swapaxes(1, 2))
            transposed = np.zeros((*out.shape[:2], out.shape[3], out.shape[2]), np.float32)
            self._add_structures(other, transposed, threads)
            out += transposed.swapaxes(2, 3)
        return self._resampled(out.reshape(-1, *out.shape[2:]))

    def _add_structures(self, volume: Volume, out: Volume, threads: int) -> None:
        filters = Filters.of(self.table)
        _in_bands(partial(add_structures, volume, filters, out, SHARE), out, threads)

    def _cubic(self, residual: NDArray[np.float64], threads: int) -> Volume:
        """Values beyond the range, by cubic interpolation."""
        volume = residual.astype(np.float32)
        volume = np.pad(volume, ((PAD_Z, PAD_Z), (0, 0), (PAD_X, PAD_X)), mode="symmetric")
        out = np.empty((len(residual), self.table.factor, *residual.shape[1:]), np.float32)
        base = cubic_weights(self.table.factor)
        _in_bands(partial(add_base, volume, base, out), out, threads)
        return self._resampled(out.reshape(-1, *out.shape[2:]))

    def _resampled(self, fine: Volume) -> Volume:
        if self.sampling.result_slices == len(fine):
            return fine
        result: Volume = resize(fine, Fraction(self.sampling.result_slices, len(fine)), axes=(0,))
        return result

    def _denormalised(self, filled: Volume, dtype: np.dtype[Any]) -> Volume:
        """Levels as pixel values; what lies beyond the range is not cut off."""
        if self.limits.is_identity:
            return filled
        number = np.float32 if self.limits.suits_float32(dtype) else np.float64
        return filled * number(self.limits.unit) + number(self.limits.lo)

    def _nearest(self, volume: Volume) -> Volume:
        """The slices that lie nearest to those of the result."""
        count, slices = self.sampling.result_slices, self.sampling.slices
        return volume[(2 * np.arange(count) + 1) * slices // (2 * count)]


def _in_bands(work: Callable[[int, int], None], out: Volume, threads: int) -> None:
    """Compute rows of (slices, factor, rows, columns) values on several threads."""
    in_bands(work, out.shape[2], out.shape[0] * out.shape[3], threads)


def _size(box: Box) -> tuple[int, int]:
    return box.bottom - box.top, box.right - box.left


def _padded(volume: NDArray[np.float32], inner: Box) -> NDArray[np.float32]:
    """The wanted rows and columns with ``PAD_X`` on each side, mirrored where the stack ends."""
    rows, columns = volume.shape[1:]
    wanted = Box(inner.top - PAD_X, inner.bottom + PAD_X, inner.left - PAD_X, inner.right + PAD_X)
    there = inner.grown(PAD_X, (rows, columns))
    pads = (
        (PAD_Z, PAD_Z),
        (there.top - wanted.top, wanted.bottom - there.bottom),
        (there.left - wanted.left, wanted.right - there.right),
    )
    return np.pad(volume[(slice(None), *there.slices)], pads, mode="symmetric")
