"""A canvas's own OpenGL context, in which alone what is drawn there may be deleted.

Belongs here: making it the current one in time. Which layers go, and when, is not.
"""

from __future__ import annotations

from napari.qt import QtViewer
from qtpy.QtCore import QObject

from napari_autolut._compat import native_canvas
from napari_autolut.widgets.shared.connections import Connections


class OwnContext:
    """Makes a canvas's own OpenGL context the current one before a layer goes, until `undo`.

    When a layer goes, napari deletes its textures, buffers and programs at once, outside of any
    drawing. It does so in whichever context Qt used last: that of another canvas, or of the window
    itself. There, what has the same numbers is deleted, and what is deleted stays bound here. The
    next drawing then shows nothing, or ends the whole program.
    """

    def __init__(self, qt_viewer: QtViewer, owner: QObject) -> None:
        self._native = native_canvas(qt_viewer)
        self._connections = Connections(owner)
        removing = qt_viewer.viewer.layers.events.removing
        self._connections.connect(removing, self._make_current)
        self.undo = self._connections.undo

    def _make_current(self, _event: object = None) -> None:
        self._native.makeCurrent()
