"""A field for a folder, or a file: typed, chosen in a dialog, or dropped on it.

Belongs here: how a folder is named. What is done with it, the docks say.
"""

from __future__ import annotations

import os
from pathlib import Path

from qtpy.QtCore import QDir, QMimeData, QSize, Signal
from qtpy.QtGui import QDragEnterEvent, QDropEvent
from qtpy.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from napari_autolut.util.paths import user_path

PATH_LETTERS = 12
"""Letters of a path that are seen at least."""


class FolderField(QWidget):
    """A line with the path, and a button that opens the system's dialog.

    Parameters
    ----------
    title : str
        Which folder it is: title of the dialog, and the line's name for screen readers.
    tip : str, default ""
        Tool tip of the line; the title where it is empty.
    files : bool, default False
        Whether a file will do as well; else one that is dropped means the folder it is in.
    """

    folder_changed = Signal()

    def __init__(self, title: str, tip: str = "", *, files: bool = False) -> None:
        super().__init__()
        self._title, self._files = title, files
        self.setAcceptDrops(True)
        self.line = _PathLine()
        self.line.setPlaceholderText(f"Folder{' or file' if files else ''}; or drop one here")
        self.line.setAccessibleName(title)
        self.line.setToolTip(tip or title)
        self.line.setAcceptDrops(False)  # Qt would type the folder's URL
        self.line.textChanged.connect(self.folder_changed)
        self.browse = QPushButton("Browse…")
        self.browse.setToolTip(f"Choose: {title.lower()}")
        self.browse.setAccessibleName(f"{title}…")
        self.browse.clicked.connect(self._choose)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.line, 1)
        layout.addWidget(self.browse)
        self.setFocusProxy(self.line)

    @property
    def folder(self) -> Path | None:
        """What is written, which need not exist; None where that is nothing."""
        text = self.line.text().strip()
        return user_path(text) if text else None

    @folder.setter
    def folder(self, folder: Path) -> None:
        self.line.setText(str(folder))

    def _choose(self) -> None:
        start = str(self.folder or Path(QDir.homePath()))
        if chosen := QFileDialog.getExistingDirectory(self, self._title, start):
            self.folder = Path(chosen)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Take files and folders of this computer."""
        if _dropped(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Write the path in place of what was there."""
        path = _dropped(event.mimeData())
        if path is not None:
            self.folder = path if self._files or os.path.isdir(path) else path.parent  # noqa: PTH112
            event.acceptProposedAction()


class _PathLine(QLineEdit):
    """A line that goes below its label rather than show the beginning of a word."""

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Room for some letters of a path."""
        hint = super().minimumSizeHint()
        return QSize(PATH_LETTERS * self.fontMetrics().averageCharWidth(), hint.height())


def _dropped(data: QMimeData) -> Path | None:
    return next((Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()), None)
