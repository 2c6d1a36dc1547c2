"""The command that upscales again, as the last time or as the selected result was made.

Belongs here: the dock in front, and its button pressed. Which result is meant and where its source
is, is ``reuse.py``; how the dock takes the settings is ``dock.py``.
"""

from __future__ import annotations

import napari
from napari.layers import Image, Labels
from napari.utils.notifications import show_error

from napari_autolut.widgets.upscale.dock import UpscaleWidget
from napari_autolut.widgets.upscale.reuse import LastRun, selected_result, source_of

MENU_NAME = "Upscale (AutoLUT upscaling)"
"""Under which napari's menus open and find the dock: a second one must not stand beside it."""

NO_IMAGE = "Select an image, or a result of the Upscale dock, to upscale it again."
NO_SETTINGS = (
    "Nothing was upscaled yet, so there are no settings to use again: press Run in the Upscale "
    "dock, or select a result."
)
AT_WORK = "The Upscale dock is at work: wait for it, or cancel it first."


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
    docks = viewer.window.dock_widgets.values()
    dock = next((each for each in docks if isinstance(each, UpscaleWidget)), None)
    if dock is None:
        dock = UpscaleWidget(viewer)
        viewer.window.add_dock_widget(dock, name=MENU_NAME)
    dock.parent().show()
    dock.parent().raise_()
    return dock
