"""The first page of the Train dock: what to learn from, and trainings that are not over.

Belongs here: folders, pairs or open layers, and the list of trainings. Looking into them is
``found.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari.layers import Image, Layer
from qtpy.QtCore import QSignalBlocker, Qt, Signal
from qtpy.QtWidgets import (
    QComboBox,
    QFormLayout,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from napari_autolut._compat import renamed
from napari_autolut.layers import UnsupportedLayerError
from napari_autolut.training.layers import LayerPixels
from napari_autolut.training.sources import FolderSource, LayerSource, PairSource, Source
from napari_autolut.widgets.shared.connections import Connections
from napari_autolut.widgets.shared.folder_field import FolderField
from napari_autolut.widgets.shared.layer_picker import is_source
from napari_autolut.widgets.train.parts import button, heading, page, words
from napari_autolut.widgets.train.runs import UnfinishedRuns

if TYPE_CHECKING:
    from napari.components import ViewerModel

ADVICE = (
    "Sharp images of the kind that you want to enlarge later. The trainer makes small ones of "
    "them, and learns the way back. One image or stack is enough to begin; twenty are better."
)
ADVICE_PAIRS = (
    "The same places, once as they should be and once as your instrument sees them, in two "
    "folders under the same names; the sharp ones 1, 2, 3 or 4 times as large a side."
)
ADVICE_LAYERS = (
    "Images that are open here. Stacks are learned from slice by slice, in their own type; each "
    "layer is written to files for the trainer."
)

ADVICE_NOISY = (
    "Images with the noise that you want to be rid of, as the detector gave them: one is enough. "
    "The shipped denoiser learns from them alone, without any clean image, in a minute or two; "
    "where it gets no better it stays as it is."
)

KINDS = (
    "A folder of images",
    "Open layers",
    "Two folders: sharp and small",
    "I have only noisy images",
)
NOISY = 3
"""Place of noisy images among them."""


class SourcePage(QWidget):
    """Chooses a folder, layers or a pair of folders; ``chosen`` gives the source."""

    chosen = Signal(object)

    def __init__(self, viewer: ViewerModel) -> None:
        super().__init__()
        self.runs = UnfinishedRuns()
        self.kind = QComboBox()
        self.kind.addItems(KINDS)
        self.kind.setToolTip("What a table is trained on")
        self.kind.setAccessibleName("Learn from")
        self.folder = FolderField("Folder of sharp images", files=True)
        self.layers = LayerTicks(viewer)
        self.sharp = FolderField("Folder of sharp images")
        self.small = FolderField("Folder of small images")
        self.noisy = FolderField("Folder of noisy images", files=True)
        self.look = button("&Look at the images", "Look through all of it, in the background")
        self._choices: list[QWidget] = []
        self._lay_out()
        self.kind.currentIndexChanged.connect(self._show_kind)
        for field in (self.folder, self.sharp, self.small, self.noisy):
            field.folder_changed.connect(self._enable)
            field.line.returnPressed.connect(self._press)
        self.layers.itemChanged.connect(self._enable)
        self.layers.filled.connect(self._enable)
        self.look.clicked.connect(self._press)
        self._show_kind(0)

    def _lay_out(self) -> None:
        for advice, widgets in (
            (ADVICE, [("", self.folder)]),
            (ADVICE_LAYERS, [("", self.layers)]),
            (ADVICE_PAIRS, [("S&harp", self.sharp), ("S&mall", self.small)]),
            (ADVICE_NOISY, [("", self.noisy)]),
        ):
            self._choices.append(_choice(advice, widgets))
        layout = page(self)
        for widget in (self.runs, heading("Learn from"), self.kind, *self._choices):
            layout.addWidget(widget)
        layout.addWidget(self.look)
        layout.addStretch(1)

    @property
    def source(self) -> Source | None:
        """What is chosen; None where that is nothing yet.

        Raises
        ------
        UnsupportedLayerError
            if a layer holds no real numbers
        """
        folder, sharp, small = self.folder.folder, self.sharp.folder, self.small.folder
        if self.kind.currentIndex() == 0:
            return FolderSource(folder) if folder else None
        if self.kind.currentIndex() == 1:
            ticked = self.layers.ticked
            return LayerSource(tuple(LayerPixels.of(each) for each in ticked)) if ticked else None
        if self.kind.currentIndex() == NOISY:
            return FolderSource(self.noisy.folder, noisy=True) if self.noisy.folder else None
        return PairSource(sharp, small) if sharp and small else None

    def refresh(self) -> None:
        """Look at the trainings again."""
        self.runs.refresh()

    def _show_kind(self, index: int) -> None:
        for number, choice in enumerate(self._choices):
            choice.setVisible(number == index)
        self._enable()

    def _enable(self) -> None:
        try:
            ready, reason = self.source is not None, ""
        except UnsupportedLayerError as error:
            ready, reason = False, str(error)
        self.look.setEnabled(ready)
        self.look.setToolTip(reason or "Look through all of it, in the background")

    def _press(self) -> None:
        if self.look.isEnabled() and (source := self.source) is not None:
            self.chosen.emit(source)


def _choice(advice: str, fields: list[tuple[str, QWidget]]) -> QWidget:
    widget = QWidget()
    layout = QVBoxLayout(widget)
    layout.setContentsMargins(0, 0, 0, 0)
    form = QFormLayout()
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    for label, field in fields:
        form.addRow(label, field) if label else form.addRow(field)
    layout.addLayout(form)
    layout.addWidget(words(advice, quiet=True))
    return widget


class LayerTicks(QListWidget):
    """The viewer's image layers, to be ticked; the one that is selected is ticked at first."""

    filled = Signal()

    def __init__(self, viewer: ViewerModel) -> None:
        super().__init__()
        self._viewer = viewer
        self._layers: list[Image] = []
        self.setAccessibleName("Layers to learn from")
        self.setToolTip("Tick the layers to learn from")
        self.setMaximumHeight(160)
        self.connections = Connections(self)
        events = viewer.layers.events
        for signal in (events.inserted, events.removed, events.reordered, renamed(viewer.layers)):
            self.connections.connect(signal, self.refresh)
        self.connections.connect(viewer.layers.selection.events.active, self._follow)
        self.refresh()

    @property
    def ticked(self) -> list[Layer]:
        """The layers to learn from, the topmost first."""
        return [
            layer
            for number, layer in enumerate(self._layers)
            if self.item(number).checkState() == Qt.CheckState.Checked
        ]

    def _follow(self, _event: object = None) -> None:
        """Tick what is selected, as long as nothing else is."""
        if not self.ticked:
            self.refresh()

    def refresh(self, _event: object = None) -> None:
        """Read the layers again, and keep the ticks."""
        ticked = self.ticked or [self._viewer.layers.selection.active]
        with QSignalBlocker(self):
            self.clear()
            self._layers = [each for each in reversed(self._viewer.layers) if is_source(each)]
            for layer in self._layers:
                item = QListWidgetItem(layer.name)
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                on = layer in ticked
                item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
                self.addItem(item)
        self.filled.emit()
