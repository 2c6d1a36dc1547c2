"""Views of several channels that are seen together, in their colours.

Belongs here: which layers lie over each other in a view. What each of them is, is ``layers.py``.
"""

from __future__ import annotations

import numpy as np

from napari_autolut.comparison.layers import Comparison
from napari_autolut.layers import LayerData

FIRST, OTHERS = "translucent", "additive"
"""How the lowest layer of a view and those on it are blended: the lowest covers the background."""

KEPT = ("minimum", "multiplicative")
"""What channels are blended with otherwise, as inverted colours are."""


def stacks(comparison: Comparison) -> list[list[LayerData]]:
    """Layer data of all views, each with one layer for every channel, from below."""
    others = [iter(channel.layer_data()) for channel in comparison.channels]
    result = []
    for each, own in zip(comparison.shown, comparison.layer_data(), strict=True):
        if each.alone:
            result.append(alone(own, comparison))
            continue
        channels = zip(others, comparison.channels, strict=True)
        above = [_over(next(views), channel) for views, channel in channels]
        result.append([_in_composite(own, comparison, FIRST), *above])
    return result


def alone(layer_data: LayerData, comparison: Comparison) -> list[LayerData]:
    """A view in which one layer is seen, with as many layers as the other views."""
    return [layer_data, *(_nothing(layer_data) for _ in comparison.channels)]


def _over(layer_data: LayerData, channel: Comparison) -> LayerData:
    own = channel.source.state.get("blending")
    return _in_composite(layer_data, channel, own if own in KEPT else OTHERS)


def _in_composite(layer_data: LayerData, channel: Comparison, blending: str) -> LayerData:
    """A layer as it is blended; the layer's opacity, by which views come and go, is in its colours.

    Colours that darken what lies below, as inverted ones, stay as they are.
    """
    data, meta, kind = layer_data
    opacity = channel.source.state.get("opacity", 1.0)
    if opacity < 1 and blending not in KEPT:
        colormap = meta["colormap"]
        colours = np.array(colormap["colors"]) * (*(opacity,) * 3, 1)
        # under the old name, napari before 0.9 would take it for that of all layers to come
        own = {"name": f"{colormap['name']} at {opacity:g}", "colors": colours}
        meta = {**meta, "colormap": {**colormap, **own}}
    return data, {**meta, "blending": blending}, kind


def _nothing(layer_data: LayerData) -> LayerData:
    """A layer of the same size and place that adds nothing."""
    data, meta, kind = layer_data
    blank = np.broadcast_to(np.zeros((), np.uint8), data.shape)
    look = {"colormap": "gray", "contrast_limits": (0, 1), "blending": OTHERS}
    return blank, {**meta, **look}, kind
