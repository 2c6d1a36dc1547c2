"""The Upscale dock: image layers, a model and a value range in, larger layers out.

Belongs here: the form's fields, and what they say is to be done. What all docks do that make layers
is ``layer_dock``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from napari.layers import Labels
from qtpy.QtGui import QShowEvent
from qtpy.QtWidgets import QWidget

from napari_autolut.denoising import known_sigma
from napari_autolut.layers import (
    LabelsTask,
    LayerData,
    LayerPart,
    LayerSource,
    LayerTask,
    Provenance,
    image_to_choose_for,
    speeds,
)
from napari_autolut.model import LutModel
from napari_autolut.storage.summaries import TIMES
from napari_autolut.util.grid import NEAREST
from napari_autolut.widgets.layer_dock import LayerDock
from napari_autolut.widgets.models import CHOOSING, ModelAdvice, ModelPanel, ScaleField
from napari_autolut.widgets.shared import ValueRangePicker, scrolled_form
from napari_autolut.widgets.upscale.colour import ColourBox
from napari_autolut.widgets.upscale.error_maps import ErrorMapsBox
from napari_autolut.widgets.upscale.noise import NoiseBox
from napari_autolut.widgets.upscale.reuse import LastRun, ReuseBar, show_slice, source_of
from napari_autolut.widgets.upscale.speed_meter import SpeedMeter

if TYPE_CHECKING:
    import napari
    from napari.layers import Image, Layer


FOR_DENOISE = (
    "{} takes away white noise of one strength, whatever the image has. Layers > Filter > Denoise "
    "finds the noise first, and uses the table for it."
)
"""Of models that serve another dock."""


class UpscaleWidget(LayerDock):
    """Dock that upscales layers of the viewer; each result appears right above its source."""

    verb = "upscale"
    takes_labels = True

    def __init__(self, viewer: napari.viewer.Viewer, parent: QWidget | None = None) -> None:
        super().__init__(viewer, parent)
        self.panel = ModelPanel()
        self.models, self.card = self.panel.models, self.panel.card
        self.advice = ModelAdvice(self.models)
        self.value_range = ValueRangePicker(self.layers.contrast_limits)
        self.value_range.choice.setToolTip("The values that the model sees as black and white")
        self.scale = ScaleField(self.models)
        self.noise = NoiseBox()
        self.colour = ColourBox()
        self.reuse = ReuseBar(viewer, self._is_set)
        self.meter = SpeedMeter(self)
        self.errors = ErrorMapsBox(viewer)
        self._waits_for: list[Image] = []
        self._lay_out()
        self._connect()
        self.on_layers()
        self._on_model()

    def _lay_out(self) -> None:
        own = (self.layers, self.models, self.value_range.choice, self.noise, self.colour)
        below = (self.reuse, self.engine, self.run_bar, self.placed)
        form = scrolled_form(self, (*own, *self.options.boxes), below=below, folding=self.panel)
        form.addRow("&Image", self.layers)
        form.addRow("&Model", self.models)
        form.addRow(self.advice)
        form.addRow(self.panel)
        form.addRow("Scale", self.scale)
        form.addRow(self.lens_row)
        form.addRow("Ran&ge", self.value_range)
        form.addRow("Noise", self.noise)
        form.addRow("Colours", self.colour)
        self.options.add_to(form)
        form.addRow(self.placed.replace)
        form.addRow(self.errors)
        form.addRow(self.summary)
        self.set_up(self._in_order())

    def _in_order(self) -> tuple[QWidget, ...]:
        """What the Tab key goes through."""
        return (
            self.models,
            self.advice.button,
            self.panel.about,
            self.panel.add,
            self.panel.export,
            self.panel.remove,
            self.scale,
            self.lens_box,
            self.lens_row.peek,
            self.value_range.choice,
            self.value_range.low,
            self.value_range.high,
            self.noise,
            self.colour,
            *self.options.boxes,
            self.options.folder.line,
            self.options.folder.browse,
            self.placed.replace,
            self.errors,
            self.reuse.button,
        )

    def _connect(self) -> None:
        self.models.model_changed.connect(self._on_model)
        self.models.lost.connect(self._on_lost)
        self.advice.advised.connect(self._on_advised)
        self.value_range.range_changed.connect(self.on_settings)
        self.noise.noise_changed.connect(self.on_settings)
        self.colour.colour_changed.connect(self.on_settings)
        self.scale.valueChanged.connect(self._on_scale)
        self.meter.measured.connect(self._on_measured)
        self.reuse.use_pressed.connect(self.use)
        self.errors.toggled.connect(self.summarise)
        self.placed.undone.connect(self.errors.undo)

    def tear_down(self) -> None:
        """Stop, and listen to nothing any more: the dock is closed."""
        self._waits_for = []
        super().tear_down()
        self.meter.cancel()
        self.advice.cancel()
        for connections in (self.models.connections, self.reuse.connections):
            connections.undo()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Show the lens again if it was on, and time the model."""
        super().showEvent(event)
        self._measure()
        self._advise()

    def task_of(self, image: Image | Labels, part: LayerPart) -> LayerSource:
        """Take what is to be done to a part of a layer."""
        if isinstance(image, Labels):
            return LabelsTask.of(image, self.scale.scale or self.models.model.scale, part)
        return LayerTask.of(
            image,
            self.models.model,
            part,
            value_range=self.value_range.value_range,
            noise=self.noise.noise,
            scale=self.scale.scale,
            colour=self.colour.colour,
        )

    def maps_of(self, tasks: Sequence[LayerSource]) -> Sequence[LayerSource]:
        """Take the maps of expected errors, if they are wanted and results come as layers."""
        return () if self.options.save_folder else self.errors.tasks(tasks)

    def add_maps(self, results: Sequence[Layer], maps: Sequence[LayerData]) -> None:
        """Add the maps, hidden below the results."""
        self.errors.add(results, maps)

    def _run(self) -> None:
        """Run; where the model is still being chosen for the image, as soon as it is."""
        self._waits_for = self.layers.layers if self.advice.choosing else []
        if self._waits_for:
            self.run_bar.status.setText(CHOOSING.format("image"))
        else:
            super()._run()

    def _on_advised(self) -> None:
        if self._waits_for:
            self._run()

    def _add(self, results: list[LayerData]) -> str:
        made = [Provenance.of(meta["metadata"]) for _, meta, _ in results]
        of_images = [each for each in made if each and each.model != NEAREST]
        LastRun.made = of_images[0] if of_images else made[0]
        return super()._add(results)

    # --- what the user changes ----------------------------------------------------------------

    def on_layers(self) -> None:
        """Another image was picked, or the picked one has become another kind of image."""
        if self._waits_for != self.layers.layers:
            self._waits_for = []
        super().on_layers()
        self.colour.adapt_to(self.layers.layers, self.models.loaded)
        self._advise()
        if self._waits_for:
            self.run_bar.status.setText(CHOOSING.format("image"))

    def _advise(self) -> None:
        """Look at the picked image, while the dock is seen."""
        if self.isVisible():
            self.advice.choose_for(image_to_choose_for(self.layers.layers, self._viewer.layers))

    def _on_model(self) -> None:
        self._on_measured()
        self._measure()
        self.run_bar.advise()
        self.lens.renew()

    def _on_measured(self) -> None:
        model = self.models.loaded
        self.errors.adapt_to(model, self.scale.scale)
        self.noise.adapt_to(model)
        self.colour.adapt_to(self.layers.layers, model)
        known = None if isinstance(model, Exception) else speeds.of(model)
        self.card.show_model(model, known, self.models.nbytes)
        self.summarise()

    def _on_scale(self) -> None:
        self.errors.adapt_to(self.models.loaded, self.scale.scale)
        self.on_settings()

    def _measure(self) -> None:
        if self.isVisible() and not isinstance(self.models.loaded, Exception):
            self.meter.measure(self.models.loaded)

    def summarise(self) -> None:
        """Say what a run would give, and whether the selected layer was made otherwise."""
        super().summarise()
        model = self.models.loaded
        if isinstance(model, LutModel) and known_sigma(model):
            said = filter(None, (self.summary.text(), FOR_DENOISE.format(model.name)))
            self.summary.setText("\n".join(said))
            self.summary.show()
        self.reuse.refresh()

    def _on_lost(self, name: str) -> None:
        instead = self.models.currentText()
        self.run_bar.status.setText(
            f"The model {name} is gone: its file was removed. "
            + (f"{instead} is chosen now." if instead else "No other one is left.")
        )

    # --- as another result was made -----------------------------------------------------------

    def _is_set(self, made: Provenance) -> bool:
        model = self.models.loaded
        if not isinstance(model, LutModel):
            return False
        axes = self.options.spatial_axes
        return (
            made.scale == (self.scale.scale or model.scale)
            and (axes is None or axes == made.spatial_axes)
            and self.options.current_slice == bool(made.index)
            and (made.model == NEAREST or self._takes_values_as(made, model))
        )

    def _takes_values_as(self, made: Provenance, model: LutModel) -> bool:
        return (
            model.name == made.model
            and made.value_range == self.value_range.value_range
            and (made.noise == "none") == (self.noise.noise is None)
            and made.colour_asked == self.colour.colour
        )

    def use(self, made: Provenance, on: Layer | None = None) -> bool:
        """Set all as a result was made, on its source where that is open; needs its model.

        Labels need one that enlarges as much as they were enlarged. ``on`` is another layer to use
        the settings on, in the slice that is shown.
        """
        of_labels = made.model == NEAREST
        if not of_labels and not self.models.pick_name(made.model):
            self.run_bar.refuse(f"No model {made.model!r} is in the list; add its file first.")
            return False
        if of_labels and made.scale > self.scale.maximum():
            self.run_bar.refuse(
                f"The chosen model enlarges less than {TIMES}{made.scale:g}: choose another one."
            )
            return False
        self.advice.stop_following()
        source = source_of(self._viewer, made) if on is None else on
        if source is not None:
            self.layers.pick(source)
        if source is not None and on is None:
            show_slice(self._viewer, made, source)
        self.scale.choose(made.scale)
        if not of_labels:
            self.value_range.choose(made.value_range)
            self.noise.choose(made.noise)
            self.colour.choose(made.colour_asked)
        self.options.choose(made.spatial_axes, current_slice=bool(made.index), lazy=made.lazy)
        return True
