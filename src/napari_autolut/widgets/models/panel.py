"""What belongs to a model picker: the card of its model, and buttons for user models.

Belongs here: adding and removing model files by hand, and the questions that belong to it. What may
be added or removed is ``storage.user_models``.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from napari.utils.notifications import show_error, show_info
from qtpy.QtGui import QDragEnterEvent, QDropEvent
from qtpy.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_autolut.storage.user_models import add_model_file, remove_model
from napari_autolut.widgets.models.card import ModelCard
from napari_autolut.widgets.models.export_button import ExportButton
from napari_autolut.widgets.models.picker import ModelPicker
from napari_autolut.widgets.shared import REFUSALS
from napari_autolut.widgets.shared.plain_text import plain

FILES = "Models (*.safetensors)"


class ModelPanel(QWidget):
    """Read about the model of a picker, add and remove user models; takes files that are dropped.

    ``models`` is the picker, which lies where the dock puts it.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self.models = ModelPicker()
        self.models.setToolTip(
            "The look-up tables to use: press to search among shipped ones and yours, or drop "
            "a .safetensors model file here"
        )
        self.card = ModelCard()
        self.add = QPushButton("&Add a model file\N{HORIZONTAL ELLIPSIS}")
        self.add.setToolTip("Copy a .safetensors model into the folder of your models")
        self.export = ExportButton(self.models)
        self.remove = QPushButton("Rem&ove\N{HORIZONTAL ELLIPSIS}")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.card)
        buttons = QHBoxLayout()
        buttons.addWidget(self.add, 1)
        buttons.addWidget(self.export)
        buttons.addWidget(self.remove)
        layout.addLayout(buttons)
        self.models.model_changed.connect(self._show_remove)
        self.models.files_given.connect(self.add_files)
        self.models.add_pressed.connect(self._ask_for_files)
        self.add.clicked.connect(self._ask_for_files)
        self.remove.clicked.connect(self._ask_and_remove)
        self._show_remove()

    def add_files(self, paths: Iterable[Path]) -> None:
        """Take model files into the catalogue, choose the last, and say what is wrong with any."""
        for path in paths:
            try:
                entry = add_model_file(path)
            except REFUSALS as error:
                show_error(plain(str(error)))
            else:
                self.models.refresh()
                self.models.pick(entry)
                show_info(plain(f"{entry.name} is one of your models now."))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Take model files beside the picker too."""
        self.models.dragEnterEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Take what is dropped beside the picker too."""
        self.models.dropEvent(event)

    def _ask_for_files(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self, "Add model files", "", FILES)
        self.add_files(map(Path, names))

    def _ask_and_remove(self) -> None:
        entry = self.models.entry
        if entry is None:
            return
        answer = QMessageBox.question(
            self,
            "Remove a model",
            plain(f"Delete your model {entry.name}?\n\n{entry.path}\n\nThis cannot be undone."),
            QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.Cancel,
            QMessageBox.StandardButton.Cancel,
        )
        if answer == QMessageBox.StandardButton.Yes:
            try:
                remove_model(entry)
            except REFUSALS as error:
                show_error(plain(str(error)))
            self.models.refresh()

    def _show_remove(self) -> None:
        entry = self.models.entry
        if entry is None or entry.origin != "user":
            self.remove.hide()
        else:
            self.remove.show()
            self.remove.setToolTip(plain(f"Delete {entry.path}, after asking"))
