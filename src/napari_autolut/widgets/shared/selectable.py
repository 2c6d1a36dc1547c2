"""Text of docks that can be selected, and is copied as it was said.

Belongs here: what is copied. How the text may be wrapped is ``text``.
"""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtGui import QClipboard, QContextMenuEvent, QKeyEvent, QKeySequence, QMouseEvent
from qtpy.QtWidgets import QApplication, QLabel, QMenu

from napari_autolut.widgets.shared.text import BREAK, breakable

PARAGRAPH = "\N{PARAGRAPH SEPARATOR}"
"""Ends a line of what Qt says is selected."""


class SelectableLabel(QLabel):
    """A label whose long names may be wrapped; copied as they are, so that paths can be pasted."""

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setText(text)

    def setText(self, text: str) -> None:  # noqa: N802
        """Show a text; as `breakable`."""
        super().setText(breakable(text))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Copy what is selected; other keys are Qt's."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Give what was selected to the middle button, where a system has that."""
        super().mouseReleaseEvent(event)
        if QApplication.clipboard().supportsSelection():
            self.copy(QClipboard.Mode.Selection)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """Show the menu that Qt has for such text."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        copy = menu.addAction("&Copy")
        copy.triggered.connect(lambda: self.copy())
        copy.setEnabled(self.hasSelectedText())
        every = menu.addAction("Select &All")
        every.triggered.connect(lambda: self.setSelection(0, len(self.text())))
        menu.popup(event.globalPos())

    def copy(self, mode: QClipboard.Mode = QClipboard.Mode.Clipboard) -> None:
        """Copy what is selected, if anything is."""
        if self.hasSelectedText():
            text = self.selectedText().replace(BREAK, "").replace(PARAGRAPH, "\n")
            QApplication.clipboard().setText(text, mode)
