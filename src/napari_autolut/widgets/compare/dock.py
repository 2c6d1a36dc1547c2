"""The Compare dock: an image and methods to enlarge it in, a window of linked views out.

Belongs here: wiring of the form to ``comparison`` and to the window. What the window shows, and
how, is ``window.py``.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtGui import QShowEvent
from qtpy.QtWidgets import QCheckBox, QComboBox, QLabel, QMainWindow, QWidget

from napari_autolut._compat import camera, canvas_size, world_units
from napari_autolut.arrays import AUTO, ModelChoice
from napari_autolut.comparison import (
    LARGE,
    Comparison,
    ComparisonPlan,
    LayerSnapshot,
    Results,
    slice_at,
    visible_box,
)
from napari_autolut.layers import is_error_map
from napari_autolut.preferences import preferences
from napari_autolut.storage import CatalogueEntry
from napari_autolut.util.boxes import Box, whole
from napari_autolut.widgets.compare.channels import ChannelsBox
from napari_autolut.widgets.compare.choice import MAX_VIEWS, MIN_VIEWS, Choice, ViewChoice
from napari_autolut.widgets.compare.planning import ComparisonRequest, planned
from napari_autolut.widgets.compare.window import CompareWindow
from napari_autolut.widgets.models import SuitableModel
from napari_autolut.widgets.shared import (
    REFUSALS,
    Dock,
    EngineBar,
    ImageLayerPicker,
    RunBar,
    RunSources,
    ValueRangePicker,
    order_tabs,
    scrolled_form,
)

if TYPE_CHECKING:
    import napari
    from napari.layers import Layer

NO_TRUTH = "None: no figures"


class CompareWidget(Dock):
    """Dock that opens a window in which an image is seen enlarged by several methods."""

    def __init__(self, viewer: napari.viewer.Viewer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._results = Results()
        self.window_of_views: CompareWindow | None = None
        self.layers = ImageLayerPicker(viewer)
        self.views = ViewChoice(viewer)
        self.truth = QComboBox()
        self.value_range = ValueRangePicker(self.layers.contrast_limits)
        self.channels = ChannelsBox(viewer)
        self.errors = QCheckBox("E&xpected error (90 %)")
        self.all_slices = QCheckBox("&All slices")
        self.whole = QCheckBox("Whol&e image")
        self.engine = EngineBar()
        self.run_bar = RunBar(
            label="Co&mpare",
            tip="Open a window with the ticked views",
            outcome="nothing new is shown",
        )
        self.suitable = SuitableModel(self)
        self._lay_out()
        self.sources = RunSources(viewer, self.run_bar)
        self.layers.layer_changed.connect(self._on_source)
        self.views.changed.connect(self._on_views)
        self.views.lost.connect(self._on_lost)
        self.suitable.found.connect(self._on_suitable)
        self.truth.activated.connect(self._on_truth)
        self.run_bar.run_pressed.connect(self._run)
        self.run_bar.running_changed.connect(self._on_running)
        self.run_bar.running_changed.connect(self.engine.wait_for)
        self._on_source()

    def _lay_out(self) -> None:
        self.layers.setToolTip("The image that is enlarged; follows the selection in the viewer")
        self.truth.setToolTip(
            "The image as it should be, at full resolution: an open layer that covers the same "
            "place. PSNR and SSIM are measured against it; without one there are no figures"
        )
        self.errors.setToolTip(
            "Show beside each model's result, as a view of its own: for each pixel the error, in "
            "the units of the image, that nine of ten pixels like it stay below"
        )
        self.all_slices.setToolTip(
            "Compute every slice, which may take long; else only the one that the viewer shows"
        )
        self.whole.setToolTip(
            "Compute all of this large image, not only the region in view, which follows as you "
            "look around"
        )
        self.value_range.choice.setToolTip("The values that models see as black and white")
        boxes = (self.layers, self.truth, self.value_range.choice)
        form = scrolled_form(self, boxes, below=(self.engine, self.run_bar))
        form.addRow("&Image", self.layers)
        heading = QLabel("View&s")
        heading.setBuddy(self.views)
        form.addRow(heading)  # above: names of models and layers need all of a narrow dock
        form.addRow(self.views)
        form.addRow("&Ground truth", self.truth)
        form.addRow("&Range", self.value_range)
        form.addRow(self.channels)
        form.addRow(self.errors)
        form.addRow(self.all_slices)
        form.addRow(self.whole)
        limits = self.value_range.low, self.value_range.high
        ticks = self.channels, self.errors, self.all_slices, self.whole
        above = self.layers, self.views, self.truth, self.value_range.choice, *limits, *ticks
        self._controls = (*above, self.run_bar.button)

    def tear_down(self) -> None:
        """Stop, and listen to nothing any more: the dock is closed."""
        self.run_bar.cancel()
        self.engine.tear_down()
        self.suitable.cancel()
        for linked in (self.sources, self.layers, self.views):
            linked.connections.undo()
        if self.window_of_views is not None:
            self.window_of_views.close()

    # --- what is to be compared ---------------------------------------------------------------

    def _on_source(self) -> None:
        self.views.compare_with(self.layers.layer)
        layer = self.layers.layer
        self.all_slices.setVisible(layer is not None and layer.ndim > 2)
        self.all_slices.setChecked(False)  # nobody should wait for slices that they did not ask for
        self.whole.setVisible(self._is_large())
        self.whole.setChecked(False)
        self._choose_model()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Let the tab key go from top to bottom, and tick the model that suits the image."""
        super().showEvent(event)
        order_tabs(self, self._controls)
        self._choose_model()

    def _choose_model(self) -> None:
        """Look at the picked image, while the dock is seen and the preferences leave the choice."""
        if self.isVisible() and preferences().model == AUTO:
            self.suitable.choose_for(self.layers.layer)

    def _on_suitable(self, choice: ModelChoice | None) -> None:
        if choice is not None:
            self.views.suggest(choice.name)

    def _on_views(self) -> None:
        self.channels.adapt_to(self.layers.layer)
        count = len(self.views.ticked)
        fits = MIN_VIEWS <= count <= MAX_VIEWS
        self.run_bar.button.setEnabled(fits or self.run_bar.running)
        self.run_bar.advise("" if fits else f"Tick {MIN_VIEWS} to {MAX_VIEWS} views; {count} now.")
        truth = self.truth.currentData()
        layers = [each for each in self.views.layers if not is_error_map(each.metadata)]
        self.truth.clear()
        self.truth.addItem(NO_TRUTH, None)
        for layer in layers:
            self.truth.addItem(layer.name, layer)
        self.truth.setCurrentIndex(layers.index(truth) + 1 if truth in layers else 0)
        self.truth.setEnabled(bool(layers))

    def _on_truth(self) -> None:
        """A ground truth is worth seeing, where there is room for one more view."""
        truth = self.truth.currentData()
        if truth is not None and len(self.views.ticked) < MAX_VIEWS:
            self.views.tick(truth)

    def _is_large(self) -> bool:
        try:
            return math.prod(LayerSnapshot.of(self.layers.layer).size) > LARGE
        except REFUSALS:
            return False

    def _only_a_region(self) -> bool:
        return self._is_large() and not self.whole.isChecked()

    def _index(self, layer: Layer | None) -> tuple[int, ...] | None:
        if layer is None or layer.ndim == 2 or self.all_slices.isChecked():
            return None
        return slice_at(layer, self._viewer.dims.point, world_units(self._viewer))

    # --- computing it -------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            plan = self._planned()
            region = plan.region(self._seen()) if self._only_a_region() else None
        except REFUSALS as error:
            self.run_bar.refuse(error)
        else:
            self.sources.take([self.layers.layer])
            self._opened().wait()
            self.run_bar.start(
                lambda: plan.steps(region), lambda comparison: self._show(comparison, plan)
            )

    def _planned(self) -> ComparisonPlan:
        choices, layer = self._still_there(), self.layers.layer
        wanted = ComparisonRequest(
            layer,
            self._index(layer),
            choices,
            self.truth.currentData(),
            self.value_range.value_range,
            errors=self.errors.isChecked(),
            channels=self.channels.others,
            opened=list(self._viewer.layers),
        )
        return planned(wanted, self._results)

    def _still_there(self) -> list[Choice]:
        """What is ticked; refuse to leave out silently what went away since."""
        ticked, truth = self.views.ticked, self.truth.currentData()
        self.views.refresh()
        there = (None, *self.views.ticked, *self.views.layers)
        for choice in (*ticked, truth):
            if choice not in there:
                raise LookupError(_gone_text(choice))
        return ticked

    def _seen(self) -> Box:
        """What napari's viewer shows, in the pixels of the source."""
        layer, dims, view = self.layers.layer, self._viewer.dims, camera(self._viewer)
        if tuple(dims.displayed[-2:]) != (dims.ndim - 2, dims.ndim - 1):
            return whole(LayerSnapshot.of(layer).size)
        half = np.array(canvas_size(self._viewer)) / view.zoom / 2
        at = (*dims.point[:-2], *view.center[-2:])
        return visible_box(layer, at, half, units=world_units(self._viewer))

    def _show(self, comparison: Comparison, plan: ComparisonPlan) -> str:
        self._opened().compare(comparison, plan)
        return f"{len(comparison.shown)} views shown"

    def _opened(self) -> CompareWindow:
        """The window of views, a new one where it was closed."""
        if self.window_of_views is None:
            self.window_of_views = CompareWindow(self._main_window(), self._viewer)
            self.window_of_views.closed.connect(self._on_closed)
        return self.window_of_views

    def _main_window(self) -> QWidget:
        """The window of napari, whose look the new one shares, and with which it ends."""
        widget: QWidget = self
        while not isinstance(widget, QMainWindow) and widget.parentWidget() is not None:
            widget = widget.parentWidget()
        return widget

    # --- what happens meanwhile ---------------------------------------------------------------

    def _on_closed(self) -> None:
        self.window_of_views = None
        self.run_bar.cancel()

    def _on_lost(self, model: CatalogueEntry) -> None:
        self.run_bar.status.setText(_gone_text(model))

    def _on_running(self, running: bool) -> None:
        """Close a window that waited for what does not come."""
        if not running and self.window_of_views is not None and self.window_of_views.is_empty:
            self.window_of_views.close()


def _gone_text(choice: Choice) -> str:
    if isinstance(choice, CatalogueEntry):
        what = f"The model {choice.name} is gone: its file was removed."
    else:
        what = f"'{choice}' does not lie in the same place any more."
    return f"{what} Compare what is still ticked, or tick another view."
