"""Images to try the plugin on, under File > Open Sample.

Belongs here: small, freely redistributable images, so that nothing is downloaded. Some come with
scikit-image, reduced to a quarter with the field's bicubic, as benchmark images are: a four-fold
table gives back what the reduction took. Fluorescence stacks of 16 bits are computed by
``simulated_stacks.py``; they may be used for anything (CC0).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays import resize
from napari_autolut.layers.provenance import LayerData
from napari_autolut.layers.simulated_stacks import Microscope, filaments, nuclei

REDUCTION = 4
CELL_PIXEL = 0.107
"""Micrometres between the pixels of scikit-image's cell, as its documentation says."""


def cell() -> list[LayerData]:
    """Phase image of a cell, 165 x 137 pixels of 0.428 micrometres; CC0, Müller et al. 2018."""
    from skimage.data import cell as full

    pixel = CELL_PIXEL * REDUCTION
    return [_reduced(full(), "cell", scale=(pixel, pixel), units=("um", "um"))]


def tissue() -> list[LayerData]:
    """Stained colon, 128 x 128 RGB; no known copyright restrictions, CMMI."""
    from skimage.data import immunohistochemistry

    return [_reduced(immunohistochemistry(), "tissue", rgb=True)]


def astronaut() -> list[LayerData]:
    """Eileen Collins, 128 x 128 RGB; public domain, NASA."""
    from skimage.data import astronaut as full

    return [_reduced(full(), "astronaut", rgb=True)]


SCENE = (60, 192, 192)
"""Voxels of the simulated scene."""

LIT = Microscope(photons=300, background=6)
DIM = Microscope(photons=25, background=1.5)
ANISOTROPIC = Microscope(photons=300, background=6, blur=(0.45, 0.11), z_step=5)


def fluorescence() -> list[LayerData]:
    """Nuclei and filaments, 20 x 192 x 192 of 0.3 x 0.1 x 0.1 micrometres, 16 bits; simulated."""
    return _two_channels(LIT, "")


def fluorescence_noisy() -> list[LayerData]:
    """The same with at most 25 photons in a voxel, as of living cells; simulated."""
    return _two_channels(DIM, " (noisy)")


def fluorescence_anisotropic() -> list[LayerData]:
    """Filaments, 12 x 192 x 192 of 0.5 x 0.1 x 0.1 micrometres, blurred along z; simulated."""
    stack = ANISOTROPIC.record(filaments(SCENE), seed=3)
    return [_stack_data(stack, ANISOTROPIC, "filaments (anisotropic)", "gray", "translucent")]


def _two_channels(microscope: Microscope, suffix: str) -> list[LayerData]:
    channels = (("filaments", "bop orange"), ("nuclei", "bop blue"))
    # napari opens samples in the window's thread: the less it waits, the better
    with ThreadPoolExecutor() as pool:
        recorded = pool.map(
            lambda scene, seed: microscope.record(scene(SCENE), seed), (filaments, nuclei), (0, 1)
        )
        return [
            _stack_data(stack, microscope, name + suffix, colormap, "additive")
            for stack, (name, colormap) in zip(recorded, channels, strict=True)
        ]


def _stack_data(
    stack: NDArray[np.uint16], microscope: Microscope, name: str, colormap: str, blending: str
) -> LayerData:
    low, high = np.quantile(stack, (0.05, 0.999))
    meta = {
        "name": name,
        "scale": microscope.spacing,
        "units": ("um", "um", "um"),
        "axis_labels": ("z", "y", "x"),
        "colormap": colormap,
        "blending": blending,
        "contrast_limits": (float(low), float(high)),
    }
    return stack, meta, "image"


def _reduced(image: Any, name: str, **meta: Any) -> LayerData:
    rows, columns = (size - size % REDUCTION for size in image.shape[:2])
    small = resize(image[:rows, :columns], Fraction(1, REDUCTION))
    return small, {"name": name, **meta}, "image"
