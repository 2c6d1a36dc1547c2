"""OpenGL contexts of two canvases in one program, kept apart while layers come and go.

When a layer goes, napari deletes its textures and programs at once, outside of any drawing, and so
in the context of whichever window was drawn last. Numbers are all that OpenGL knows them by: what
the other canvas has under the same numbers is deleted, and that canvas stays broken.
"""

from __future__ import annotations

from napari.qt import QtViewer
from qtpy.QtCore import QObject

from napari_autolut._compat import native_canvas
from napari_autolut.widgets.shared.connections import Connections


class OwnContext:
    """Makes a canvas's own context the current one before a layer goes from it, until `undo`."""

    def __init__(self, qt_viewer: QtViewer, owner: QObject) -> None:
        self._native = native_canvas(qt_viewer)
        self._connections = Connections(owner)
        removing = qt_viewer.viewer.layers.events.removing
        self._connections.connect(removing, self._make_current)
        self.undo = self._connections.undo

    def _make_current(self, _event: object = None) -> None:
        self._native.makeCurrent()
