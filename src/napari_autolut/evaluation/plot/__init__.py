"""Quality against size and time, as an SVG or PNG drawing.

Lives here: the panels, where names go, and the marks with their two writers. Not here: the figures
(``evaluation.methods``).
"""

from napari_autolut.evaluation.plot.drawing import Drawing, write_drawing
from napari_autolut.evaluation.plot.panels import plot

__all__ = ["Drawing", "plot", "write_drawing"]
