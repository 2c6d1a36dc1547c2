"""Intensities: which range of an image is the model's 0..255, and the way there and back.

Belongs here: value ranges, what lies outside them, data types and pixels that are not finite. Where
a tile begins and ends is ``tiles.py``; running the model on a tile is ``blocks.py``.

One affine map serves a whole image, so that equal pixels stay equal over tiles, slices and
channels. What lies outside the range does not go through the model, and is not cut off either: the
caller adds it, enlarged by bicubic interpolation (``outside``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.util.memmap import mapping, release

ValueRange = str | Sequence[float] | None
"""``"dtype"``, ``"data"``, ``"contrast"``, (lo, hi), or None for the default of the image."""

NAMED_RANGES = ("dtype", "data", "contrast")
LEVELS = 255
SCAN_PIXELS = 2**20


class IntensityWarning(UserWarning):
    """Pixels that no model can enlarge: NaN or infinite."""


@dataclass(frozen=True)
class Range:
    """The pixel values that stand for the model's 0 and 255.

    Raises
    ------
    ValueError
        if a limit is not finite, ``lo`` is more than ``hi``, or the distance overflows
    """

    lo: float
    hi: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.hi - self.lo) and self.lo <= self.hi):
            raise ValueError(
                f"value range: found ({self.lo}, {self.hi}), expected finite numbers lo <= hi, "
                "no further apart than a float64 can say; pass value_range=(lo, hi)"
            )

    @property
    def unit(self) -> float:
        """Pixel values per level of the model; 0 in a flat range."""
        return (self.hi - self.lo) / LEVELS

    @property
    def is_flat(self) -> bool:
        """There is no contrast in it that a model could work on."""
        return self.unit == 0 or not math.isfinite(1 / self.unit)

    @property
    def is_native(self) -> bool:
        """Pixel values are the model's own levels."""
        return (self.lo, self.hi) == (0, LEVELS)


def check_dtype(dtype: np.dtype[Any]) -> None:
    """Refuse what has no intensities.

    Raises
    ------
    TypeError
        unless it is a real number type of at most 64 bits
    """
    if dtype.kind == "b":
        raise TypeError(
            "image dtype: found bool, expected intensities; enlarge masks and labels with "
            "nearest-neighbour interpolation instead (as a Labels layer)"
        )
    if dtype.kind not in "uif" or dtype.itemsize > 8:
        raise TypeError(
            f"image dtype: found {dtype}, expected whole or real numbers of at most 64 bits; "
            "convert the image first"
        )


def resolve_range(
    image: Any,
    value_range: ValueRange = None,
    contrast_limits: Sequence[float] | None = None,
    *,
    rgb: bool = False,
) -> Range:
    """Range of an image, the same for all its planes.

    Parameters
    ----------
    image : array of a real dtype; anything but a numpy array counts as lazy and is never read
    value_range : ``"dtype"`` (floats: 0 to 1), ``"data"`` (finite minimum and maximum of all
        pixels), ``"contrast"`` (``contrast_limits``) or (lo, hi).
        None: the dtype for uint8; for other types the data, or (0, 1) for RGB floats in it; for
        lazy images ``contrast_limits``, else the dtype of whole numbers.
    contrast_limits : limits of the layer, where there are any
    rgb : the last axis holds colours, of which a fourth one is alpha and does not count

    Raises
    ------
    ValueError
        if ``value_range`` is not one of these, or needs what is not there
    """
    if value_range is None:
        return _default_range(image, contrast_limits, rgb)
    if not isinstance(value_range, str):
        return _explicit_range(value_range)
    match value_range:
        case "dtype":
            return dtype_range(image.dtype)
        case "data":
            return _data_range(image, rgb)
        case "contrast" if contrast_limits is not None:
            return _explicit_range(contrast_limits)
        case "contrast":
            raise ValueError(
                'value range "contrast": found no contrast limits, expected those of a layer; '
                "pass (lo, hi) instead"
            )
    raise ValueError(
        f"value range: found {value_range!r}, expected one of {', '.join(NAMED_RANGES)}, "
        "or two numbers (lo, hi)"
    )


def _default_range(image: Any, contrast_limits: Sequence[float] | None, rgb: bool) -> Range:
    """The range of an image about which nothing is said."""
    lazy, real = not isinstance(image, np.ndarray), image.dtype.kind == "f"
    if image.dtype == np.uint8:
        return dtype_range(image.dtype)
    if lazy and contrast_limits is not None:
        return _explicit_range(contrast_limits)
    if lazy and (rgb or not real):
        return dtype_range(image.dtype)
    found = _data_range(image, rgb)
    return Range(0, 1) if rgb and real and 0 <= found.lo <= found.hi <= 1 else found


def _data_range(image: Any, rgb: bool) -> Range:
    if not isinstance(image, np.ndarray):
        raise ValueError(
            f"value range: found a lazy {image.dtype} array whose minimum and maximum are not "
            "known without computing all of it; pass value_range=(lo, hi)"
        )
    return _finite_bounds(image[..., :3] if rgb else image)


