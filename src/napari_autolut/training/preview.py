"""A picture of what a degradation does: a place of an image as it is, and as it is learned from.

Belongs here: which place, and both pictures of it; no Qt and no torch. How images are made worse
is ``degradation.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays import resolve_range
from napari_autolut.io import FileImage
from napari_autolut.training.degradation import Degradation
from napari_autolut.training.layers import LayerPixels
from napari_autolut.training.planes import finite_part

SIDE = 96
"""Pixels of the sharp image that are shown a side; scales 1 to 4 divide it."""

CANDIDATES = 12

Plane = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Effect:
    """Two pictures of a place, uint8 of (side, side) each, in the same grey values."""

    before: NDArray[np.uint8]
    after: NDArray[np.uint8]


def file_plane(of_file: FileImage) -> Plane:
    """The middle plane of an image of a file, as the trainer sees it: (H, W) in [0, 255].

    Raises
    ------
    ImageFileError
        If it cannot be read.
    TrainingDataError
        If it is hardly finite anywhere.
    """
    image = of_file.read()
    return _middle(image.data, image.spatial_axes, image.rgb)


def layer_plane(layer: LayerPixels) -> Plane:
    """The middle plane of a layer, as the trainer sees it: (H, W) in [0, 255]."""
    return _middle(layer.data, layer.spatial_axes, layer.rgb)


def _middle(data: Any, spatial_axes: tuple[int, int], rgb: bool) -> Plane:
    kept = (*spatial_axes, data.ndim - 1) if rgb else spatial_axes
    index = tuple(slice(None) if axis in kept else n // 2 for axis, n in enumerate(data.shape))
    plane = np.asarray(data[index])
    green = plane[..., 1] if rgb else plane
    if green.dtype == np.uint8:
        return green.astype(np.float32)
    found = resolve_range(plane, rgb=rgb)
    scaled = (green.astype(np.float64) - found.lo) / (found.unit or 1.0)
    scaled = scaled[finite_part(scaled)]
    plane_in_range: Plane = scaled.clip(0, 255).astype(np.float32)
    return plane_in_range


def effect_of(plane: Plane, scale: int, how: Degradation, place: int = 0) -> Effect:
    """Show a degradation at a lively place of a plane.

    Parameters
    ----------
    plane : ndarray, shape (H, W)
        Values in [0, 255].
    scale : int
        Factor by which it is downscaled.
    how : Degradation
        The degradation.
    place : int, default 0
        Another number, another place.
    """
    around = _lively(plane, np.random.default_rng(place))
    rows, columns = (size - size % scale for size in around.shape)
    before = around[:rows, :columns]
    return _displayed(before, _degraded(before, scale, how))


def pair_effect(hr: Plane, lr: Plane, place: int) -> Effect:
    """Show a place of an HR image beside the same place of its LR image."""
    scale = hr.shape[0] // lr.shape[0]
    low_row, low_column = _place(lr, SIDE // scale, place)
    side = min(SIDE // scale, *lr.shape)
    after = lr[low_row : low_row + side, low_column : low_column + side]
    row, column = low_row * scale, low_column * scale
    before = hr[row : row + side * scale, column : column + side * scale]
    return _displayed(before, _enlarged(after, scale))


def _lively(plane: Plane, random: np.random.Generator) -> Plane:
    row, column = _place(plane, SIDE, int(random.integers(2**31)))
    return plane[row : row + SIDE, column : column + SIDE]


def _place(plane: Plane, side: int, seed: int) -> tuple[int, int]:
    """Corner of the place with the most to see, of a few at random."""
    random = np.random.default_rng(seed)
    highest = [max(1, size - side + 1) for size in plane.shape]
    corners = [tuple(int(random.integers(top)) for top in highest) for _ in range(CANDIDATES)]
    lively = [float(plane[y : y + side, x : x + side].std()) for y, x in corners]
    y, x = corners[int(np.argmax(lively))]
    return y, x


def _degraded(plane: Plane, scale: int, how: Degradation) -> Plane:
    """Made worse, and as large as it was, each pixel as a square."""
    lr = how.downscale(plane[None], scale)[0]
    noisy = how.add_noise(lr.astype(np.float32), np.random.default_rng(0))
    return _enlarged(noisy, scale)


def _enlarged(plane: Plane, scale: int) -> Plane:
    return np.repeat(np.repeat(plane, scale, 0), scale, 1)


def _displayed(before: Plane, after: Plane) -> Effect:
    """Both in the grey values that show the first one best."""
    low, high = (float(each) for each in np.percentile(before, (0.1, 99.9)))
    gain = 255 / ((high - low) or 1)

    def shown(plane: Plane) -> NDArray[np.uint8]:
        return np.ascontiguousarray(np.clip((plane - low) * gain, 0, 255), np.uint8)

    return Effect(shown(before), shown(after))
