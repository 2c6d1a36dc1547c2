"""A stack as (..., slices, rows, columns) whatever its axes, and the sample that is learned from.

Belongs here: moving axes, and which parts of a large stack are read to learn from it. What is
learned is ``learning.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays import MASKED, Range, ValueRange, is_dask, is_masked, resolve_range
from napari_autolut.arrays.image import as_image, check_names
from napari_autolut.arrays.normalisation import normalise
from napari_autolut.util.arguments import checked_axis, checked_flag
from napari_autolut.util.samples import middle, spread

SAMPLED_PIXELS, SAMPLED_SIDE, MIN_SAMPLED = 2**21, 512, 8
"""Of the slices that are learned from: pixels in all, longest side, and number at least."""

COLUMN_SLICES, COLUMN_SIDE = 96, 192
"""Of the part that tells how coarse the stack is along z."""


class Stack(NamedTuple):
    """An array with slices, rows and columns last, and where these were.

    Parameters
    ----------
    array : array_like, shape (..., Z, H, W)
        Numpy or dask.
    axes : tuple of int
        Where slices, rows and columns are in the image.
    channel : int, optional
        Which of the leading axes holds channels or colours, each with a table of its own.
    """

    array: Any
    axes: tuple[int, int, int]
    channel: int | None

    @property
    def channels(self) -> int:
        """How many tables there are."""
        return 1 if self.channel is None else int(self.array.shape[self.channel])

    @property
    def volumes(self) -> list[tuple[int, ...]]:
        """Indices of all volumes."""
        return list(np.ndindex(tuple(self.array.shape[:-3])))

    def channel_of(self, volume: tuple[int, ...]) -> int:
        """Channel of a volume."""
        return 0 if self.channel is None else volume[self.channel]

    def volumes_of(self, channel: int) -> list[tuple[int, ...]]:
        """Indices of the volumes of a channel: its frames."""
        return [each for each in self.volumes if self.channel_of(each) == channel]

    def back(self, result: Any) -> Any:
        """Move the axes of a result to where they were."""
        return _moved(result, (-3, -2, -1), self.axes)


class Sample(NamedTuple):
    """What is read of one channel to learn from it, in levels of a range of 255.

    Parameters
    ----------
    slices : ndarray of float32, shape (n, H, W)
        From all over the stack.
    column : ndarray of float32, shape (Z, H, W)
        Neighbouring slices.
    limits : Range
        Pixel values of the levels 0 and 255.
    """

    slices: NDArray[np.float32]
    column: NDArray[np.float32]
    limits: Range


def stack_of(
    image: Any, z_axis: int | None, channel_axis: int | None, *, rgb: bool = False
) -> Stack:
    """Tell the axes of an image.

    Parameters
    ----------
    image : array_like
        Numpy or dask.
    z_axis : int, optional
        The axis of slices; by default the third from last, channels and colours not counted.
    channel_axis : int, optional
        An axis of channels.
    rgb : bool, default False
        Whether the last axis holds colours.

    Raises
    ------
    TypeError
        For what is no array, and for bool, complex, object, text and masked arrays.
    ValueError
        If the axes do not fit, or the last one is as long as colours and ``rgb`` is false.
    """
    if is_masked(image):
        raise TypeError(MASKED)
    array = as_image(image)
    ndim = array.ndim
    given = None if channel_axis is None else checked_axis(channel_axis, ndim, "channel_axis")
    if checked_flag(rgb, "rgb") and given is not None:
        raise ValueError(
            f"channel_axis: found {channel_axis} beside rgb=True, which says that the last axis "
            "holds channels; give one of the two"
        )
    channel = ndim - 1 if rgb else given
    z = None if z_axis is None else checked_axis(z_axis, ndim, "z_axis")
    spatial = [axis for axis in range(ndim) if axis not in (channel, z)]
    if len(spatial) < (3 if z is None else 2) or (z is not None and z == channel):
        raise ValueError(
            f"stack: found shape {tuple(array.shape)} (z_axis={z_axis}, channel_axis="
            f"{channel_axis}, rgb={rgb}), expected slices, rows and columns"
        )
    axes = (spatial[-3] if z is None else z, spatial[-2], spatial[-1])
    check_names(image, dict(zip("zyx", axes, strict=True)))
    if axes[-1] == ndim - 1 and array.shape[-1] in (3, 4):
        raise ValueError(
            f"stack: found {array.shape[-1]} columns (shape {tuple(array.shape)}), expected more; "
            "give rgb=True for colours, channel_axis=-1 for channels"
        )
    leading = None if channel is None else channel - sum(axis < channel for axis in axes)
    return Stack(_moved(array, axes, (-3, -2, -1)), axes, leading)


def sample_of(stack: Stack, channel: int, value_range: ValueRange = None) -> Sample:
    """Read what one channel is learned from; of a large stack a small part.

    Parameters
    ----------
    stack : Stack
        The stack.
    channel : int
        Number of the channel.
    value_range : "auto", "dtype" or tuple of float, optional
        As for :func:`~napari_autolut.upscale`; by default robust percentiles of the sample.
    """
    raw = np.stack(list(_sampled_slices(stack, channel)))
    limits = resolve_range(raw, value_range)
    frames = stack.volumes_of(channel)
    slices = stack.array.shape[-3]
    cuts = (middle(slices, COLUMN_SLICES), *(middle(n, COLUMN_SIDE) for n in _plane(stack)))
    column = np.asarray(stack.array[(*frames[len(frames) // 2], *cuts)])
    return Sample(normalised(raw, limits), normalised(column, limits), limits)


def normalised(pixels: NDArray[Any], limits: Range) -> NDArray[np.float32]:
    """Intensities from 0 to 255; NaN becomes the lower limit, all else is clipped."""
    if limits.is_flat:
        return np.zeros(pixels.shape, np.float32)
    if pixels.dtype.kind == "f":
        pixels = np.nan_to_num(pixels, nan=limits.lo, posinf=limits.hi, neginf=limits.lo)
    return normalise(pixels, limits)


def _plane(stack: Stack) -> tuple[int, int]:
    rows, columns = stack.array.shape[-2:]
    return int(rows), int(columns)


def _sampled_slices(stack: Stack, channel: int) -> Iterator[NDArray[Any]]:
    """The middle of slices that are evenly spread over all frames."""
    rows, columns = (middle(length, SAMPLED_SIDE) for length in _plane(stack))
    pixels = (rows.stop - rows.start) * (columns.stop - columns.start)
    frames = stack.volumes_of(channel)
    slices = int(stack.array.shape[-3])
    total = len(frames) * slices
    count = min(total, max(MIN_SAMPLED, SAMPLED_PIXELS // max(1, pixels)))
    for number in spread(total, count):
        frame, at = divmod(int(number), slices)
        yield np.asarray(stack.array[(*frames[frame], at, rows, columns)])


def _moved(array: Any, source: tuple[int, ...], target: tuple[int, ...]) -> Any:
    if not is_dask(array):
        return np.moveaxis(array, source, target)
    import dask.array as da

    return da.moveaxis(array, source, target)
