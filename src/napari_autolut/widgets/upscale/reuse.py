"""An offer to run again as a result was made, while that result is selected.

Belongs here: which result is meant, and where its source is. What its settings are set in is the
dock's matter.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from napari_autolut.layers.provenance import Provenance
from napari_autolut.widgets.shared.connections import Connections

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Layer


def selected_result(viewer: ViewerModel) -> Provenance | None:
    """How the selected layer was made; None where it is none of our results."""
    layer = viewer.layers.selection.active
    return None if layer is None else Provenance.of(layer.metadata)


def source_of(viewer: ViewerModel, made: Provenance) -> Layer | None:
    """The layer that a result was made of, by its name; None where it is not open any more."""
    return next((layer for layer in viewer.layers if layer.name == made.source), None)


def look_at_slice(viewer: ViewerModel, made: Provenance, source: Layer) -> None:
    """Show the slice of the source that the result was made of, where it was only one."""
    point = [(made.index or {}).get(axis, 0) for axis in range(source.ndim)]
    world = source.data_to_world(point)
    for axis in made.index or {}:
        viewer.dims.set_point(axis - source.ndim, world[axis])


class ReuseBar(QWidget):
    """Seen while the selected layer was made in another way than is set now."""

    use_pressed = Signal(object)

    def __init__(self, viewer: ViewerModel, is_set: Callable[[Provenance], bool]) -> None:
        super().__init__()
        self._viewer, self._is_set = viewer, is_set
        self.made: Provenance | None = None
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.button = QPushButton("&Use its settings")
        self.button.setToolTip("Set model, range, axes and slices as this result was made")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.button)
        self.button.clicked.connect(self._press)
        self.connections = Connections(self)
        self.connections.connect(viewer.layers.selection.events.active, self.refresh)
        self.refresh()

    def refresh(self, _event: object = None) -> None:
        """Look at the selected layer and at the settings again."""
        self.made = selected_result(self._viewer)
        if self.made is not None and not self._is_set(self.made):
            self.text.setText(f"The selected layer was made by {self.made.model}.")
            self.show()
        else:
            self.hide()

    def _press(self) -> None:
        if self.made is not None:
            self.use_pressed.emit(self.made)
        self.refresh()
