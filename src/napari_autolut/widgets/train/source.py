"""The first page of the Train dock: what to learn from, and trainings that are not over.

Belongs here: folders, pairs or open layers, and the list of trainings. Looking into them is
``findings.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from napari.layers import Image, Layer
from qtpy.QtCore import QSignalBlocker, Qt, Signal
from qtpy.QtWidgets import (
    QComboBox,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from napari_autolut.layers import UnsupportedLayerError
from napari_autolut.training.layers import LayerPixels
from napari_autolut.training.sources import FolderSource, OpenLayersSource, PairSource, Source
from napari_autolut.widgets.shared.connections import Connections
from napari_autolut.widgets.shared.folder_field import FolderField
from napari_autolut.widgets.shared.form import empty_form, let_shrink, order_tabs
from napari_autolut.widgets.shared.layer_picker import is_source
from napari_autolut.widgets.train.elements import Heading, button, page_layout, text_label
from napari_autolut.widgets.train.runs import UnfinishedRuns

if TYPE_CHECKING:
    from napari.components import ViewerModel

SEARCH_TIP = "Look through all of it, in the background"


class SourceKind(NamedTuple):
    """A kind of images to learn from.

    Parameters
    ----------
    title, advice : str
        What the user reads of it.
    fields : tuple of (str, QWidget)
        Labels, which may be empty, and what they name.
    source : callable
        Gives what is chosen in the fields; None where that is nothing yet.
    """

    title: str
    advice: str
    fields: tuple[tuple[str, QWidget], ...]
    source: Callable[[], Source | None]


class SourcePage(QWidget):
    """Chooses a folder, layers or a pair of folders; ``chosen`` gives the source."""

    chosen = Signal(object)

    def __init__(self, viewer: ViewerModel) -> None:
        super().__init__()
        self.runs = UnfinishedRuns()
        self.folder = FolderField("Folder of sharp images", files=True)
        self.layers = LayerChecklist(viewer)
        self.hr = FolderField("Folder of sharp images")
        self.lr = FolderField("Folder of small images")
        self.noisy = FolderField("Folder of noisy images", files=True)
        self._kinds = self._all_kinds()
        self.kind = QComboBox()
        let_shrink([self.kind])
        self.kind.addItems([kind.title for kind in self._kinds])
        self.kind.setToolTip("What a table is trained on")
        self.kind.setAccessibleName("Learn from")
        self.search = button("Loo&k at the images", SEARCH_TIP)
        self._forms = [_form(kind) for kind in self._kinds]
        layout = page_layout(self)
        for widget in (self.runs, Heading("Learn from"), self.kind, *self._forms, self.search):
            layout.addWidget(widget)
        layout.addStretch(1)
        self.kind.currentIndexChanged.connect(self._show_kind)
        for field in (self.folder, self.hr, self.lr, self.noisy):
            field.folder_changed.connect(self._enable)
            field.line.returnPressed.connect(self._emit_source)
        self.layers.itemChanged.connect(self._enable)
        self.layers.filled.connect(self._enable)
        self.search.clicked.connect(self._emit_source)
        self._show_kind(0)

    @property
    def source(self) -> Source | None:
        """What is chosen; None where that is nothing yet.

        Raises
        ------
        UnsupportedLayerError
            If a layer holds no real numbers.
        """
        return self._kinds[self.kind.currentIndex()].source()

    def refresh(self) -> None:
        """Look at the trainings again, whose buttons the tab key reaches first."""
        self.runs.refresh()
        folders = (self.folder, self.hr, self.lr, self.noisy)
        fields = [part for each in folders for part in (each.line, each.browse)]
        of_runs = [button for entry in self.runs.entries for button in entry.buttons]
        order_tabs(self, (*of_runs, self.kind, self.layers, *fields, self.search))

    # --- kinds of sources -----------------------------------------------------------------------

    def _all_kinds(self) -> tuple[SourceKind, ...]:
        return (
            SourceKind(
                "A folder of images",
                "Sharp images of the kind that you want to enlarge later. The trainer makes small "
                "ones of them, and learns the way back. One image or stack is enough to begin; "
                "twenty are better.",
                (("", self.folder),),
                self._folder_source,
            ),
            SourceKind(
                "Open layers",
                "Images that are open here. Stacks are learned from slice by slice, in their own "
                "type; each layer is written to files for the trainer.",
                (("", self.layers),),
                self._layer_source,
            ),
            SourceKind(
                "Two folders: sharp and small",
                "The same places, once as they should be and once as your instrument sees them, in "
                "two folders under the same names; the sharp ones 1, 2, 3 or 4 times as large a "
                "side.",
                (("&Sharp", self.hr), ("S&mall", self.lr)),
                self._pair_source,
            ),
            SourceKind(
                "I have only noisy images",
                "Images with the noise that you want to be rid of, as the detector gave them: one "
                "is enough. The shipped denoiser learns from them alone, without any clean image, "
                "in a minute or two; where it gets no better it stays as it is.",
                (("", self.noisy),),
                self._noisy_source,
            ),
        )

    def _folder_source(self) -> Source | None:
        return FolderSource(self.folder.folder) if self.folder.folder else None

    def _layer_source(self) -> Source | None:
        checked = self.layers.checked
        return OpenLayersSource(tuple(map(LayerPixels.of, checked))) if checked else None

    def _pair_source(self) -> Source | None:
        hr, lr = self.hr.folder, self.lr.folder
        return PairSource(hr, lr) if hr and lr else None

    def _noisy_source(self) -> Source | None:
        return FolderSource(self.noisy.folder, noisy=True) if self.noisy.folder else None

    # --- what is shown --------------------------------------------------------------------------

    def _show_kind(self, index: int) -> None:
        for number, form in enumerate(self._forms):
            form.setVisible(number == index)
        self._enable()

    def _enable(self) -> None:
        try:
            ready, reason = self.source is not None, ""
        except UnsupportedLayerError as error:
            ready, reason = False, str(error)
        self.search.setEnabled(ready)
        self.search.setToolTip(reason or SEARCH_TIP)

    def _emit_source(self) -> None:
        if self.search.isEnabled() and (source := self.source) is not None:
            self.chosen.emit(source)


def _form(kind: SourceKind) -> QWidget:
    widget = QWidget()
    layout = QVBoxLayout(widget)
    layout.setContentsMargins(0, 0, 0, 0)
    form = empty_form()
    for label, field in kind.fields:
        form.addRow(label, field) if label else form.addRow(field)
    layout.addLayout(form)
    layout.addWidget(text_label(kind.advice, quiet=True))
    return widget


class LayerChecklist(QListWidget):
    """The viewer's image layers, to be checked; the one that is selected is checked at first."""

    filled = Signal()

    def __init__(self, viewer: ViewerModel) -> None:
        super().__init__()
        self._viewer = viewer
        self._layers: list[Image] = []
        self.setAccessibleName("Layers to learn from")
        self.setToolTip("Tick the layers to learn from")
        self.setMaximumHeight(160)
        self.connections = Connections(self)
        self.connections.connect_layers(viewer.layers, self.refresh)
        self.connections.connect(viewer.layers.selection.events.active, self._check_selected)
        self.refresh()

    @property
    def checked(self) -> list[Layer]:
        """The layers to learn from, the topmost first."""
        return [
            layer
            for number, layer in enumerate(self._layers)
            if self.item(number).checkState() == Qt.CheckState.Checked
        ]

    def _check_selected(self, _event: object = None) -> None:
        """Check what is selected, as long as nothing else is."""
        if not self.checked:
            self.refresh()

    def refresh(self, _event: object = None) -> None:
        """Read the layers again, and keep what is checked."""
        checked = self.checked or [self._viewer.layers.selection.active]
        with QSignalBlocker(self):
            self.clear()
            self._layers = [each for each in reversed(self._viewer.layers) if is_source(each)]
            for layer in self._layers:
                item = QListWidgetItem(layer.name)
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                on = layer in checked
                item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
                self.addItem(item)
        self.filled.emit()
