"""A dock that makes new layers of picked ones: what all such docks do alike.

Belongs here: picking, previewing, running and adding. What is done to a layer, and the fields that
say how, belong to the docks that build on it.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any

from napari.layers import Labels
from qtpy.QtGui import QHideEvent, QShowEvent
from qtpy.QtWidgets import QWidget

from napari_autolut._compat import world_units
from napari_autolut.layers import (
    LayerData,
    LayerPart,
    LayerSource,
    RunPlan,
    index_at,
    point_in_pixels,
    require_image,
    speeds,
)
from napari_autolut.widgets.layer_dock.lens import LensRow
from napari_autolut.widgets.layer_dock.options import StackOptions
from napari_autolut.widgets.layer_dock.text import added_text, plan_text, unit_text
from napari_autolut.widgets.shared import (
    REFUSALS,
    Connections,
    Dock,
    EngineBar,
    ImageLayerPicker,
    PlacedResults,
    RunBar,
    RunSources,
    order_tabs,
    wrapped_label,
)

if TYPE_CHECKING:
    import napari
    from napari.layers import Image, Layer


KEPT_ON_DISK = "what was written is kept in a hidden folder there, and Run goes on with it"
"""What is left of a result that goes to disk where its run is cancelled."""


class LayerDock(Dock):
    """A dock without a form: a dock that builds on it lays out its fields, and calls `set_up`.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Whose layers are worked on.
    parent : QWidget, optional
        Owner in Qt's tree.
    """

    verb = "work on"
    """What is done to an image, for tool tips and messages."""

    takes_labels = False
    """Whether Labels layers can be picked, too."""

    def __init__(self, viewer: napari.viewer.Viewer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._plan: RunPlan | None = None
        self._settled: dict[str, Any] = {}
        self._begun = 0.0
        self._controls: tuple[QWidget, ...] = ()
        self.layers = ImageLayerPicker(viewer, several=True, labels=self.takes_labels)
        self.layers.setToolTip(
            f"The image layer to {self.verb}; follows the selection in the viewer, and stays when "
            f"a result is added. Select several layers there to {self.verb} them together"
        )
        self.lens_row = LensRow(viewer, self.wanted_by_lens)
        self.lens, self.lens_box = self.lens_row.lens, self.lens_row.box
        self.lens_line = self.lens_row.line  # for who drives a dock from outside, as the box is
        self.options = StackOptions(self)
        self.summary = wrapped_label()
        self.run_bar = RunBar(
            tip=f"{self.verb.capitalize()} the picked images; each result lies above its source"
        )
        self.sources = RunSources(viewer, self.run_bar)
        self.placed = PlacedResults(viewer)
        self.engine = EngineBar()
        self._connections = Connections(self)

    def set_up(self, controls: Iterable[QWidget]) -> None:
        """Connect what all docks have, and set the order in which the tab key goes."""
        self._connections.connect(self._viewer.dims.events.ndim, self._on_ndim)
        self.layers.layer_changed.connect(self.on_layers)
        self.options.changed.connect(self.on_settings)
        self.run_bar.run_pressed.connect(self._run)
        self.run_bar.running_changed.connect(self._forget_plan)
        self.run_bar.running_changed.connect(self.engine.wait_for)
        self.lens_box.toggled.connect(self.engine.wait_for)
        self.placed.undone.connect(self.run_bar.status.clear)
        last = (self.run_bar.button, self.placed.peek, self.placed.button)
        self._controls = (self.layers, *controls, *last)
        order_tabs(self, self._controls)

    # --- what a dock says -----------------------------------------------------------------------

    @abstractmethod
    def task_of(self, image: Image, part: LayerPart) -> LayerSource:
        """Take what is to be done to a part of an image."""

    def maps_of(self, tasks: Sequence[LayerSource]) -> Sequence[LayerSource]:
        """Take what else a run makes of the images, one for each task or none."""
        return ()

    def add_maps(self, results: Sequence[Layer], maps: Sequence[LayerData]) -> None:
        """Add what else a run made, when its results are in the viewer."""

    def tear_down(self) -> None:
        """Stop, and listen to nothing any more: the dock is closed."""
        self.run_bar.cancel()
        self.engine.tear_down()
        self.lens_box.setChecked(False)
        self._settled.clear()
        for connections in (self._connections, self.layers.connections, self.sources.connections):
            connections.undo()
        self.placed.tear_down()

    # --- the dock comes and goes ----------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Show the lens again if it was on."""
        super().showEvent(event)
        order_tabs(self, self._controls)
        self.lens.switch(self.lens_box.isChecked())

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Take the lens away with the dock, but not with a window that is only minimised."""
        super().hideEvent(event)
        if not event.spontaneous():
            self.lens.switch(False)

    # --- what is to be done ---------------------------------------------------------------------

    def planned(self) -> RunPlan:
        """Take what a run would do now; raises one of `REFUSALS` where that cannot be."""
        layers = self.layers.layers or [self.layers.layer]
        tasks = [self._task_of(layer) for layer in layers]
        both = [*tasks, *self.maps_of(tasks)]
        return RunPlan.of(both, self.options.output.currentData(), self.options.save_folder)

    def _task_of(self, layer: Layer | None) -> LayerSource:
        image = require_image(layer, self.verb, labels=self.takes_labels)
        axes = self.options.spatial_axes
        index = None
        if self.options.current_slice:
            point = point_in_pixels(image, self._viewer.dims.point, world_units(self._viewer))
            shape = (image.data[0] if image.multiscale else image.data).shape
            index = index_at(point, shape, axes or (image.ndim - 2, image.ndim - 1))
        task = self.task_of(image, LayerPart(axes, index))
        self._settled[task.source_id] = task.settled_as(self._settled.get(task.source_id))
        return task

    def wanted_by_lens(self) -> tuple[Image, LayerSource]:
        """Give the image that the lens shows, and what is done to it."""
        picked = self.layers.layers or [self.layers.layer]
        images = [each for each in picked if not isinstance(each, Labels)]  # it shows no labels
        image = require_image((images or picked)[-1], self.verb)
        return image, self._task_of(image)

    # --- what the user changes ------------------------------------------------------------------

    def on_layers(self) -> None:
        """Another image was picked."""
        self._settled.clear()
        self.lens.among = len(self.layers.layers)
        self.options.adapt_to(self.layers.layers)
        self.on_settings()

    def on_settings(self) -> None:
        """Something was set otherwise."""
        self.summarise()
        self.run_bar.advise()
        self.lens.renew()

    def summarise(self) -> None:
        """Say what a run would give."""
        try:
            self.summary.setText(plan_text(self.planned()))
        except REFUSALS:
            self.summary.clear()
        self.summary.setVisible(bool(self.summary.text()))

    def _on_ndim(self, _event: object = None) -> None:
        self.summarise()

    # --- a run ----------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            plan = self.planned()
            plan.check_memory()
        except REFUSALS as error:
            self.run_bar.refuse(error)
        else:
            self._plan, self._begun = plan, perf_counter()
            self.sources.take(self.layers.layers)
            counted = "%p %" if plan.folder else f"%v of %m {unit_text(plan)}"
            kept = KEPT_ON_DISK if plan.folder else ""
            self.run_bar.start(plan.steps, self._add, progress=counted, outcome=kept)

    def _add(self, results: list[LayerData]) -> str:
        plan, sources = self._plan, self.sources.layers
        assert plan is not None
        compiled = self.engine.seen_since(self._begun)
        took = self.run_bar.seconds_at_pace if compiled else self.run_bar.seconds
        if took is not None and not plan.lazy:
            speeds.ran(plan.work, plan.pixels, took, saved=plan.folder is not None)
        self.lens_box.setChecked(False)
        results = self.sources.followed(results, plan.tasks, on_disk=plan.folder is not None)
        maps, results = results[len(sources) :], results[: len(sources)]
        added = self.placed.add(zip(sources, results, strict=True))
        self.add_maps(added, maps)
        if len(added) == 1:
            self.layers.pick(sources[0])
        return added_text([layer.name for layer in added], plan.tasks)

    def _forget_plan(self, running: bool) -> None:
        if not running:
            self._plan = None
