"""Value ranges: which pixel values of an image stand for a model's 0 and 255.

Belongs here: choosing and checking a range. The map to and from it is ``normalisation.py``.

One range serves a whole image or channel, so that equal pixels stay equal over tiles, slices and
frames.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.no_data import ALIKE, unmarked
from napari_autolut.arrays.sampling import sampled_pixels, seen
from napari_autolut.util.memmap import memmap_of, release
from napari_autolut.util.samples import small_parts
from napari_autolut.util.text import quoted
from napari_autolut.util.warning import warn

ValueRange = str | Sequence[float] | None
"""``"auto"`` (or None), ``"dtype"``, ``"data"``, ``"contrast"``, or (lo, hi)."""

NAMED_RANGES = ("auto", "dtype", "data")
"""Those of any image; only a layer has contrast limits."""

MAX_INTENSITY = 255
"""What the upper limit of a range becomes; the lower one becomes 0."""

SCAN_PIXELS = 2**20

BEYOND = 0.001
"""Fraction of pixels that may lie below the range, and above it: hot and dead ones."""

EXACT = 2.0**53
"""Up to which every integer is a float64."""

FEW, OUTLIER = 3, 4
"""So many pixels may be outliers of an image however small, and how far out these lie."""


class IntensityWarning(UserWarning):
    """Pixels that no model can enlarge: NaN, infinite, or too large to be told apart."""


@dataclass(frozen=True)
class Range:
    """The pixel values that stand for a model's 0 and 255.

    Parameters
    ----------
    lo, hi : float
        The lower and the upper limit.

    Raises
    ------
    ValueError
        If a limit is not finite, ``lo`` is more than ``hi``, or the distance overflows.
    """

    lo: float
    hi: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.hi - self.lo) and self.lo <= self.hi):
            raise ValueError(
                f"value range: found ({self.lo}, {self.hi}), expected finite numbers lo <= hi, "
                "no further apart than a float64 can say; pass value_range=(lo, hi)"
            )

    @cached_property
    def unit(self) -> float:
        """Pixel values per unit of the model's intensities; 0 in a flat range."""
        return (self.hi - self.lo) / MAX_INTENSITY

    @cached_property
    def is_flat(self) -> bool:
        """There is no contrast in it that a model could work on."""
        return self.unit == 0 or not math.isfinite(1 / self.unit)

    @cached_property
    def is_identity(self) -> bool:
        """Pixel values are the model's own intensities."""
        return (self.lo, self.hi) == (0, MAX_INTENSITY)

    def suits_float32(self, dtype: np.dtype[Any]) -> bool:
        """Whether float32 is enough to compute pixels of a type in it."""
        is_float32 = dtype.kind == "f" and dtype.itemsize == 4  # in either byte order
        return dtype.itemsize <= 2 or (is_float32 and max(abs(self.lo), abs(self.hi)) < 1e30)


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
    image : array_like of a real dtype, rows and columns last or before colours
        A dask array or another one that is read in parts; at most a bounded sample of it is read.
    value_range : {"auto", "dtype", "data", "contrast"} or tuple of float, optional
        ``"dtype"``: all values of the type (floats: 0 to 1). ``"data"``: finite minimum and maximum
        of all pixels, of arrays in memory. ``"contrast"``: ``contrast_limits``. ``"auto"`` or None:
        the dtype for uint8, (0, 1) for RGB floats in it, else :func:`robust_range`.
    contrast_limits : sequence of float, optional
        Limits of the layer, where there are any.
    rgb : bool, default False
        The last axis holds colours. A fourth one, alpha, does not count, nor what it hides.

    Returns
    -------
    Range
        The limits.

    Raises
    ------
    ValueError
        If ``value_range`` is not one of these, or needs what is not there.
    """
    if value_range is None or (isinstance(value_range, str) and value_range == "auto"):
        return _default_range(image, rgb)
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


def _default_range(image: Any, rgb: bool) -> Range:
    """The range of an image about which nothing is said."""
    if image.dtype == np.uint8:
        return dtype_range(image.dtype)
    return sampled_range(image, rgb=rgb)


def sampled_range(image: Any, *, rgb: bool) -> Range:
    """:func:`robust_range`, or 0 to 1 for colours of floats within that, as napari shows them."""
    found = robust_range(image, rgb=rgb)
    unit = rgb and image.dtype.kind == "f" and 0 <= found.lo <= found.hi <= 1
    return Range(0, 1) if unit else found


def robust_range(image: Any, *, rgb: bool = False) -> Range:
    """Percentiles 0.1 and 99.9 of a sample of all of an image, so that hot pixels do not count.

    Parameters
    ----------
    image : array_like of a real dtype
        What is read of it, :func:`~napari_autolut.arrays.sampling.sampled_pixels` says.
    rgb : bool, default False
        The last axis holds colours.

    Returns
    -------
    Range
        As :func:`range_of_pixels`.
    """
    return range_of_pixels(sampled_pixels(image, rgb=rgb))


def range_of_pixels(pixels: NDArray[Any]) -> Range:
    """Percentiles 0.1 and 99.9 of finite pixels.

    Parameters
    ----------
    pixels : numpy.ndarray, shape (N,)
        Of a real dtype.

    Returns
    -------
    Range
        (0, 0) where there are none; minimum and maximum where the percentiles are the same, and of
        less than 1,000 pixels. Single pixels far beyond all others are not counted at all, nor
        marks of no data (``no_data.py``).
    """
    if not pixels.size:
        return Range(0, 0)
    lo, hi = _limits(pixels)
    others = unmarked(pixels, lo, hi)
    low, high = (lo, hi) if others is pixels else _limits(others)
    alike = 0 < high - low < ALIKE * (hi - lo)
    return Range(low, high) if alike else Range(lo, hi)


def _limits(pixels: NDArray[Any]) -> tuple[float, float]:
    beyond = int(BEYOND * pixels.size)
    few = max(beyond, FEW)
    tail = min(pixels.size, 4 * few + 1 + few)
    if pixels.dtype.kind in "iu" and pixels.dtype.itemsize <= 2:
        ends = np.sort(pixels, kind="stable")  # by radix: up to 18 times as fast with few values
    else:
        ends = np.partition(pixels, (tail - 1, -tail))
    lowest, highest = np.sort(ends[:tail]), np.sort(ends[-tail:])
    lo = _without_outliers(lowest, beyond, few)
    hi = _without_outliers(highest[::-1], beyond, few)
    if lo == hi:
        lo, hi = float(pixels.min()), float(pixels.max())
    return lo, hi


def _without_outliers(tail: NDArray[Any], beyond: int, few: int) -> float:
    """The pixel at the place ``beyond`` of a tail, whose first one is the most extreme.

    With every hot pixel the place would move on by one, and in small images by much. A pixel is an
    outlier if it lies four times as far beyond the first ``few`` as the rest of the tail is wide.
    """
    values = tail.astype(np.float64)
    if len(values) < 5 * few + 1:  # nothing can be said of so few pixels
        return float(values[beyond])
    with np.errstate(over="ignore"):
        width = abs(values[few] - values[-1])
        outliers = np.count_nonzero(np.abs(values[:few] - values[few]) > OUTLIER * width)
    return float(values[beyond + outliers])


def _data_range(image: Any, rgb: bool) -> Range:
    if hasattr(image, "dask"):
        raise ValueError(
            f"value range: found a lazy {image.dtype} array whose minimum and maximum are not "
            "known without computing all of it; take the automatic range, or pass "
            "value_range=(lo, hi)"
        )
    return _finite_bounds(image if hasattr(image, "shape") else np.asarray(image), rgb)


def _explicit_range(limits: Sequence[float]) -> Range:
    numbers = np.asarray(limits)
    if numbers.shape != (2,) or numbers.dtype.kind not in "uif":
        raise ValueError(f"value range: found {quoted(limits)}, expected two numbers (lo, hi)")
    return Range(float(numbers[0]), float(numbers[1]))


def warn_of_rounding(dtype: np.dtype[Any], value_range: Range) -> None:
    """Say that integers of a range are too large for a float64 to tell them all apart."""
    largest = max(abs(value_range.lo), abs(value_range.hi))
    if dtype.kind in "iu" and largest > EXACT:
        warn(
            f"image: found {dtype} and a value range up to {largest:.3g}, where numbers are "
            f"rounded to multiples of {np.spacing(largest):g}; subtract an offset first, or give "
            "value_range=(lo, hi)",
            IntensityWarning,
        )


@cache
def dtype_range(dtype: np.dtype[Any]) -> Range:
    """All values of an integer type; 0 to 1 for floats."""
    if dtype.kind == "f":
        return Range(0, 1)
    limits = np.iinfo(dtype)
    return Range(float(limits.min), float(limits.max))


def _finite_bounds(image: Any, rgb: bool) -> Range:
    """Smallest and largest intensity; (0, 0) where there is none. Reads a part at a time."""
    as_they_are = image.dtype.kind != "f" and not (rgb and image.shape[-1] == 4)
    if as_they_are and isinstance(image, np.ndarray) and memmap_of(image) is None:
        return Range(float(image.min()), float(image.max()))
    lo, hi = math.inf, -math.inf
    for part in small_parts(image, SCAN_PIXELS):
        finite = seen(np.asarray(part), rgb=rgb)
        if finite.size:
            lo, hi = min(lo, float(finite.min())), max(hi, float(finite.max()))
        release(image)
    return Range(lo, hi) if lo <= hi else Range(0, 0)


def alpha_range(dtype: np.dtype[Any], value_range: Range) -> Range:
    """What enlarged alpha is clipped to; that of floats goes to 1, or as far as colours do."""
    if dtype.kind != "f":
        return dtype_range(dtype)
    return Range(min(0, value_range.lo), max(1, value_range.hi))
