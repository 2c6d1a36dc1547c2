"""A folder that the user types, drops or looks for."""

from __future__ import annotations

from pathlib import Path

from qtpy.QtCore import Signal
from qtpy.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from qtpy.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget


class FolderEdit(QWidget):
    """A line for a folder's path, and a button to look for it.

    ``title`` names the dialog, which is the system's own.
    """

    folder_changed = Signal()

    def __init__(self, title: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self.line = _PathLine()
        self.line.setAccessibleName(title)
        self.line.setToolTip(tip)
        self.line.textChanged.connect(self.folder_changed)
        self.browse = QPushButton("…")
        self.browse.setToolTip(f"{title}…")
        self.browse.setAccessibleName(f"{title}…")
        self.browse.setFixedWidth(32)
        self.browse.clicked.connect(self._look_for)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.line, 1)
        layout.addWidget(self.browse)
        self.setFocusProxy(self.line)

    @property
    def folder(self) -> Path | None:
        """The folder, which need not exist; None where nothing is written."""
        text = self.line.text().strip()
        return Path(text).expanduser() if text else None

    @folder.setter
    def folder(self, folder: Path) -> None:
        self.line.setText(str(folder))

    def _look_for(self) -> None:
        start = str(self.folder or Path.home())
        if chosen := QFileDialog.getExistingDirectory(self, self._title, start):
            self.folder = Path(chosen)


class _PathLine(QLineEdit):
    """Takes a dropped folder as its path, in place of what was there."""

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Take paths, and text as any line does."""
        if _dropped(event) is None:
            super().dragEnterEvent(event)
        else:
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:  # noqa: N802
        """Go on taking it."""
        if _dropped(event) is None:
            super().dragMoveEvent(event)
        else:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Write the path; of a file, that of its folder."""
        path = _dropped(event)
        if path is None:
            super().dropEvent(event)
        else:
            self.setText(str(path if path.is_dir() else path.parent))
            event.acceptProposedAction()


def _dropped(event: QDropEvent) -> Path | None:
    urls = event.mimeData().urls()
    local = urls[0].toLocalFile() if urls else ""
    return Path(local) if local else None
