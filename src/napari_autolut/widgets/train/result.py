"""The last page of the Train dock: the model that came of it, to be tried at once.

Belongs here: that page; making the model and publishing it is ``training.runs``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QWidget

from napari_autolut.layers import DenoiseTask, LayerData, LayerSource, LayerTask, place_result
from napari_autolut.model import ModelError
from napari_autolut.storage import load_model
from napari_autolut.training.record import TrainingRecord
from napari_autolut.training.runs import kept_gain
from napari_autolut.widgets.models.card import ModelCard
from napari_autolut.widgets.shared.background import REFUSALS
from napari_autolut.widgets.shared.form import empty_form, let_shrink
from napari_autolut.widgets.shared.layer_picker import ImageLayerPicker
from napari_autolut.widgets.shared.redrawing import redraw_when_computed
from napari_autolut.widgets.shared.run_bar import RunBar
from napari_autolut.widgets.shared.run_sources import RunSources
from napari_autolut.widgets.train.elements import Heading, button, page_layout, text_label

if TYPE_CHECKING:
    import napari


class ResultPage(QWidget):
    """Shows a model and upscales an open layer with it."""

    again_pressed = Signal()

    def __init__(self, viewer: napari.viewer.Viewer) -> None:
        super().__init__()
        self._viewer = viewer
        self.model: Path | None = None
        self.title = Heading("")
        self.result = text_label()
        self.card = ModelCard()
        self.layers = ImageLayerPicker(viewer)
        let_shrink([self.layers])
        self.layers.setToolTip("The image to try it on")
        self.try_it = RunBar(
            label="&Try on the open layer", tip="Upscale or denoise the layer with it"
        )
        self.sources = RunSources(viewer, self.try_it)
        self.again = button("Train &another", "Back to the first page")
        form = empty_form()
        form.addRow("&Image", self.layers)
        layout = page_layout(self)
        for widget in (self.title, self.result, self.card):
            layout.addWidget(widget)
        layout.addLayout(form)
        layout.addWidget(self.try_it)
        layout.addWidget(self.again)
        layout.addStretch(1)
        self.try_it.run_pressed.connect(self._try)
        self.again.clicked.connect(self.again_pressed)

    def show_model(self, path: Path, *, finished: bool, record: TrainingRecord) -> None:
        """Show what was trained."""
        self.model = path
        name = path.stem
        self.title.setText(f"{name} is ready" if finished else f"{name}, stopped early")
        later = "" if finished else " The training can be resumed on the first page."
        gain = kept_gain(path, record)
        self.result.setText(f"On held-out images: {gain}. It is in all lists of models.{later}")
        try:
            self.card.show_model(load_model(path), nbytes=path.stat().st_size)
        except ModelError as error:
            self.card.show_model(error)

    def stop(self) -> None:
        """Stop trying."""
        self.try_it.cancel()

    def _try(self) -> None:
        try:
            assert self.model is not None
            model = load_model(self.model)
            task: DenoiseTask | LayerTask = LayerTask.of(self.layers.layer, model)
            if model.card.noise_sigma:
                task = DenoiseTask.of(self.layers.layer, model=model)
        except REFUSALS as error:
            self.try_it.refuse(error)
        else:
            self.sources.take([self.layers.layer])
            self.try_it.start(task.steps, lambda result: self._add(result, task))

    def _add(self, result: LayerData, task: LayerSource) -> str:
        (source,), (layer_data,) = self.sources.layers, self.sources.followed([result], [task])
        added = place_result(self._viewer, source, layer_data).result
        redraw_when_computed(added)
        self._viewer.layers.selection.active = added
        self.layers.pick(source)
        return f"Added {added.name!r}"