def _explicit_range(limits: Sequence[float]) -> Range:
    numbers = np.asarray(limits)
    if numbers.shape != (2,) or numbers.dtype.kind not in "uif":
        raise ValueError(f"value range: found {limits!r}, expected two numbers (lo, hi)")
    return Range(float(numbers[0]), float(numbers[1]))


def dtype_range(dtype: np.dtype[Any]) -> Range:
    """All that whole numbers of a type can say; 0 to 1 for floats."""
    if dtype.kind == "f":
        return Range(0, 1)
    limits = np.iinfo(dtype)
    return Range(float(limits.min), float(limits.max))


def _finite_bounds(image: NDArray[Any]) -> Range:
    """Smallest and largest finite pixel; (0, 0) where there is none. Reads a part at a time."""
    if image.dtype.kind != "f" and mapping(image) is None:
        return Range(float(image.min()), float(image.max()))
    lo, hi = math.inf, -math.inf
    parts = np.nditer(
        image, ["external_loop", "buffered"], ["readonly"], order="K", buffersize=SCAN_PIXELS
    )
    for part in parts:
        values = np.asarray(part)
        finite = values[np.isfinite(values)]
        if finite.size:
            lo, hi = min(lo, float(finite.min())), max(hi, float(finite.max()))
        release(image)
    return Range(lo, hi) if lo <= hi else Range(0, 0)


def to_levels(pixels: NDArray[Any], value_range: Range) -> NDArray[np.float32]:
    """Finite pixels as the model's [0, 255] in a range that is not flat; clipped to the limits."""
    if value_range.is_native and pixels.dtype == np.uint8:
        return pixels.astype(np.float32)
    inside = np.clip(pixels.astype(np.float64), value_range.lo, value_range.hi)
    return ((inside - value_range.lo) / value_range.unit).astype(np.float32)


def from_levels(levels: NDArray[np.float32], value_range: Range, dtype: np.dtype[Any]) -> Any:
    """The model's [0, 255] as pixel values, within the range, not yet in ``dtype``.

    Computed in float32 where ``dtype`` cannot tell the difference, else in float64.
    """
    lo, hi = value_range.lo, value_range.hi
    number = np.float32 if is_single(value_range, dtype) else np.float64
    if value_range.is_native:
        return levels.astype(number)
    values = levels * number(value_range.unit)
    values += number(lo)
    return np.clip(values, number(lo), number(hi), out=values)


def is_single(value_range: Range, dtype: np.dtype[Any]) -> bool:
    """Whether float32 is enough to compute pixels of a type."""
    is_float32 = dtype.kind == "f" and dtype.itemsize == 4  # in either byte order
    largest = max(abs(value_range.lo), abs(value_range.hi))
    return dtype.itemsize <= 2 or (is_float32 and largest < 1e30)


def outside(pixels: NDArray[Any], value_range: Range) -> NDArray[np.float64] | None:
    """How far finite pixels lie above (or, negative, below) the range; None if none does."""
    if value_range.is_native and pixels.dtype == np.uint8:
        return None
    values = pixels.astype(np.float64)
    excess = values - np.clip(values, value_range.lo, value_range.hi)
    return excess if excess.any() else None


def to_dtype(values: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Round half to even and saturate to whole numbers, or saturate to finite floats."""
    if dtype.kind == "f":
        if dtype.itemsize < values.dtype.itemsize:
            largest = np.finfo(dtype).max.astype(values.dtype)
            values = np.clip(values, -largest, largest)
        return values.astype(dtype, copy=False)
    lo, hi = float(np.iinfo(dtype).min), float(np.iinfo(dtype).max)
    if hi > np.iinfo(dtype).max:  # 64 bits: the nearest float lies one above the largest number
        hi = math.nextafter(hi, 0)
    whole: NDArray[Any] = np.clip(np.rint(values), lo, hi).astype(dtype)
    return whole


def missing(pixels: NDArray[Any]) -> NDArray[np.bool_] | None:
    """Mask of NaN and infinite pixels; None if there is none."""
    if pixels.dtype.kind != "f":
        return None
    mask = ~np.isfinite(pixels)
    return mask if mask.any() else None


def filled(pixels: NDArray[Any], value_range: Range, reach: int) -> NDArray[np.float64]:
    """A plane without NaN and infinity, as context for the pixels around.

    Infinite pixels take the limit of the range. NaN takes the mean of its neighbours, pixel by
    pixel inwards for ``reach`` pixels, and the lower limit beyond: far enough in, no result
    depends on it. A filled pixel depends on nothing more than ``reach`` pixels away.
    """
    # Row by row, whatever the order of the pixels: only then are ``flat``'s values its own.
    finite = np.pad(pixels.astype(np.float64, order="C"), 1, constant_values=np.nan)
    finite[np.isposinf(finite)] = value_range.hi
    finite[np.isneginf(finite)] = value_range.lo
    flat, width = finite.reshape(-1), finite.shape[1]
    holes = np.isnan(finite)
    holes[[0, -1]] = holes[:, [0, -1]] = False
    is_hole = holes.reshape(-1)
    around = [dy * width + dx for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dy or dx]
    edge = np.flatnonzero(is_hole)
    for _ in range(reach):
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
