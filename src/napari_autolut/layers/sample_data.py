"""Images to try the plugin on, under File > Open Sample.

Belongs here: small, real, freely redistributable images that come with scikit-image, so that
nothing is downloaded. Each is reduced to a quarter with the field's bicubic, as benchmark images
are: a four-fold table gives back what the reduction took.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from napari_autolut.arrays import resize
from napari_autolut.layers.provenance import LayerData

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


def _reduced(image: Any, name: str, **meta: Any) -> LayerData:
    rows, columns = (size - size % REDUCTION for size in image.shape[:2])
    small = resize(image[:rows, :columns], Fraction(1, REDUCTION))
    return small, {"name": name, **meta}, "image"
