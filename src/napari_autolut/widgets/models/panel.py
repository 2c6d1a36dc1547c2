"""What belongs to a model picker: the card of its model, and buttons for user models.

Belongs here: adding and removing model files by hand, and the questions that belong to it. What may
be added or removed is ``storage.user_models``.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from napari.utils.notifications import show_error, show_info
from qtpy.QtCore import QEvent, Qt, QTimer
from qtpy.QtGui import QDragEnterEvent, QDropEvent, QShowEvent
from qtpy.QtWidgets import (
    QFileDialog,
    QMessageBox,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from napari_autolut.storage.user_models import add_model_file, remove_model
from napari_autolut.widgets.models.card import ModelCard
from napari_autolut.widgets.models.export_button import ExportButton
from napari_autolut.widgets.models.picker import ModelPicker
from napari_autolut.widgets.shared import REFUSALS, refusal_text, wrapping_row
from napari_autolut.widgets.shared.plain_text import plain

FILES = "Models (*.safetensors)"


class ModelPanel(QWidget):
    """Read about the model of a picker, add and remove user models; takes files that are dropped.

    ``models`` is the picker, which lies where the dock puts it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._delay = QTimer(self, singleShot=True, interval=0)
        self._delay.timeout.connect(self._match_fonts)
        self.setAcceptDrops(True)
        self.models = ModelPicker()
        self.models.setToolTip(
            "The look-up tables to use: press to search among shipped ones and yours, or drop "
            "a .safetensors model file here"
        )
        self.card = ModelCard()
        self.about = QToolButton()
        self.about.setText("A&bout this model")
        self.about.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.about.setCheckable(True)
        self.about.setAutoRaise(True)
        self.about.setToolTip("What the model is for, and what it was trained on")
        self._by_hand = False
        self.add = QPushButton("&Add a model file\N{HORIZONTAL ELLIPSIS}")
        self.add.setToolTip("Copy a .safetensors model into the folder of your models")
        self.export = ExportButton(self.models)
        self.remove = QPushButton("Rem&ove\N{HORIZONTAL ELLIPSIS}")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.about)
        layout.addWidget(self.card)
        layout.addLayout(wrapping_row(self.add, self.export, self.remove))
        self.about.toggled.connect(self._show_card)
        self.about.clicked.connect(self._choose_by_hand)
        self.about.setChecked(True)
        self.models.model_changed.connect(self._show_remove)
        self.models.files_given.connect(self.add_files)
        self.models.add_pressed.connect(self._ask_for_files)
        self.add.clicked.connect(self._ask_for_files)
        self.remove.clicked.connect(self._ask_and_remove)
        self._show_remove()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Write the toggle as large as the buttons: napari's style leaves tool buttons small."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._delay.start()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """As when the style changes, which it does unseen as well."""
        super().showEvent(event)
        self._delay.start()

    def _match_fonts(self) -> None:
        self.about.setFont(self.add.font())

    # --- where there is little room -----------------------------------------------------------

    def fold(self, on: bool) -> None:
        """Hide the card, or show it, unless the user has chosen."""
        if not self._by_hand:
            self.about.setChecked(not on)

    def hidden_height(self) -> int:
        """Pixels that this would be higher if nothing were hidden."""
        if self.about.isChecked():
            return 0
        card = self.card.layout().totalHeightForWidth(self.width())
        return card + self.layout().spacing()

    def _show_card(self, on: bool) -> None:
        self.card.setVisible(on)
        self.about.setArrowType(Qt.ArrowType.DownArrow if on else Qt.ArrowType.RightArrow)

    def _choose_by_hand(self) -> None:
        self._by_hand = True

    # --- models of the user's ------------------------------------------------------------------

    def add_files(self, paths: Iterable[Path]) -> None:
        """Take model files into the catalogue, choose the last, and say what is wrong with any."""
        for path in paths:
            try:
                entry = add_model_file(path)
            except REFUSALS as error:
                show_error(plain(refusal_text(error)))
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
                show_error(plain(refusal_text(error)))
            self.models.refresh()

    def _show_remove(self) -> None:
        entry = self.models.entry
        if entry is None or entry.origin != "user":
            self.remove.hide()
        else:
            self.remove.show()
            self.remove.setToolTip(plain(f"Delete {entry.path}, after asking"))
