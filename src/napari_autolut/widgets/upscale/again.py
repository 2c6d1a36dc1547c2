"""Running again as the last time, or as the selected result was made: from dock, menu and palette.

Belongs here: which result is meant, and where its source is. How the dock takes the settings is
``dock.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import napari
from napari.layers import Image, Labels
from napari.utils.notifications import show_error
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QPushButton, QWidget

from napari_autolut._compat import world_units
from napari_autolut.layers import Provenance, layer_id, point_in_world
from napari_autolut.widgets.shared import Connections, breakable, wrapped_label

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Layer

    from napari_autolut.widgets.upscale.dock import UpscaleWidget

MENU_NAME = "Upscale (AutoLUT upscaling)"
"""Under which napari's menus open and find the dock: a second one must not stand beside it."""

NO_IMAGE = "Select an image, or a result of the Upscale dock, to upscale it again."
NO_SETTINGS = (
    "Nothing was upscaled yet, so there are no settings to use again: press Run in the Upscale "
    "dock, or select a result."
)
AT_WORK = "The Upscale dock is at work: wait for it, or cancel it first."


class LastRun:
    """How the last result of this session was made; None before there is one."""

    made: Provenance | None = None


def upscale_again(viewer: napari.Viewer) -> None:
    """Set the Upscale dock as it was last used, and press its button for the selected image.

    Where a result is selected, all is done as that was made, to the image that it was made of.
    napari gives the viewer.
    """
    selected, of_selected = viewer.layers.selection.active, selected_result(viewer)
    made = of_selected or LastRun.made
    if not isinstance(selected, Image | Labels):
        show_error(NO_IMAGE)
        return
    if made is None:
        show_error(NO_SETTINGS)
        return
    dock = shown_dock(viewer)
    if dock.run_bar.running:
        show_error(AT_WORK)
    elif dock.use(made, on=None if of_selected else selected):
        if of_selected and source_of(viewer, made) is None:
            dock.run_bar.refuse(
                f"{made.source!r}, of which the selected layer was made, is not open any more. "
                "The dock has its settings: pick an image and press Run."
            )
        else:
            dock.run_bar.button.click()


def shown_dock(viewer: napari.Viewer) -> UpscaleWidget:
    """The Upscale dock in front: the one that is open, whatever opened it, or a new one."""
    from napari_autolut.widgets.upscale.dock import UpscaleWidget  # It imports this module.

    docks = viewer.window.dock_widgets.values()
    dock = next((each for each in docks if isinstance(each, UpscaleWidget)), None)
    if dock is None:
        dock = UpscaleWidget(viewer)
        viewer.window.add_dock_widget(dock, name=MENU_NAME)
    dock.parent().show()
    dock.parent().raise_()
    return dock


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
