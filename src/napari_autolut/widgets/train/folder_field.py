"""A field for a folder: typed, chosen in a dialog, or dropped on it."""

from __future__ import annotations

from pathlib import Path

from qtpy.QtCore import Signal
from qtpy.QtGui import QDragEnterEvent, QDropEvent
from qtpy.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget


class FolderField(QWidget):
    """A line with the path, and a button; ``what`` says which folder it is."""

    changed = Signal()

    def __init__(self, what: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._what = what
        self.setAcceptDrops(True)
        self.line = QLineEdit()
        self.line.setPlaceholderText("Folder; or drop one here")
        self.line.setAccessibleName(what)
        self.line.setToolTip(what)
        self.line.setAcceptDrops(False)
        self.line.textChanged.connect(self.changed)
        self.browse = QPushButton("Browse…")
        self.browse.setToolTip(f"Choose: {what.lower()}")
        self.browse.clicked.connect(self._choose)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.line, 1)
        layout.addWidget(self.browse)
        self.setFocusProxy(self.line)

    @property
    def folder(self) -> Path | None:
        """What the line says; None where it is empty."""
        text = self.line.text().strip()
        return Path(text).expanduser() if text else None

    def _choose(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, self._what, self.line.text())
        if chosen:
            self.line.setText(chosen)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Take files and folders of this computer."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """A dropped file means the folder it is in."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            self.line.setText(str(paths[0] if paths[0].is_dir() else paths[0].parent))
            event.acceptProposedAction()
