"""The quick way from pixels to a model's intensities and back: in one pass, compiled.

Belongs here: what ``normalisation.py`` does step by step, with its bits, for the usual types of
pixels that lie in their range. Numba's own loops would write the colours of an image that lie side
by side one at a time. Without numba this file cannot be imported.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.value_range import Range
from napari_autolut.compilation.kernels import kernel
from napari_autolut.compilation.values import FLOAT, Value, pick, picked
from napari_autolut.compilation.vectors import clipped, rounded, static, step, where
from napari_autolut.engine import Planes

WRITTEN = tuple(map(np.dtype, (np.uint8, np.int8, np.uint16, np.int16, np.float32)))
"""Types all of whose values float32 holds exactly."""

READ = (*WRITTEN, *map(np.dtype, (np.uint32, np.int32, np.float64)))
"""Those, and others that are as quickly read."""


def normalised_within(pixels: NDArray[Any], value_range: Range) -> Planes | None:
    """Pixels as the model's [0, 255], if all of them lie in a range that is not flat.

    The bits of ``normalise``. None where a pixel is outside, or no number, or of another type.
    """
    if value_range.is_flat or pixels.dtype not in READ or not pixels.dtype.isnative:
        return None
    intensities = np.empty(pixels.shape, np.float32)
    numbers = value_range.lo, value_range.hi, value_range.unit
    values = np.ascontiguousarray(pixels).reshape(-1)
    fits = normalise_pixels(values, intensities.reshape(-1), *map(float, numbers))
    return intensities if fits else None


class PixelWriter:
    """Writes intensities in [0, 255] as pixels into an (N, h, w) array of any strides.

    The bits of ``write_pixels``. Colours of an image, which lie side by side, are written together.
    """

    def __init__(self, value_range: Range, target: NDArray[Any], strides: tuple[int, ...]) -> None:
        planes, _, width = target.shape
        beside = planes if (strides[0], strides[2]) == (1, planes) else 1
        self._scaling, self._colours = _scaling(value_range, target.dtype), static(beside)
        self._pixels = Target(_flat(target), strides, planes, width, 0)

    def __call__(self, intensities: Planes, part: tuple[slice, slice], top: int) -> None:
        """Write the rows and columns ``part`` of (N, H, W) intensities, from row ``top`` on."""
        rows, columns = part
        if intensities.strides[2] != intensities.itemsize:
            intensities = np.ascontiguousarray(intensities)
        plane, row, _ = (stride // intensities.itemsize for stride in intensities.strides)
        source = Rows(_flat(intensities), plane, row, rows.start, rows.stop, columns.start)
        store_pixels(source, self._pixels._replace(top=top), self._scaling, self._colours)


def pixel_writer(value_range: Range, target: NDArray[Any]) -> PixelWriter | None:
    """What writes into an array; None for rare types and strides."""
    dtype = target.dtype
    if dtype not in WRITTEN or not dtype.isnative or not value_range.suits_float32(dtype):
        return None
    strides, rests = zip(*(divmod(each, dtype.itemsize) for each in target.strides), strict=True)
    return None if min(strides) < 0 or any(rests) else PixelWriter(value_range, target, strides)


@lru_cache(maxsize=64)
def _scaling(value_range: Range, dtype: np.dtype[Any]) -> Scaling:
    """How intensities become pixels of a type."""
    limits = np.iinfo(dtype) if dtype.kind != "f" else np.finfo(dtype)
    numbers = (value_range.unit, value_range.lo, value_range.hi, limits.min, limits.max)
    unit, lo, hi, lowest, highest = map(np.float32, numbers)
    return Scaling(unit, lo, hi, lowest, highest, not value_range.is_identity)


def _flat(values: NDArray[Any]) -> NDArray[Any]:
    """Memory from an array's first value to its last, whatever lies between them."""
    last = sum(
        stride * (side - 1) for stride, side in zip(values.strides, values.shape, strict=True)
    )
    size = last // values.itemsize + 1
    return np.lib.stride_tricks.as_strided(values, (size,), (values.itemsize,))


# --- kernels --------------------------------------------------------------------------------------

RUN, ONE = static(32), static(1)


class Rows(NamedTuple):
    """Rows of (N, H, W) values in [0, 255]: ``first`` to ``last``, from column ``left`` on.

    ``plane`` and ``row`` are values from one to the next.
    """

    flat: NDArray[np.float32]
    plane: int
    row: int
    first: int
    last: int
    left: int


class Target(NamedTuple):
    """(N, h, w) pixels, written from row ``top`` on; ``strides`` are values, not bytes."""

    flat: NDArray[Any]
    strides: tuple[int, ...]
    planes: int
    width: int
    top: int


class Scaling(NamedTuple):
    """Values become ``lo + unit * value`` if ``scaled``, within the limits of the type."""

    unit: np.float32
    lo: np.float32
    hi: np.float32
    lowest: np.float32
    highest: np.float32
    scaled: bool


@step
def put_run(
    builder: Any, rows: Any, start: Any, target: Any, to: Any, scaling: Any, pixels: int,
    colours: int,
) -> None:  # fmt: skip
    """Write pixels that lie one behind the other, each with its colours side by side.

    Colour c of the first is made of ``rows.flat[start + c * rows.plane]`` and goes to
    ``target.flat[to + c]``. To floats, values are not rounded.
    """
    kind, made = target.flat.kind, []
    for colour in range(colours):
        intensity = rows.flat.vector(start + rows.plane * colour, pixels)
        in_range = clipped(intensity * scaling.unit + scaling.lo, scaling.lo, scaling.hi)
        value = where(scaling.scaled, in_range, intensity)
        if kind != FLOAT:
            value = clipped(rounded(value), scaling.lowest, scaling.highest).as_int().as_int(kind)
        made.append(value)
    target.flat.put(_interleaved(made), to)


def _interleaved(vectors: list[Value]) -> Value:
    """Lane 0 of all vectors, then lane 1 of all, and so on."""
    joined, count = vectors[0], vectors[0].count or 1
    for number, vector in enumerate(vectors[1:], 1):
        so_far = number * count
        as_long = pick(vector, [min(lane, count - 1) for lane in range(so_far)])
        joined = picked(joined, as_long, range(so_far + count))
    order = [number * count + lane for lane in range(count) for number in range(len(vectors))]
    return pick(joined, order) if len(vectors) > 1 else joined


@kernel
def store_pixels(rows: Rows, target: Target, scaling: Scaling, colours: Any) -> None:
    """Write rows of planes as pixels; there are as many ``colours`` as lie side by side."""
    plane, row, column = target.strides
    runs = target.width - target.width % len(RUN) if column == len(colours) else 0
    for n in range(0, target.planes, len(colours)):
        for y in range(rows.first, rows.last):
            start = n * rows.plane + y * rows.row + rows.left
            to = n * plane + (target.top + y - rows.first) * row
            for x in range(0, runs, len(RUN)):
                put_run(rows, start + x, target, to + x * column, scaling, RUN, colours)
            for x in range(runs, target.width):
                put_run(rows, start + x, target, to + x * column, scaling, ONE, colours)


@kernel
def normalise_pixels(pixels: Any, out: Any, lo: float, hi: float, unit: float) -> bool:
    """Make intensities of pixels; whether all of these lie between ``lo`` and ``hi``."""
    others = 0
    for i in range(len(pixels)):  # without a way out of it, so that it becomes vector code
        value = np.float64(pixels[i])
        others += not lo <= value <= hi
        out[i] = np.float32((value - lo) / unit)
    return others == 0
