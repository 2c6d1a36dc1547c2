"""What a caller gives as an image, as an array, and what the axes of that are, by number.

Belongs here: what can be said of an array by its type and shape alone. That is whether it is taken
for an image, which two axes grow, and where colours and channels lie. What is masked is filled by
``masks.py``, ranges are ``value_range.py``. Axes of napari layers by name are in
``layers/axes.py``; what is done along axes is ``task.py``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.masks import filled
from napari_autolut.util.arguments import checked_axis, checked_flag
from napari_autolut.util.text import counted

ALPHA = 3
"""Place of alpha among the colours."""

PILLOW_MODES = ("L", "RGB", "RGBA", "F", "I", "I;16", "I;16L", "I;16B", "I;16N", "1")
"""Modes of Pillow's images whose numbers are intensities, or colours that are red, green, blue and
straight alpha; of the last one, bits, another sentence says what they are."""

MASKED = (
    "image: found a masked array, expected a plain one, as the mask would be lost and what is "
    "masked would flow into its surroundings; fill it with NaN first: "
    "image.astype(float).filled(float('nan')), for dask dask.array.ma.filled(...)"
)
"""What masked arrays are refused with."""


def image_and_axes(image: Any, channel_axis: int | None, rgb: bool | None) -> tuple[Any, Axes]:
    """Take what a caller gave as a plain array of numpy or dask, and tell its axes.

    Parameters
    ----------
    image : array_like
        What numpy can make an array of; pixels that are masked are filled.
    channel_axis, rgb : optional
        As for :func:`guessed_axes`.

    Raises
    ------
    TypeError, ValueError
        As :func:`as_image`, :func:`guessed_axes` and :func:`plain_array`.
    """
    array = as_image(image)
    axes = guessed_axes(array.shape, channel_axis, rgb)
    check_names(image, dict(zip("yx", axes.spatial, strict=True)))
    return plain_array(array, axes.spatial), axes


def plain_array(image: Any, spatial: tuple[int, int]) -> Any:
    """Take an image as numpy's or dask's array; masked pixels, where there are any, are filled.

    Raises
    ------
    TypeError
        For a dask array of masked arrays.
    """
    if is_dask(image):
        if is_masked(image):
            raise TypeError(MASKED)
        return image
    return filled(image, spatial) if is_masked(image) else np.asarray(image)


def is_masked(image: Any) -> bool:
    """Whether something of an image is masked, or may be: a dask array's chunks are not looked at.

    ``image`` is an array of any kind.
    """
    masked: bool = np.ma.is_masked(image)
    return masked or isinstance(getattr(image, "_meta", None), np.ma.MaskedArray)


def is_dask(image: Any) -> bool:
    """Whether it is a dask array, without importing dask for it."""
    dask_array = sys.modules.get("dask.array")
    return dask_array is not None and isinstance(image, dask_array.Array)


def as_image(image: Any) -> Any:
    """Take what a caller gave as an array of numpy, or of dask where it is one.

    Parameters
    ----------
    image : array_like
        What numpy can make an array of, or dask's array, which one with names may hold.

    Raises
    ------
    TypeError
        If it is no array, such as a file's name; if it is an image of Pillow whose numbers are no
        intensities, such as those of a palette; or as :func:`check_image`.
    ValueError
        As :func:`check_image`.
    """
    if image is None or isinstance(image, str | bytes | os.PathLike):
        raise TypeError(f"image: found {image!r}, expected an array; a file has to be read first")
    if axis_names(image) and is_dask(image.data):
        image = image.data
    _check_pillow_mode(image)
    try:
        array = image if is_dask(image) else np.asanyarray(image)
    except (TypeError, ValueError, RuntimeError) as error:  # ragged lists; tensors with gradients
        kind = type(image).__name__
        raise TypeError(f"image: found a {kind} that makes no array ({error})") from error
    if array.dtype == object and array.ndim == 0:
        layer = type(image).__module__.startswith("napari.layers")
        hint = "; give the layer's data" if layer else ""
        raise TypeError(f"image: found a {type(image).__name__} that makes no array{hint}")
    check_image(array.shape, array.dtype)
    return array


def _check_pillow_mode(image: Any) -> None:
    """Refuse images of Pillow that hold places in a palette, inks or other colours than RGB."""
    pillow = sys.modules.get("PIL.Image")
    if pillow is not None and isinstance(image, pillow.Image) and image.mode not in PILLOW_MODES:
        raise TypeError(
            f"image: found one of Pillow with the mode {image.mode}, expected L, RGB, RGBA, I;16, "
            'I or F; convert it first, as with image.convert("RGB")'
        )


def check_image(shape: Sequence[int], dtype: np.dtype[Any]) -> None:
    """Refuse what is no image.

    Raises
    ------
    TypeError
        For bool, complex, object and text arrays.
    ValueError
        For fewer than 2 axes, axes without pixels, and dask axes of unknown length.
    """
    if dtype.kind == "b":
        raise TypeError(
            "image dtype: found bool, expected intensities; enlarge masks and labels with "
            "nearest-neighbour interpolation instead (as a Labels layer)"
        )
    if dtype.kind not in "uif" or dtype.itemsize > 8:
        raise TypeError(
            f"image dtype: found {dtype}, expected integers or floats of at most 64 bits; "
            "convert the image first"
        )
    if len(shape) < 2:
        found = counted(len(shape), "axis", "axes")
        raise ValueError(f"image: found {found}, expected at least 2 (rows and columns)")
    if any(side != side for side in shape):
        raise ValueError(
            f"image: found a dask array of unknown shape {tuple(shape)}, expected a known one; "
            "call its compute_chunk_sizes() first"
        )
    if 0 in shape:
        raise ValueError(f"image: found shape {tuple(shape)}, expected at least 1 pixel an axis")


# --- axes -----------------------------------------------------------------------------------------


class Axes(NamedTuple):
    """What the axes of an array are; numbers count from 0.

    Parameters
    ----------
    spatial : tuple of int
        Rows and columns, the axes that grow.
    rgb : bool, default False
        The last axis holds colours, of which a fourth one is alpha.
    channel : int, optional
        An axis whose positions may have value ranges of their own.
    """

    spatial: tuple[int, int]
    rgb: bool = False
    channel: int | None = None

    def leading(self, ndim: int) -> list[int]:
        """Axes that are neither spatial nor colours, in order."""
        return [axis for axis in range(ndim - self.rgb) if axis not in self.spatial]

    def spatial_last(self, array: NDArray[Any]) -> NDArray[Any]:
        """View of an array as (..., H, W) or, with colours, (..., H, W, 3 or 4)."""
        first = len(array.shape) - 2 - self.rgb
        if self.spatial == (first, first + 1):
            return array  # arrays on disk cannot be transposed
        return np.moveaxis(array, self.spatial, (first, first + 1))

    def channels(self, array: Any, *, alpha: bool = True) -> list[Any]:
        """Views of channels or colours with rows and columns last; one of all if there are none.

        Without ``alpha`` there are three colours at most: what is no intensity has no noise.
        """
        if self.rgb:
            planes = np.moveaxis(self.spatial_last(array), -1, 0)
        elif self.channel is not None:
            leading = self.leading(array.ndim).index(self.channel)
            planes = np.moveaxis(self.spatial_last(array), leading, 0)
        else:
            return [self.spatial_last(array)]
        count: int = planes.shape[0]
        if self.rgb and not alpha:
            count = min(count, ALPHA)
        return [planes[number] for number in range(count)]

    def size(self, shape: Sequence[int]) -> tuple[int, int]:
        """Rows and columns of an array of that shape."""
        rows, columns = self.spatial
        return shape[rows], shape[columns]


def guessed_axes(shape: Sequence[int], channel_axis: int | None, rgb: bool | None) -> Axes:
    """Tell the axes of an image by its shape and what its owner says of them.

    Parameters
    ----------
    shape : sequence of int
        Pixels along each axis.
    channel_axis : int, optional
        An axis that is not spatial.
    rgb : bool, optional
        Whether the last axis holds colours. By default it does if it is 3 or 4 long, there are 3
        axes or more and no ``channel_axis``.

    Raises
    ------
    TypeError
        If ``channel_axis`` is no integer, or ``rgb`` neither True nor False.
    ValueError
        If fewer than two axes are left for rows and columns, or both arguments name the last axis.
    """
    ndim = len(shape)
    channel = None if channel_axis is None else checked_axis(channel_axis, ndim, "channel_axis")
    if rgb is None:
        rgb = ndim >= 3 and channel is None and shape[-1] in (3, 4)
    elif checked_flag(rgb, "rgb") and channel == ndim - 1:
        raise ValueError(
            "channel_axis: found the last axis, which rgb=True says holds colours; give one of the "
            "two"
        )
    others = {channel, ndim - 1 if rgb else None}
    spatial = [axis for axis in range(ndim) if axis not in others]
    if len(spatial) < 2:
        raise ValueError(
            f"image: found shape {tuple(shape)} with {counted(len(spatial), 'axis', 'axes')} for "
            f"rows and columns (channel_axis={channel_axis}, rgb={rgb}), expected at least 2"
        )
    check_colours(shape, rgb)
    return Axes((spatial[-2], spatial[-1]), rgb, channel)


def axis_names(image: Any) -> tuple[str, ...]:
    """Names of the axes of an xarray, in lower case; none of other arrays."""
    names = getattr(image, "dims", ())
    return tuple(str(name).lower() for name in names) if isinstance(names, tuple) else ()


def check_names(image: Any, axes: Mapping[str, int]) -> None:
    """Refuse to take other axes of an xarray for rows and columns than those that it calls y and x.

    Parameters
    ----------
    image : array_like
        What a caller gave; only an xarray has names.
    axes : mapping of str to int
        Number of the axis that is taken for "y", "x" and perhaps "z".

    Raises
    ------
    ValueError
        If the names say otherwise.
    """
    names = axis_names(image)
    known = [name for name in axes if name in names]
    if {"y", "x"} <= set(known) and any(names.index(name) != axes[name] for name in known):
        taken = ", ".join(names[axes[name]] for name in known)
        wanted = ", ".join(known)
        quoted = ", ".join(f'"{name}"' for name in known)
        raise ValueError(
            f"image: found the dimensions {', '.join(names)}, of which {taken} would be taken for "
            f"{wanted}, expected these last; transpose it, as with image.transpose(..., {quoted}), "
            "or give channel_axis"
        )


def check_colours(shape: Sequence[int], rgb: bool) -> None:
    """Refuse a last axis that is too short or too long for the colours that it is said to hold."""
    if rgb and shape[-1] not in (3, 4):
        raise ValueError(f"rgb: found a last axis of {shape[-1]}, expected 3 or 4 colours")
