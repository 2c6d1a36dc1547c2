"""Layers that are shown become others in place: napari collects garbage as layers go, for 0.2 s.

Belongs here: what makes a layer look like another one. Which layers are shown is ``canvas.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from napari_autolut._compat import together
from napari_autolut.layers import COLOURS, PLACE, take_over

if TYPE_CHECKING:
    from napari.components import LayerList
    from napari.layers import Image

LOOKS = (
    "scale", "translate", *PLACE, "contrast_limits_range", *COLOURS, "blending", "interpolation2d"
)  # fmt: skip
"""What two views may differ in, besides their pixels and names."""


def show_instead(shown: LayerList, wanted: Sequence[Image]) -> None:
    """Show these layers, or those that are shown already made to look like them; nothing else."""
    kept = len(wanted) if all(map(_are_alike, shown, wanted)) else 0
    if len(shown) > kept:
        with together(shown):
            del shown[kept:]
    for layer in shown:
        layer.name = ""  # no two can have the same one, be it for a moment
    for layer, like in zip(shown, wanted, strict=False):
        # Between the types: numpy refuses whole numbers that new pixels cannot have.
        layer.contrast_limits = [float(each) for each in layer.contrast_limits]
        layer.data, layer.name = like.data, like.name
        take_over(layer, like, LOOKS)
    for layer in wanted[len(shown) :]:
        shown.append(layer)


def _are_alike(layer: Image, other: Image) -> bool:
    """Whether napari can give a layer all that the other one has."""
    return layer.ndim == other.ndim and layer.rgb == other.rgb
