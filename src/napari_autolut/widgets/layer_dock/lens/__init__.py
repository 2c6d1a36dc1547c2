"""The lens: a temporary layer that shows the result for what is in view, before anything is run.

Lives here: when and which piece is computed, the layer that shows it, its rows of a form. Not here:
how a piece is computed (``layers/preview.py``), and what is said of it (``layer_dock/text.py``).
"""

from napari_autolut.widgets.layer_dock.lens.row import LensRow

__all__ = ["LensRow"]
