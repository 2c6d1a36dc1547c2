"""Pixels of an image file as training sees them: grey planes in [0, 255].

Belongs here: channels, slices and colours as planes, the range of values, and the finite part. Not
here: which files (``images.py``), and how a mask is told from an image
(``arrays/label_images.py``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays import Range
from napari_autolut.arrays.label_images import regions_word
from napari_autolut.batch.files import channel_ranges
from napari_autolut.io import ImageFile, check_intensities, read_image
from napari_autolut.training.blank import one_level
from napari_autolut.training.images import TrainingDataError
from napari_autolut.util.boxes import Slices

Plane = NDArray[np.uint8] | NDArray[np.float32]
Stack = NDArray[np.generic]

MIN_FINITE = 0.25
"""Fraction of rows and of columns that must be left where others hold NaN."""


class Channels(NamedTuple):
    """What of an image can be learned from.

    Parameters
    ----------
    stacks : tuple of ndarray, shape (..., H, W)
        Each channel in the file's own dtype: slices and colours.
    ranges : tuple of Range
        The automatic range of each channel, as upscaling takes it.
    slices : ndarray of int, shape (...)
        For each plane of a channel its number along the longest axis of slices or frames: colours
        of one slice have the same.
    remark : str
        What of the file is not used, and why; empty where all of it is.
    """

    stacks: tuple[Stack, ...]
    ranges: tuple[Range, ...]
    slices: NDArray[np.intp]
    remark: str = ""

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns."""
        height, width = self.stacks[0].shape[-2:]
        return height, width

    @property
    def flat(self) -> list[Stack]:
        """Channels as (P, H, W)."""
        return [stack.reshape(-1, *stack.shape[-2:]) for stack in self.stacks]

    @property
    def slice_numbers(self) -> NDArray[np.intp]:
        """Slice numbers of the planes of all channels, one channel after the other."""
        return np.tile(self.slices.reshape(-1), len(self.stacks))


def channels(image: ImageFile) -> Channels:
    """Channels of an image, without alpha, masks, blank channels and NaN at the borders.

    Raises
    ------
    TrainingDataError
        If it holds complex numbers, NaN or infinite values everywhere, one value alone, or is a
        mask or a label image.
    """
    if image.data.dtype.kind not in "buif":
        raise TrainingDataError(f"holds {image.data.dtype}, expected integers or floats")
    colours = image.data[..., :3] if image.rgb else image.data
    planes = np.moveaxis(colours, image.spatial_axes, (-2, -1))
    axes = "".join(axis for axis in image.axes if axis not in "YX")
    remarks = []
    if planes.dtype.kind == "f":
        rows, columns = finite_part(planes)
        if (part := planes[..., rows, columns]).shape != planes.shape:
            size = f"{part.shape[-1]} x {part.shape[-2]} of {planes.shape[-1]} x {planes.shape[-2]}"
            remarks.append(f"NaN or infinite values at the borders; {size} pixels are used")
            planes = part
    split = np.moveaxis(planes, axes.index("C"), 0) if "C" in axes else planes[None]
    ranges = channel_ranges(image, "auto")
    reasons = [
        _useless(channel, range_, colours=image.rgb)
        for channel, range_ in zip(split, ranges, strict=True)
    ]
    if all(reasons):
        raise TrainingDataError(reasons[0])
    remarks += [f"channel {n} is left out: {why}" for n, why in enumerate(reasons, 1) if why]
    useful = [number for number, why in enumerate(reasons) if not why]
    stacks = tuple(split[number] for number in useful)
    slices = _slice_numbers(stacks[0].shape[:-2], axes.replace("C", ""))
    return Channels(stacks, tuple(ranges[n] for n in useful), slices, "; ".join(remarks))


def _useless(channel: Stack, range_: Range, *, colours: bool) -> str:
    """Why nothing can be learned from a channel; empty where something can."""
    if channel.min() == channel.max():
        return f"every pixel is {channel.min()}, expected an image"
    word = regions_word(channel, colours=colours)
    level = one_level(channel) if channel.dtype == np.uint8 else None
    if not word and (range_.is_flat or level is not None):
        word = f"hardly a pixel is other than {range_.lo if level is None else level:g}"
    return word and f"{word}, expected an image"


