"""What all docks are: widgets that let go of the viewer when they are closed.

Belongs here: how a dock learns that it is closed. Docks that make layers have more in common, which
is ``layer_dock``.
"""

from __future__ import annotations

from abc import abstractmethod

from qtpy.QtCore import QEvent
from qtpy.QtWidgets import QWidget


class Dock(QWidget):
    """A dock's content.

    Qt's classes have a metaclass of their own, so that nothing checks for ``tear_down``.
    """

    @abstractmethod
    def tear_down(self) -> None:
        """Stop, and listen to nothing any more: the dock is closed."""

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Notice that napari takes the widget out of its closed dock.

        Qt deletes it, then. Left to Python's garbage collector, a child that holds a method of the
        dock can be the last to do so: PySide6 deletes the dock in the midst of deleting the child,
        and with the dock the child once more.
        """
        super().changeEvent(event)
        if event.type() == QEvent.Type.ParentChange and self.parent() is None:
            self.tear_down()
            self.deleteLater()
