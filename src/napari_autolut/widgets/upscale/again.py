"""The command that runs again as the selected layer was made: in the menu and in the palette."""

import napari
from napari.utils.notifications import show_error

from napari_autolut.widgets.upscale.reuse import selected_result, source_of

NO_RESULT = (
    "The selected layer holds no settings of napari-autolut: select a result of the Upscale dock."
)
AT_WORK = "The Upscale dock is at work: wait for it, or cancel it first."


def upscale_again(viewer: napari.Viewer) -> None:
    """Set the Upscale dock as the selected layer was made, and press its button.

    napari gives the viewer.
    """
    made = selected_result(viewer)
    if made is None:
        show_error(NO_RESULT)
        return
    frame, dock = viewer.window.add_plugin_dock_widget("napari-autolut", "Upscale")
    frame.show()
    frame.raise_()
    if dock.run_bar.running:
        show_error(AT_WORK)
    elif dock.use(made):
        if source_of(viewer, made) is None:
            dock.run_bar.refuse(
                f"{made.source!r}, of which the selected layer was made, is not open any more. "
                "The dock has its settings: pick an image and press Run."
            )
        else:
            dock.run_bar.button.click()
