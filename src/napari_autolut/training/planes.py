"""Pixels of an image file as training sees them: grey planes in [0, 255].

Belongs here: slices and colours as planes, the range of values, and pixels that cannot be learned
from. Not here: which files (``images.py``).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.value_range import Range, robust_range
from napari_autolut.io.files import read_image
from napari_autolut.io.image_file import ImageFile
from napari_autolut.training.images import TrainingDataError

Plane = NDArray[np.uint8] | NDArray[np.float32]
Stack = NDArray[np.generic]


def channels(image: ImageFile) -> Iterator[Stack]:
    """Channels of an image, each with its rows and columns last, in the image's own dtype.

    Alpha is left out. A channel is a view of (..., H, W) where the file's axes allow it.

    Raises
    ------
    TrainingDataError
        if it holds complex numbers, NaN or infinite values, or a channel of one value alone
    """
    if image.data.dtype.kind not in "buif":
        raise TrainingDataError(f"holds {image.data.dtype}, expected integers or floats")
    colours = image.data[..., :3] if image.rgb else image.data
    planes = np.moveaxis(colours, image.spatial_axes, (-2, -1))
    others = [axis for axis in image.axes if axis not in "YX"]
    split = "C" in others and planes.dtype != np.uint8
    for channel in np.moveaxis(planes, others.index("C"), 0) if split else planes[None]:
        if channel.dtype.kind == "f" and not np.isfinite(channel).all():
            raise TrainingDataError("holds NaN or infinite values, expected finite ones")
        if channel.min() == channel.max():
            raise TrainingDataError(f"every pixel is {channel.min()}, expected an image")
        yield channel


def read_channels(path: Path) -> Iterator[Stack]:
    """Channels of an image file: (P, H, W) each, of slices and colours, in the file's own dtype.

    Raises
    ------
    ImageFileError
        if the file cannot be read
    TrainingDataError
        if its pixels cannot be learned from, see `channels`
    """
    for channel in channels(read_image(path)):
        yield channel.reshape(-1, *channel.shape[-2:])


def in_range(channel: Stack, limits: tuple[float, float] | None = None) -> Plane:
    """Values in [0, 255]: 8 bits as they are, others in the automatic range of upscaling.

    What lies outside that range, such as hot pixels, is clipped: nothing can be learned from it.

    Parameters
    ----------
    channel : ndarray, shape (P, H, W)
        Values of any dtype.
    limits : tuple of float, optional
        Values that become 0 and 255 instead; others may then lie outside.
    """
    if channel.dtype == np.uint8 and limits is None:
        return channel.astype(np.uint8)
    found = Range(*limits) if limits else robust_range(channel)
    result = np.empty(channel.shape, np.float32)
    for plane, target in zip(channel, result, strict=True):
        target[:] = (plane.astype(np.float64) - found.lo) / found.unit
    return result if limits else result.clip(0, 255, out=result)


def read_planes(path: Path) -> Plane:
    """(P, H, W) planes in [0, 255] of all channels, each in its own range; errors as above."""
    return np.concatenate([in_range(channel) for channel in read_channels(path)])
