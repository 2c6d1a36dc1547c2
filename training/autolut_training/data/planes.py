"""Planes of an image file as training sees them: grey, in [0, 255].

Belongs here: slices and colours as planes, and the range of values. Folders are ``data.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from napari_autolut.io.files import read_image
from napari_autolut.io.image_file import ImageFileError

Plane = NDArray[np.uint8] | NDArray[np.float32]
Stack = NDArray[np.generic]


class TrainingDataError(ValueError):
    """Images that cannot be trained on, with what was found and what is needed."""


READ_ERRORS = (ImageFileError, TrainingDataError, OSError, MemoryError)
"""What a file that is passed over may raise."""


def read_channels(path: Path) -> Iterator[Stack]:
    """Channels of an image file: (P, H, W) each, of slices and colours, in the file's own type.

    Alpha is left out.

    Raises
    ------
    ImageFileError
        if the file cannot be read
    TrainingDataError
        if it holds complex numbers, NaN or infinite values, or a channel of one value alone
    """
    image = read_image(path)
    if image.data.dtype.kind not in "buif":
        raise TrainingDataError(f"holds {image.data.dtype}, expected whole numbers or floats")
    colours = image.data[..., :3] if image.rgb else image.data
    planes = np.moveaxis(colours, image.spatial_axes, (-2, -1))
    others = [axis for axis in image.axes if axis not in "YX"]
    split = "C" in others and planes.dtype != np.uint8
    channels = np.moveaxis(planes, others.index("C"), 0) if split else planes[None]
    for channel in channels:
        if channel.dtype.kind == "f" and not np.isfinite(channel).all():
            raise TrainingDataError("holds NaN or infinite values, expected finite ones")
        if channel.min() == channel.max():
            raise TrainingDataError(f"every pixel is {channel.min()}, expected an image")
        yield channel.reshape(-1, *channel.shape[-2:])


def in_range(channel: Stack, limits: tuple[float, float] | None = None) -> Plane:
    """Values in [0, 255]: 8 bits as they are, others from their lowest to their highest.

    ``limits`` are the values that become 0 and 255 instead; others may then lie outside.
    """
    if channel.dtype == np.uint8 and limits is None:
        return channel.astype(np.uint8)
    low, high = limits or (float(channel.min()), float(channel.max()))
    result = np.empty(channel.shape, np.float32)
    for plane, target in zip(channel, result, strict=True):
        target[:] = (plane.astype(np.float64) - low) * (255 / (high - low))
    return result


def read_planes(path: Path) -> Plane:
    """(P, H, W) planes in [0, 255] of all channels, each in its own range; errors as above."""
    return np.concatenate([in_range(channel) for channel in read_channels(path)])
