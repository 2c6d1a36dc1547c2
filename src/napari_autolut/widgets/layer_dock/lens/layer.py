"""The layer in which a lens shows its piece: above its source, looking like it, never selected.

Belongs here: the temporary layer and its source's appearance. What it shows is ``lens.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari.layers import Image, Layer

from napari_autolut._compat import insert_quietly, swap_pixels
from napari_autolut.layers import (
    COLOURS,
    PLACE,
    PREVIEW_KEY,
    Preview,
    above_all,
    family,
    lets_through,
    take_away,
    take_over,
)
from napari_autolut.widgets.shared import Connections

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from qtpy.QtCore import QObject

RGB_APPEARANCE = ("blending", "opacity", "interpolation2d", "projection_mode")
APPEARANCE = (*RGB_APPEARANCE, *COLOURS)
FRAME_COLOUR = (1.0, 0.8, 0.2, 1.0)
"""Seen on dark and on bright images alike."""


class LensLayer:
    """Shows pieces of one source; `remove` leaves the viewer as it was.

    A layer that is removed costs a third of a second, in which napari collects garbage. Some
    drivers of graphics cards crash where textures are left, so it is not held back. So the layer
    stays while one work gives way to another, and ``waits`` unseen.
    """

    def __init__(self, viewer: ViewerModel, source: Image, owner: QObject) -> None:
        self._viewer, self._source = viewer, source
        self._hidden: list[Layer] = []
        self.layer: Image | None = None
        self.waits = False
        self._label = ""
        self._connections = Connections(owner)
        self._connections.connect(source.events.name, self._follow_name)
        for attribute in self._appearance:
            self._connections.connect(getattr(source.events, attribute), self._follow)

    @property
    def _appearance(self) -> tuple[str, ...]:
        return RGB_APPEARANCE if self._source.rgb else APPEARANCE

    @property
    def hides_source(self) -> bool:
        """Whether the source is hidden, as it would be added to what the lens shows."""
        return self._source in self._hidden

    def show(self, piece: Preview, label: str) -> None:
        """Show a piece at its place in the world; the label says what is done."""
        layer, self._label = self.layer, label
        if layer is None:
            self._add(piece)
        else:
            swap_pixels(layer, piece.pixels, piece.placement)
            take_over(layer, self._source, PLACE)
            if self.waits:
                self.waits, layer.name, layer.visible = False, self._name, True
        if self.layer is not None and self.layer.visible:  # else the source is looked at
            self._hide_below()

    @property
    def _name(self) -> str:
        return f"Lens: {self._source.name} ({self._label})"

    def wait(self) -> None:
        """Show the source until there is a piece of another work."""
        self.peek(True)
        self.waits = True

    def peek(self, on: bool) -> None:
        """Show the source in place of the lens, or the lens again."""
        if self.layer is None or self.waits:
            return
        self.layer.visible = not on
        if on:
            self._show_hidden()
        else:
            self._hide_below()

    def remove(self) -> None:
        """Take the layer away and show the source again."""
        self._connections.undo()
        layer, self.layer = self.layer, None
        if layer is not None and layer in self._viewer.layers:
            take_away(self._viewer, layer)
        self._show_hidden()

    def _add(self, piece: Preview) -> None:
        state: dict[str, Any] = self._source.as_layer_data_tuple()[1]
        kept = {key: state[key] for key in (*self._appearance, *PLACE) if key in state}
        self.layer = Image(
            piece.pixels,
            **kept,
            name=self._name,
            rgb=self._source.rgb,
            scale=piece.placement["scale"],
            translate=piece.placement["translate"],
            metadata={PREVIEW_KEY: True},
        )
        frame = self.layer.bounding_box
        frame.line_color, frame.points, frame.visible = FRAME_COLOUR, False, True
        insert_quietly(self._viewer, above_all(self._viewer, self._source), self.layer)

    def _follow_name(self, _event: object = None) -> None:
        if self.layer is not None:
            self.layer.name = self._name

    def _follow(self, _event: object = None) -> None:
        """Look like the source."""
        if self.layer is not None:
            take_over(self.layer, self._source, self._appearance)
            self._hide_below()

    def _hide_below(self) -> None:
        """Hide the source and its results where they would be seen through the lens."""
        if not lets_through(self._source):
            self._show_hidden()
            return
        for layer in family(self._viewer, self._source):
            if layer.visible:
                self._hidden.append(layer)
                layer.visible = False

    def _show_hidden(self) -> None:
        hidden, self._hidden = self._hidden, []
        for layer in hidden:
            if layer in self._viewer.layers:
                layer.visible = True
