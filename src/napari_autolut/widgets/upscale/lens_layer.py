"""The layer in which a lens shows its piece: above its source, looking like it, never selected.

Belongs here: the temporary layer and its source's look. What it shows is ``lens.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari.layers import Image

from napari_autolut._compat import insert_quietly, swap_pixels
from napari_autolut.layers import PREVIEW_KEY, Preview
from napari_autolut.widgets.shared import Connections

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from qtpy.QtCore import QObject

LOOK = ("blending", "opacity", "interpolation2d", "gamma", "colormap", "contrast_limits")
RGB_LOOK = LOOK[:3]
PLACE = ("rotate", "shear", "affine", "units", "axis_labels")
ADDING = ("additive", "minimum", "multiplicative")
"""Blendings in which what lies below is seen too: there the source is hidden under its lens."""


class LensLayer:
    """Shows pieces of one source; `remove` leaves the viewer as it was."""

    def __init__(self, viewer: ViewerModel, source: Image, name: str, owner: QObject) -> None:
        self._viewer, self._source, self._name = viewer, source, name
        self._hid_source = False
        self.layer: Image | None = None
        self._connections = Connections(owner)
        for attribute in self._look:
            self._connections.connect(getattr(source.events, attribute), self._follow)

    @property
    def _look(self) -> tuple[str, ...]:
        return RGB_LOOK if self._source.rgb else LOOK

    @property
    def hides_source(self) -> bool:
        """Whether the source is hidden, as it would be added to what the lens shows."""
        return self._hid_source

    def show(self, piece: Preview) -> None:
        """Show a piece at its place in the world."""
        if self.layer is None:
            self._add(piece)
        else:
            swap_pixels(self.layer, piece.pixels, piece.placement)
        self._hide_source()

    def remove(self) -> None:
        """Take the layer away and show the source again."""
        self._connections.undo()
        layer, self.layer = self.layer, None
        if layer is not None and layer in self._viewer.layers:
            self._viewer.layers.remove(layer)
        self._show_source()

    def _add(self, piece: Preview) -> None:
        state: dict[str, Any] = self._source.as_layer_data_tuple()[1]
        kept = {key: state[key] for key in (*self._look, *PLACE) if key in state}
        self.layer = Image(
            piece.pixels,
            **kept,
            name=self._name,
            rgb=self._source.rgb,
            scale=piece.placement["scale"],
            translate=piece.placement["translate"],
            metadata={PREVIEW_KEY: True},
        )
        above = self._viewer.layers.index(self._source) + 1
        insert_quietly(self._viewer, above, self.layer)

    def _follow(self, _event: object = None) -> None:
        """Look like the source."""
        if self.layer is None:
            return
        for attribute in self._look:
            value = getattr(self._source, attribute)
            if getattr(self.layer, attribute) != value:
                setattr(self.layer, attribute, value)
        self._hide_source()

    def _hide_source(self) -> None:
        if self._source.blending in ADDING and self._source.visible:
            self._hid_source = True
            self._source.visible = False
        elif self._source.blending not in ADDING:
            self._show_source()

    def _show_source(self) -> None:
        if self._hid_source:
            self._hid_source = False
            self._source.visible = True
