"""Which views to compare: a list to tick, of the source, bicubic, models and layers.

Belongs here: what is offered and ticked. What is taken for a choice is ``planning.py``.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, TypeAlias

from napari.layers import Image, Layer
from qtpy.QtCore import QSignalBlocker, QSize, Qt, Signal
from qtpy.QtGui import QShowEvent
from qtpy.QtWidgets import QListWidget, QListWidgetItem, QSizePolicy

from napari_autolut.comparison import same_place
from napari_autolut.storage import CatalogueEntry, catalogue_changes, list_models
from napari_autolut.widgets.models.preferred import preferred
from napari_autolut.widgets.shared import Connections, is_source
from napari_autolut.widgets.shared.plain_text import plain

if TYPE_CHECKING:
    from napari.components import ViewerModel

SOURCE = "source"
BICUBIC = "bicubic"
MIN_VIEWS, MAX_VIEWS = 2, 4

MAX_ROWS = 12
"""Rows that are seen without scrolling."""

Choice: TypeAlias = "str | CatalogueEntry | Layer"
"""`SOURCE`, `BICUBIC`, a model of the catalogue, or another layer of the same place."""


class ViewChoice(QListWidget):
    """Ticks for two to four views; layers are offered where they cover the source.

    ``lost`` gives a ticked model whose file is gone.
    """

    changed = Signal()
    lost = Signal(object)

    def __init__(self, viewer: ViewerModel) -> None:
        super().__init__()
        self._viewer = viewer
        self._source: Layer | None = None
        self._choices: list[Choice] = []
        self.setUniformItemSizes(True)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # the ends of names tell them apart
        self.setSpacing(2)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Views")
        self.setToolTip("Two to four views to compare; press Space to tick one")
        self.itemChanged.connect(self._on_ticked)
        self.connections = Connections(self)
        self.connections.connect_layers(viewer.layers, self.refresh)
        self.connections.connect(catalogue_changes.happened, self.refresh)
        self._ticked: list[Hashable] = [SOURCE, BICUBIC]
        self._fill(self._offered())
        self._suggested = self._tick_a_model()

    @property
    def ticked(self) -> list[Choice]:
        """What is chosen, in the order of the list."""
        return [
            choice
            for row, choice in enumerate(self._choices)
            if self.item(row).checkState() == Qt.CheckState.Checked
        ]

    @property
    def layers(self) -> list[Image]:
        """The layers that are offered."""
        return [choice for choice in self._choices if isinstance(choice, Layer)]

    def compare_with(self, source: Layer | None) -> None:
        """Offer the layers that cover this one."""
        self._source = source
        self.refresh()

    def tick(self, choice: Choice, on: bool = True) -> None:
        """Tick one that is offered, or take its tick away."""
        state = Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
        self.item(self._choices.index(choice)).setCheckState(state)

    def suggest(self, name: str) -> None:
        """Tick the model that suits the image, in place of the one that was ticked for the user.

        Nothing is done once the user has chosen otherwise.
        """
        models = [each for each in self._choices if isinstance(each, CatalogueEntry)]
        wanted = next((each for each in models if each.name == name), None)
        ticked = [each for each in self.ticked if isinstance(each, CatalogueEntry)]
        if wanted is None or ticked != [self._suggested]:
            return
        self.tick(ticked[0], False)
        self.tick(wanted)
        self._suggested = wanted

    def refresh(self, _event: object = None) -> None:
        """Read layers and models again, and keep the ticks."""
        ticked = self.ticked
        self._ticked = [_key(choice) for choice in ticked]
        self._fill(self._offered())
        self.changed.emit()
        for choice in ticked:
            if isinstance(choice, CatalogueEntry) and choice not in self._choices:
                self.lost.emit(choice)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """A list that was hidden may have missed new models."""
        self.refresh()
        super().showEvent(event)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Room for the first rows, and no more than is needed."""
        rows = min(self.count(), MAX_ROWS)
        height = rows * (self.sizeHintForRow(0) + 2 * self.spacing()) + 2 * self.frameWidth() + 2
        return QSize(super().sizeHint().width(), height)

    def _offered(self) -> list[Choice]:
        layers: list[Choice] = []
        if isinstance(self._source, Image):
            layers = [
                layer
                for layer in reversed(self._viewer.layers)
                if layer is not self._source
                and is_source(layer)
                and same_place(self._source, layer)
            ]
        return [SOURCE, BICUBIC, *list_models(), *layers]

    def _fill(self, choices: list[Choice]) -> None:
        current = self._choices[self.currentRow()] if self.currentRow() >= 0 else SOURCE
        with QSignalBlocker(self):
            self.clear()
            self._choices = choices
            for choice in choices:
                text, tip = _described(choice)
                item = QListWidgetItem(text)
                item.setToolTip(plain(tip))
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                on = _key(choice) in self._ticked
                item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
                self.addItem(item)
            self.setCurrentRow(choices.index(current) if current in choices else 0)
        self.updateGeometry()

    def _tick_a_model(self) -> CatalogueEntry | None:
        models = [choice for choice in self._choices if isinstance(choice, CatalogueEntry)]
        if not models:
            return None
        chosen = models[preferred([model.name for model in models])]
        self.tick(chosen)
        return chosen

    def _on_ticked(self, _item: QListWidgetItem) -> None:
        self.changed.emit()


def _key(choice: Choice) -> Hashable:
    return id(choice) if isinstance(choice, Layer) else choice


def _described(choice: Choice) -> tuple[str, str]:
    """Text and tip of an item."""
    if isinstance(choice, CatalogueEntry):
        own = " (own)" if choice.origin == "user" else ""
        return f"Model: {choice.name}{own}", str(choice.path)
    if isinstance(choice, Layer):
        return f"Layer: {choice.name}", "An open layer that covers the same part of the world"
    if choice == SOURCE:
        return "Source, its pixels as squares", "The image as it is, without any interpolation"
    return "Bicubic", "Bicubic interpolation, the baseline that a model must beat"
