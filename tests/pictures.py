"""Random images of any type, a photograph, and whether an image came back from a file as it was."""

from __future__ import annotations

import numpy as np
from skimage import data as samples

from napari_autolut.io.image_file import ImageFile

DTYPES = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64"]
DTYPES += ["float16", "float32", "float64", ">u2", ">f4"]

UPRIGHT = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(a, 2).swapaxes(0, 1),
    8: lambda a: np.rot90(a),
}
"""Orientations as EXIF pictures them."""


def picture(shape, dtype="uint8", seed=0, top=200):
    """Noise from 0 to ``top``."""
    return np.random.default_rng(seed).uniform(0, top, shape).astype(dtype)


def noise(shape: tuple[int, ...], dtype: str = "uint8", seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    if dtype.startswith("float"):
        return rng.normal(size=shape).astype(dtype)
    info = np.iinfo(dtype)
    return rng.integers(info.min, info.max, shape, dtype, endpoint=True)


def same(image: ImageFile, data: np.ndarray, axes: str) -> bool:
    return (
        image.axes == axes
        and image.data.dtype == data.dtype
        and image.data.shape == data.shape
        and bool((image.data == data).all())
    )


def photograph(side: int = 64) -> np.ndarray:
    """A part of a photograph in colour, 8 bits, which has hardly any noise."""
    return samples.astronaut()[: 4 * side : 4, 150 : 150 + 4 * side : 4]


def twice(image: ImageFile) -> ImageFile:
    """The image with each pixel as four, as a result is described."""
    rows, columns = image.spatial_axes
    return image.enlarged(image.data.repeat(2, rows).repeat(2, columns), 2)
