"""Settings of results, used again: of the selected layer, and of the last run.

Belongs here: which result is meant, where its source is, and the bar that offers its settings. The
command that runs with them is ``again.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QPushButton, QWidget

from napari_autolut._compat import world_units
from napari_autolut.layers import Provenance, layer_id, point_in_world
from napari_autolut.widgets.shared import Connections, breakable, wrapped_label

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Layer


class LastRun:
    """How the last result of this session was made; None before there is one."""

    made: Provenance | None = None


def selected_result(viewer: ViewerModel) -> Provenance | None:
    """How the selected layer was made; None where it is none of our results."""
    layer = viewer.layers.selection.active
    return None if layer is None else Provenance.of(layer.metadata)


def source_of(viewer: ViewerModel, made: Provenance) -> Layer | None:
    """The layer that a result was made of, whatever it is called now; None where it is gone."""
    return next((each for each in viewer.layers if layer_id(each) == made.source_id), None)


def show_slice(viewer: ViewerModel, made: Provenance, source: Layer) -> None:
    """Show the slice of the source that the result was made of, where it was only one."""
    point = [(made.index or {}).get(axis, 0) for axis in range(source.ndim)]
    world = point_in_world(source, point, world_units(viewer))
    for axis in made.index or {}:
        viewer.dims.set_point(axis - source.ndim, world[axis])


class ReuseBar(QWidget):
    """An offer to use the selected layer's settings, seen while other ones are set."""

    use_pressed = Signal(object)

    def __init__(self, viewer: ViewerModel, is_set: Callable[[Provenance], bool]) -> None:
        super().__init__()
        self._viewer, self._is_set = viewer, is_set
        self.made: Provenance | None = None
        self.text = wrapped_label()
        self.button = QPushButton("Use its settings")
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
            self.text.setText(breakable(f"The selected layer was made by {self.made.model}."))
            self.show()
        else:
            self.hide()

    def _press(self) -> None:
        if self.made is not None:
            self.use_pressed.emit(self.made)
        self.refresh()
