"""Which model to use: a box with the names in the catalogue."""

from __future__ import annotations

from qtpy.QtCore import QSignalBlocker, Qt, Signal
from qtpy.QtGui import QShowEvent
from qtpy.QtWidgets import QComboBox, QWidget

from napari_autolut.catalogue import (
    DEFAULT_MODEL,
    CatalogueEntry,
    list_models,
    load_model,
    user_models_folder,
)
from napari_autolut.model import LutModel, ModelError
from napari_autolut.preferences import preferences


class NoModelError(LookupError):
    """There is no model to choose from; says where models come from."""


class ModelPicker(QComboBox):
    """The models of the catalogue, read again whenever the box is shown or opened."""

    model_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: list[CatalogueEntry] = []
        self._loaded: LutModel | ModelError | NoModelError = _no_model()
        self.setPlaceholderText("No model was found")
        self.currentIndexChanged.connect(self._load)
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

    def refresh(self) -> None:
        """Read the catalogue and the chosen file again, which may have been trained anew."""
        entries = list_models()
        chosen = self._entries[self.currentIndex()] if self._entries else None
        with QSignalBlocker(self):
            self.clear()
            for row, entry in enumerate(entries):
                self.addItem(f"{entry.name} (own)" if entry.origin == "user" else entry.name)
                self.setItemData(row, str(entry.path), Qt.ItemDataRole.ToolTipRole)
            self._entries = entries
            self.setCurrentIndex(self._preferred(chosen))
        self.setEnabled(bool(entries))
        self._load()

    def showPopup(self) -> None:  # noqa: N802
        """Open the list with what is in the catalogue now."""
        self.refresh()
        super().showPopup()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """A box that was hidden may have missed new models."""
        self.refresh()
        super().showEvent(event)

    def _preferred(self, chosen: CatalogueEntry | None) -> int:
        if chosen in self._entries:
            return self._entries.index(chosen)
        names = [entry.name for entry in self._entries]
        wanted = (preferences().model, DEFAULT_MODEL)
        return next((names.index(name) for name in wanted if name in names), 0)

    def _load(self) -> None:
        if not self._entries:
            self._loaded = _no_model()
        else:
            try:
                self._loaded = load_model(self._entries[self.currentIndex()].path)
            except ModelError as error:
                self._loaded = error
        self.model_changed.emit()


def _no_model() -> NoModelError:
    return NoModelError(
        "No model was found: reinstall napari-autolut, which brings some, or put a .safetensors "
        f"model into {user_models_folder()}"
    )
