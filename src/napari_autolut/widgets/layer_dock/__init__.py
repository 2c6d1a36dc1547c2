"""What docks share that compute new layers from picked ones: Upscale and Denoise.

Lives here: the dock without its own fields, the lens, the options for stacks, and what is said of a
run. Not here: what is computed (``layers``), and the fields of each dock.
"""

from napari_autolut.widgets.layer_dock.dock import LayerDock

__all__ = ["LayerDock"]
