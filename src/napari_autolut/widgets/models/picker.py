"""Which model to use: a box with the models of the catalogue, which opens a list to search in.

Belongs here: what is chosen, and reading it. The list is ``popup.py``, user models ``panel.py``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qtpy.QtCore import QSignalBlocker, Qt, Signal
from qtpy.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QShowEvent
from qtpy.QtWidgets import QComboBox

from napari_autolut.model import LutModel, ModelError
from napari_autolut.storage import (
    SUFFIX,
    CatalogueEntry,
    catalogue_changes,
    list_models,
    load_model,
    user_models_folder,
)
from napari_autolut.storage.summaries import ModelSummary, in_groups
from napari_autolut.util.spelling import composed
from napari_autolut.widgets.models.popup import ModelPopup
from napari_autolut.widgets.models.preferred import preferred
from napari_autolut.widgets.shared import Connections
from napari_autolut.widgets.shared.plain_text import plain


class NoModelError(LookupError):
    """There is no model to choose from; says where models come from."""


class ModelPicker(QComboBox):
    """The models of the catalogue, read again whenever it changes and the box is shown or opened.

    ``lost`` names a chosen model that is gone, ``files_given`` has paths of model files that were
    dropped, and ``add_pressed`` asks for such files.
    """

    model_changed = Signal()
    lost = Signal(str)
    files_given = Signal(list)
    add_pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._summaries: list[ModelSummary] = []
        self._loaded: LutModel | ModelError | NoModelError = _no_model()
        self.setPlaceholderText("No model was found")
        self.setAcceptDrops(True)
        self.popup = ModelPopup(self)
        self.popup.chosen.connect(self.pick)
        self.popup.add_pressed.connect(self.add_pressed)
        self.popup.closed.connect(self._end_popup)
        self.currentIndexChanged.connect(self._load)
        self.connections = Connections(self)
        self.connections.connect(catalogue_changes.happened, self._on_catalogue)
        self.refresh()

    @property
    def loaded(self) -> LutModel | ModelError | NoModelError:
        """The chosen model, or why it cannot be used."""
        return self._loaded

    @property
    def model(self) -> LutModel:
        """The chosen model.

        Raises
        ------
        NoModelError
            if the catalogue is empty
        ModelFileError
            if the file of the chosen model is not valid
        """
        if isinstance(self._loaded, LutModel):
            return self._loaded
        raise self._loaded

    @property
    def entry(self) -> CatalogueEntry | None:
        """Where the chosen model is; None where there is none."""
        index = self.currentIndex()
        return self._summaries[index].entry if 0 <= index < len(self._summaries) else None

    @property
    def nbytes(self) -> int | None:
        """Size of the chosen model's file; None where there is none."""
        index = self.currentIndex()
        return self._summaries[index].nbytes if 0 <= index < len(self._summaries) else None

    def pick(self, entry: CatalogueEntry) -> None:
        """Choose a model of the catalogue; one that is not there changes nothing."""
        entries = [summary.entry for summary in self._summaries]
        if entry in entries:
            self.setCurrentIndex(entries.index(entry))

    def pick_name(self, name: str) -> bool:
        """Choose a model by its name, else by that on its card, as files are renamed.

        Says whether there is one.
        """
        entries = {composed(s.card.name): s.entry for s in reversed(self._summaries)}
        entries |= {s.entry.name: s.entry for s in reversed(self._summaries)}
        entry = entries.get(composed(name))
        if entry is not None:
            self.pick(entry)
        return entry is not None

    def refresh(self) -> None:
        """Read the catalogue and the chosen file again, which may have been trained anew."""
        chosen = self.entry
        self._summaries = in_groups(list_models())
        with QSignalBlocker(self):
            self.clear()
            for row, summary in enumerate(self._summaries):
                self.addItem(summary.label)
                self.setItemData(row, plain(str(summary.entry.path)), Qt.ItemDataRole.ToolTipRole)
            self.setCurrentIndex(self._preferred(chosen))
        self.setEnabled(bool(self._summaries))
        self._load()
        if chosen is not None and self.entry != chosen:
            self.lost.emit(chosen.name)

    def showPopup(self) -> None:  # noqa: N802
        """Open the list with what is in the catalogue now."""
        self.refresh()
        self.popup.open_below(self, self._summaries, self.entry)

    def hidePopup(self) -> None:  # noqa: N802
        """Close the list."""
        self.popup.hide()
        super().hidePopup()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """A box that was hidden may have missed new models."""
        self.refresh()
        super().showEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Open the list and search it for what is typed."""
        typed = event.text()
        if typed.strip() and typed.isprintable() and not event.modifiers() & _COMMANDS:
            self.showPopup()
            self.popup.search.setText(typed)
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Take model files."""
        if model_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Pass on the model files among what is dropped."""
        if files := model_files(event.mimeData()):
            event.acceptProposedAction()
            self.files_given.emit(files)

    def _end_popup(self) -> None:
        """Let the box forget that its list was open, so that the next press opens it again."""
        super().hidePopup()

    def _on_catalogue(self, _event: object = None) -> None:
        self.refresh()

    def _preferred(self, chosen: CatalogueEntry | None) -> int:
        entries = [summary.entry for summary in self._summaries]
        if chosen in entries:
            return entries.index(chosen)
        return preferred([entry.name for entry in entries])

    def _load(self) -> None:
        entry = self.entry
        try:
            self._loaded = _no_model() if entry is None else load_model(entry.path)
        except ModelError as error:
            self._loaded = error
        self.model_changed.emit()


_COMMANDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


def model_files(data: Any) -> list[Path]:
    """The model files in what is dragged."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    return [path for path in paths if path.suffix == SUFFIX]


def _no_model() -> NoModelError:
    return NoModelError(
        "No model was found: reinstall napari-autolut, which brings some, or put a .safetensors "
        f"model into {user_models_folder()}"
    )
