"""The picture of what an enlarged image cannot show: a star whose spokes are finer than its pixels.

Belongs here: that picture, computed, without a window. The other pictures are ``make_pictures.py``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from picture_files import Pixels, captioned, write_png

from napari_autolut import upscale

SIDE, SCALE, SPOKES = 352, 4, 60
DARK, BRIGHT = 50, 210
OVERSAMPLING = 4
"""Points of the star along each side of a pixel of the truth."""

WHITE_ERROR = BRIGHT - DARK
"""Grey levels of expected error that are white, and more."""


def limits(_stage: object) -> None:
    """The star as a camera with coarse pixels has it, enlarged, its expected error, the truth."""
    truth = star()
    recorded = np.rint(binned(truth, SCALE)).astype(np.uint8)
    result, expected = upscale(recorded, "natural-x4", expected_error=True)
    panels = [
        (np.kron(recorded, np.ones((SCALE, SCALE))), "recorded"),
        (result, "enlarged"),
        (expected * 255 / WHITE_ERROR, "expected error"),
        (truth, "ground truth"),
    ]
    write_png("limits", captioned([(grey(image), words) for image, words in panels], 6))


def star() -> NDArray[np.float64]:
    """Spokes that become finer towards the middle."""
    side = SIDE * OVERSAMPLING
    y, x = (np.mgrid[:side, :side] + 0.5) - side / 2
    spokes = np.cos(SPOKES * np.arctan2(y, x)) > 0
    return binned(np.where(spokes, float(BRIGHT), float(DARK)), OVERSAMPLING)


def binned(image: NDArray[np.float64], factor: int) -> NDArray[np.float64]:
    """Means of squares of pixels."""
    rows, columns = (size // factor for size in image.shape)
    blocks = image.reshape(rows, factor, columns, factor)
    mean: NDArray[np.float64] = blocks.mean((1, 3))
    return mean


def grey(image: NDArray[np.generic]) -> Pixels:
    """Levels of 0 to 255 as a picture."""
    levels = np.clip(np.rint(image), 0, 255).astype(np.uint8)
    return np.repeat(levels[..., None], 3, 2)
