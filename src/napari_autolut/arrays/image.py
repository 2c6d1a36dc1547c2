"""An array as an image: what its axes are, by number.

Belongs here: what can be said of an array before anything is settled: which two axes grow, and
where colours and channels lie. Arrays that are no image are refused by ``util/image_arrays.py``,
what is masked is filled by ``masks.py``, ranges are ``value_range.py``. Axes of napari layers by
name are in ``layers/axes.py``; what is done along axes is ``task.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.masks import filled
from napari_autolut.util.axes import checked_axis
from napari_autolut.util.image_arrays import MASKED, as_image, axis_names, is_dask, is_masked

ALPHA = 3
"""Place of alpha among the colours."""


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
        last = (-3, -2) if self.rgb else (-2, -1)
        return np.moveaxis(array, self.spatial, last)

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
        If ``channel_axis`` is no integer, or ``rgb`` text.
    ValueError
        If fewer than two axes are left for rows and columns, or both arguments name the last axis.
    """
    ndim = len(shape)
    channel = None if channel_axis is None else checked_axis(channel_axis, ndim, "channel_axis")
    if isinstance(rgb, str):
        raise TypeError(f"rgb: found {rgb!r}, expected True, False or None")
    if rgb is None:
        rgb = ndim >= 3 and channel is None and shape[-1] in (3, 4)
    if rgb and channel == ndim - 1:
        raise ValueError(
            "channel_axis: found the last axis, which rgb=True says holds colours; give one of the "
            "two"
        )
    others = {channel, ndim - 1 if rgb else None}
    spatial = [axis for axis in range(ndim) if axis not in others]
    if len(spatial) < 2:
        raise ValueError(
            f"image: found shape {tuple(shape)} with {len(spatial)} spatial axes (channel_axis="
            f"{channel_axis}, rgb={rgb}), expected at least 2"
        )
    _check_colours(shape, rgb)
    return Axes((spatial[-2], spatial[-1]), rgb, channel)


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


def checked_axes(shape: Sequence[int], spatial_axes: tuple[int, int], *, rgb: bool) -> Axes:
    """Refuse axes that an array of that shape does not have.

    Raises
    ------
    ValueError
        If spatial axes do not exist, are the same or hold colours, or there are not 3 or 4 colours.
    """
    ndim = len(shape)
    rows, columns = (checked_axis(axis, ndim, "spatial axis") for axis in spatial_axes)
    taken = {rows, columns} | ({ndim - 1} if rgb else set())
    if len(taken) != 2 + rgb:
        raise ValueError(
            f"spatial axes: found {spatial_axes}, expected two different axes"
            + (" that are not the last one, which holds colours" if rgb else "")
        )
    _check_colours(shape, rgb)
    return Axes((rows, columns), rgb)


def _check_colours(shape: Sequence[int], rgb: bool) -> None:
    if rgb and shape[-1] not in (3, 4):
        raise ValueError(f"rgb: found a last axis of {shape[-1]}, expected 3 or 4 colours")


def with_alpha(radius: int, rgb: bool, shape: Sequence[int]) -> int:
    """Pixels around a block that its result depends on, in an image that may have alpha.

    Colours that alpha hides are filled from those as far away again.
    """
    return 2 * radius if rgb and shape[-1] > ALPHA else radius
