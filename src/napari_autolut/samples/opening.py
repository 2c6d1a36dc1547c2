"""The samples as layer data.

Belongs here: how each is called, placed and coloured. Its pixels were made by ``making.py``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from napari_autolut.layers import LayerData

FOLDER = Path(__file__).parent

CELL_PIXEL = 4 * 0.107
"""Micrometres: scikit-image's cell has pixels of 0.107, as its documentation says."""


def cell() -> list[LayerData]:
    """Phase image of a cell, 165 x 137 pixels of 0.428 micrometres; CC0, Müller et al. 2018."""
    return [_plane("cell", scale=(CELL_PIXEL, CELL_PIXEL), units=("um", "um"))]


def tissue() -> list[LayerData]:
    """Stained colon, 128 x 128 RGB; no known copyright restrictions, CMMI."""
    return [_plane("tissue", rgb=True)]


def astronaut() -> list[LayerData]:
    """Eileen Collins, 128 x 128 RGB; public domain, NASA."""
    return [_plane("astronaut", rgb=True)]


def fluorescence() -> list[LayerData]:
    """Nuclei and filaments, 20 x 192 x 192 of 0.3 x 0.1 x 0.1 micrometres, 16 bits; simulated."""
    return [_channel("filaments", "bop orange"), _channel("nuclei", "bop blue")]


def fluorescence_noisy() -> list[LayerData]:
    """The same with at most 25 photons in a voxel, as of living cells; simulated."""
    return [
        _channel("filaments-noisy", "bop orange", name="filaments (noisy)"),
        _channel("nuclei-noisy", "bop blue", name="nuclei (noisy)"),
    ]


def fluorescence_anisotropic() -> list[LayerData]:
    """Filaments, 12 x 192 x 192 of 0.5 x 0.1 x 0.1 micrometres, blurred along z; simulated."""
    name, look = "filaments (anisotropic)", {"colormap": "gray", "blending": "translucent"}
    return [_stack("filaments-anisotropic", 0.5, name=name, **look)]


def _plane(file: str, **meta: Any) -> LayerData:
    return _opened(file, axis_labels=("y", "x"), **meta)


def _channel(file: str, colormap: str, **meta: Any) -> LayerData:
    return _stack(file, 0.3, colormap=colormap, blending="additive", **meta)


def _stack(file: str, spacing: float, **meta: Any) -> LayerData:
    place = {"scale": (spacing, 0.1, 0.1), "units": ("um",) * 3, "axis_labels": ("z", "y", "x")}
    return _opened(file, **place, **meta)


def _opened(file: str, **meta: Any) -> LayerData:
    with np.load(FOLDER / f"{file}.npz", allow_pickle=False) as arrays:
        pixels: NDArray[Any] = arrays["pixels"]
        if "high_bytes" in arrays:
            pixels = arrays["high_bytes"].astype(np.uint16) << 8 | pixels
            meta["contrast_limits"] = tuple(map(float, arrays["contrast_limits"]))
    return pixels, {"name": file, **meta}, "image"
