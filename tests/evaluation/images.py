"""Images to measure models on. Belongs here: what tests of evaluation share."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from napari_autolut.arrays import bicubic
from napari_autolut.io import ImageFile, write_image


def scene(shape: tuple[int, ...], seed: int = 0, top: float = 255) -> np.ndarray:
    """Blobs that interpolation can follow, and noise that it cannot."""
    rng = np.random.default_rng(seed)
    coarse = rng.uniform(0.1, 0.9, (shape[0] // 6 + 2, shape[1] // 6 + 2, *shape[2:]))
    blobs = bicubic.resize(coarse, 8)[: shape[0], : shape[1]]
    return ((blobs + rng.uniform(-0.1, 0.1, shape)).clip(0, 1) * top).round()


def save(folder: Path, name: str, image: np.ndarray) -> Path:
    folder.mkdir(exist_ok=True)
    axes = "YX" if image.ndim == 2 else "YXS"
    return write_image(folder / name, ImageFile(image, axes))
