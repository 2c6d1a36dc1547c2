"""Images for the tests of image files, and whether one came back as it was. No assertions."""

from __future__ import annotations

import numpy as np

from napari_autolut.io import ImageFile


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
