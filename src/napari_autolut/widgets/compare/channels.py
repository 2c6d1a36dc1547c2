"""Channels of an image that are seen together: which layers they are, and the box that asks for it.

Belongs here: which open layers are channels of one image, and which results belong to each other.
What is computed of them is ``planning.py``.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from napari.layers import Image, Layer
from qtpy.QtWidgets import QCheckBox

from napari_autolut.comparison import same_place
from napari_autolut.layers import (
    METADATA_KEY,
    SHINING_THROUGH,
    is_error_map,
    layer_id,
    source_id_of,
)
from napari_autolut.widgets.shared import is_source
from napari_autolut.widgets.shared.plain_text import plain

if TYPE_CHECKING:
    from napari.components import ViewerModel

OF_ONE_IMAGE = ("source", "source_id", "limits", "noise", "model_date", "tables", "index", "lazy")
"""In a result's metadata: what may differ between channels that were treated alike."""


class ChannelsBox(QCheckBox):
    """A tick for all channels of the picked image; seen where there are more than one.

    Parameters
    ----------
    viewer : napari.components.ViewerModel
        Whose layers may be channels.
    """

    def __init__(self, viewer: ViewerModel) -> None:
        super().__init__("&Channels together")
        self._viewer = viewer
        self._layer: Layer | None = None
        self.adapt_to(None)

    @property
    def others(self) -> list[Image]:
        """The other channels of the picked image, from below, where they are wanted."""
        return channels_of(self._viewer.layers, self._layer) if self.isChecked() else []

    def adapt_to(self, layer: Layer | None) -> None:
        """Offer the channels of another image."""
        self._layer = layer
        others = channels_of(self._viewer.layers, layer)
        self.setVisible(bool(others))
        if not others:
            self.setChecked(False)
            return
        names = ", ".join(each.name for each in (layer, *others) if each is not None)
        self.setToolTip(
            plain(
                f"Show {names} together in their colours in every view. Figures, differences and "
                "maps of errors are those of the picked image"
            )
        )


def channels_of(layers: Iterable[Layer], layer: Layer | None) -> list[Image]:
    """The other channels of an image: grey layers as large, in its place, that shine through.

    The lowest of them may hide what lies below. What is hidden is none, unless a result of it is
    seen in its stead, or the image is hidden itself. Results belong together where they were made
    alike; maps of errors are no channels. ``layers`` are those of the viewer, from below.
    """
    if not isinstance(layer, Image) or layer.rgb:
        return []
    own = layer_id(layer)
    opened = list(layers)
    seen = {layer_id(each) for each in opened if each.visible or not layer.visible}
    seen |= {own, *(source_id_of(each) for each in opened if each.visible)}
    alike = [
        each
        for each in opened
        if layer_id(each) == own or (layer_id(each) in seen and _is_alike(layer, each))
    ]
    channels = [each for n, each in enumerate(alike) if n == 0 or each.blending in SHINING_THROUGH]
    others = [each for each in channels if layer_id(each) != own]
    return others if len(others) < len(channels) else []


def _is_alike(layer: Image, other: Layer) -> bool:
    """Whether a layer may be another channel of an image, however it is blended."""
    return (
        isinstance(other, Image)
        and is_source(other)
        and not is_error_map(other.metadata)
        and _provenance_key(other) == _provenance_key(layer)
        and _shape(other) == _shape(layer)
        and same_place(layer, other)
    )


def counterpart(
    layers: Sequence[Layer], result: Layer, channel: Layer, channels: Sequence[Layer]
) -> Image | None:
    """The result of a channel that was made as another channel's was; None where there is none.

    Either may be a result of a result, as of a denoised channel.
    """
    ids = {layer_id(each) for each in channels}
    steps, _ = _made_of(layers, result, ids)
    wanted = steps, layer_id(channel)
    made = (each for each in reversed(layers) if _made_of(layers, each, ids) == wanted)
    return next(made, None) if steps else None


def _made_of(layers: Sequence[Layer], layer: Layer, ids: set[str]) -> tuple[list[Hashable], str]:
    """How a layer was made, the last step first, and of which of ``ids``; empty if of none."""
    steps: list[Hashable] = []
    at: Layer | None = layer
    while at is not None and layer_id(at) not in ids:
        steps.append(_provenance_key(at))
        source = source_id_of(at)
        if source in ids:
            return steps, source
        at = next((each for each in layers if layer_id(each) == source), None)
    return [], ""


def _provenance_key(layer: Layer) -> Hashable:
    made: Any = layer.metadata.get(METADATA_KEY)
    if not isinstance(made, dict):
        return None
    return tuple(sorted((key, repr(made[key])) for key in made if key not in OF_ONE_IMAGE))


def _shape(layer: Image) -> tuple[int, ...]:
    return tuple((layer.data[0] if layer.multiscale else layer.data).shape)
