"""The window of a comparison: views on a canvas, and a bar that says how they are laid out.

Belongs here: wiring between the parts, which have their own files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QCloseEvent
from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_autolut.comparison_layers import Comparison
from napari_autolut.widgets.compare_canvas import CompareCanvas
from napari_autolut.widgets.compare_marks import Names
from napari_autolut.widgets.connections import Connections

if TYPE_CHECKING:
    import napari
SIZE = (1200, 800)
"""Width and height of a new window."""


class CompareWindow(QWidget):
    """A top-level window of linked views; it ends with its parent."""

    closed = Signal()

    def __init__(self, parent: QWidget, viewer: napari.viewer.Viewer) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Compare")
        self.resize(*SIZE)
        self._viewer = viewer
        self._comparison: Comparison | None = None
        self.canvas = CompareCanvas()
        self.names = Names(self.canvas.native)
        layout = QVBoxLayout(self)
        layout.addWidget(self.canvas, 1)
        self._connections = Connections(self)
        self._connections.connect(viewer.events.theme, self._follow_theme)
        self._follow_theme()
        self.canvas.laid_out.connect(self._place_marks)

    def compare(self, comparison: Comparison) -> None:
        """Show a comparison in place of the one before."""
        self._comparison = comparison
        self.show()
        stays = self.canvas.show_layers([each.layer_data() for each in comparison.shown])
        self.canvas.lay_beside()
        if not stays:
            self.canvas.look_as(self._viewer)
        self.raise_()
        self.activateWindow()

    def _place_marks(self) -> None:
        self.names.place(self.canvas.places(), [layer.name for layer in self.canvas.layers])

    def _follow_theme(self, _event: object = None) -> None:
        self.canvas.model.theme = self._viewer.theme

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Give back everything; the viewer was never touched."""
        self._connections.undo()
        self.canvas.close_canvas()
        self.closed.emit()
        super().closeEvent(event)