def _slice_numbers(shape: tuple[int, ...], axes: str) -> NDArray[np.intp]:
    """Numbers along the longest axis that is not of colours, for every plane."""
    lengths = [0 if axis == "S" else n for axis, n in zip(axes, shape, strict=True)]
    if not any(lengths):
        return np.zeros(shape, np.intp)
    longest = int(np.argmax(lengths))
    along = [-1 if number == longest else 1 for number in range(len(shape))]
    numbers = np.arange(shape[longest]).reshape(along)
    return np.broadcast_to(numbers, shape)


def finite_part(planes: NDArray[Any]) -> Slices:
    """Rows and columns within which every plane is finite.

    Borders are cut off one by one, always the one with the most NaN or infinite values.

    Parameters
    ----------
    planes : ndarray, shape (..., H, W)
        Floats.

    Raises
    ------
    TrainingDataError
        If less than a quarter of the rows or of the columns is left.
    """
    flat = planes.reshape(-1, *planes.shape[-2:])
    missing: NDArray[np.bool_] = np.logical_not(np.isfinite(flat).all(axis=0))
    height, width = missing.shape
    top, bottom, left, right = 0, height, 0, width
    while (part := missing[top:bottom, left:right]).any():
        sides = (part[0], part[-1], part[:, 0], part[:, -1])
        worst = int(np.argmax([side.mean() for side in sides]))
        if not sides[worst].any():  # all of them lie inside
            worst = 2 * int(part.shape[1] >= part.shape[0])
        top, bottom = top + (worst == 0), bottom - (worst == 1)
        left, right = left + (worst == 2), right - (worst == 3)
        if bottom - top < MIN_FINITE * height or right - left < MIN_FINITE * width:
            raise TrainingDataError(
                "holds NaN or infinite values in its midst, expected a finite part"
            )
    return slice(top, bottom), slice(left, right)


def whole_channels(image: ImageFile) -> Channels:
    """Channels of one image of a pair, of which all pixels must serve; errors as `channels`."""
    found = channels(image)
    if found.remark:
        raise TrainingDataError(f"{found.remark}; expected all of it to be usable in a pair")
    return found


def in_range(channel: Stack, range_: Range, *, clip: bool = True) -> Plane:
    """Values in [0, 255]; bytes of that range as they are.

    Parameters
    ----------
    channel : ndarray, shape (P, H, W)
        Values of any dtype.
    range_ : Range
        Values that become 0 and 255.
    clip : bool, default True
        Clip what lies outside, such as hot pixels, from which nothing can be learned.
    """
    if channel.dtype == np.uint8 and range_.is_identity:
        return channel.astype(np.uint8)
    result = np.empty(channel.shape, np.float32)
    for plane, target in zip(channel, result, strict=True):
        target[:] = (plane.astype(np.float64) - range_.lo) / range_.unit
    return result.clip(0, 255, out=result) if clip else result


class Planes(NamedTuple):
    """Planes of all channels of a file, and for each its slice number; see `Channels`.

    ``values`` are (P, H, W) in [0, 255].
    """

    values: Plane
    slices: NDArray[np.intp]
    remark: str = ""


def read_planes(path: Path, *, series: int | None = None) -> Planes:
    """Planes of all channels of an image of a file, each in its own range.

    Parameters
    ----------
    path : Path
        The file.
    series : int, optional
        Which of its images; by default the first.

    Raises
    ------
    ImageFileError
        If the file cannot be read.
    TrainingDataError
        If its pixels cannot be learned from, see `channels`.
    """
    image = read_image(path, series=series)
    check_intensities(path, image)
    found = channels(image)
    values = np.concatenate([*map(in_range, found.flat, found.ranges)])
    return Planes(values, found.slice_numbers, found.remark)
