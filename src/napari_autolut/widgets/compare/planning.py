"""From what is ticked in the Compare dock to a plan.

Belongs here: what each choice means, and what is taken for it from layers and model files. What a
plan computes is ``comparison.plan``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from napari.layers import Image, Layer

from napari_autolut.comparison import (
    Bicubic,
    ComparisonPlan,
    ExistingLayer,
    ExpectedError,
    LayerSnapshot,
    ModelMethod,
    Nearest,
    PlannedView,
    Results,
    common_scale,
    error_name,
)
from napari_autolut.layers import is_error_map, layer_id
from napari_autolut.model import LutModel
from napari_autolut.storage import DEFAULT_MODEL, CatalogueEntry, load_model
from napari_autolut.widgets.compare.channels import counterpart
from napari_autolut.widgets.compare.choice import BICUBIC, MAX_VIEWS, SOURCE, Choice

Index = tuple[int, ...] | None


@dataclass(frozen=True)
class ComparisonRequest:
    """What is chosen in the dock.

    Parameters
    ----------
    layer : napari.layers.Layer, optional
        The image that is enlarged.
    index : tuple of int, optional
        The one slice that is wanted; None stands for all of them.
    choices : sequence of str, CatalogueEntry or napari.layers.Layer
        What is shown, in order.
    truth : napari.layers.Image, optional
        The ground truth.
    value_range : str or tuple of float, optional
        As `~napari_autolut.upscale` takes it.
    errors : bool, default False
        Whether the map of expected errors of every model that has one is shown beside its result.
    channels : sequence of napari.layers.Image, default ()
        Other channels of the image, from below, which are seen together with it.
    opened : sequence of napari.layers.Layer, default ()
        All layers of the viewer, among which results of other channels are found.
    """

    layer: Layer | None
    index: Index
    choices: Sequence[Choice]
    truth: Image | None
    value_range: str | tuple[float, float] | None
    errors: bool = False
    channels: Sequence[Image] = ()
    opened: Sequence[Layer] = ()

    def of_channel(self, channel: Layer | None) -> ComparisonRequest:
        """The same for one channel: its own results, and nothing that is shown alone."""
        choices = []
        for choice in self.choices:
            if not isinstance(choice, Layer):
                choices.append(choice)
            elif self.in_all_channels(choice) and channel is not None:
                choices.append(self._counterpart(choice, channel) or choice)
            elif channel is self.layer:
                choices.append(choice)
        own = channel is self.layer
        truth, errors = (self.truth, self.errors) if own else (None, False)
        return replace(self, layer=channel, choices=choices, truth=truth, errors=errors)

    @property
    def is_above_another(self) -> bool:
        """Whether the lowest channel is another one than the image."""
        order = [layer_id(each) for each in self.opened]
        first, own = (order.index(layer_id(each)) for each in (self.channels[0], self.layer))
        return first < own

    def in_all_channels(self, result: Layer) -> bool:
        """Whether a layer is a result, and all channels have one that was made alike."""
        return all(self._counterpart(result, each) is not None for each in self._all_channels)

    @property
    def _all_channels(self) -> list[Layer]:
        return [each for each in (self.layer, *self.channels) if each is not None]

    def _counterpart(self, result: Layer, channel: Layer) -> Image | None:
        return counterpart(self.opened, result, channel, self._all_channels)


def planned(wanted: ComparisonRequest, results: Results) -> ComparisonPlan:
    """Take all that a comparison needs from layers and model files.

    ``results`` are those of earlier comparisons.

    Raises
    ------
    TypeError
        if a layer cannot be upscaled
    ValueError
        if there are too many views with the maps of expected errors, or no map at all
    ModelFileError, OSError
        if a model file is not valid, or is gone
    """
    if not wanted.channels:
        return _planned(wanted, results)
    others = [_planned(wanted.of_channel(each), results) for each in wanted.channels]
    own = _planned(wanted.of_channel(wanted.layer), results)
    if wanted.is_above_another:  # it becomes the lowest, and what was the lowest lies over it
        blended = {**others[0].source.state, "blending": own.source.state["blending"]}
        others[0] = replace(others[0], source=replace(others[0].source, state=blended))
    return replace(own, channels=others)


def _planned(wanted: ComparisonRequest, results: Results) -> ComparisonPlan:
    """The plan of one channel."""
    source = LayerSnapshot.of(wanted.layer, wanted.index)
    models = {
        choice: load_model(choice.path)
        for choice in wanted.choices
        if isinstance(choice, CatalogueEntry)
    }
    truth = None if wanted.truth is None else LayerSnapshot.of(wanted.truth, wanted.index)
    ratio = () if truth is None else tuple(np.divide(truth.size, source.size).tolist())
    scale = common_scale([model.scale for model in models.values()], ratio)
    compared: list[PlannedView] = []
    truth_at = None
    for choice in wanted.choices:
        if choice == wanted.truth:
            truth_at = len(compared)
        if isinstance(choice, CatalogueEntry):
            compared += _by_model(source, choice, models[choice], wanted)
        elif choice == SOURCE:
            compared.append(PlannedView(Nearest(), source))
        elif choice == BICUBIC:
            compared.append(PlannedView(Bicubic(scale), source))
        else:
            compared.append(_layer_view(choice, source, wanted))
    if wanted.errors:
        _check_maps(compared)
    shown = len(compared)
    if truth is not None and truth_at is None:
        truth_at = shown
        compared.append(_own_pixels(truth))
    return ComparisonPlan(source, compared, shown, truth_at, wanted.value_range, results)


def _by_model(
    source: LayerSnapshot, entry: CatalogueEntry, model: LutModel, wanted: ComparisonRequest
) -> list[PlannedView]:
    """A model's result and, where it is wanted and there is one, the map of its errors."""
    version = _version(entry)
    views = [PlannedView(ModelMethod(model, entry.name, version), source)]
    if wanted.errors and model.expected_error is not None:
        name = f"{source.name}: {entry.name}" if wanted.channels else entry.name  # it is seen alone
        method = ExpectedError(model, error_name(name), version)
        views.append(PlannedView(method, source, error=True))
    return views


def _check_maps(views: Sequence[PlannedView]) -> None:
    maps = sum(view.error for view in views)
    if not maps:
        raise ValueError(
            "None of the ticked models has a table of expected errors. Tick one that has it, such "
            f"as {DEFAULT_MODEL}, or untick the map."
        )
    if len(views) > MAX_VIEWS:
        raise ValueError(
            f"With the maps of expected errors there are {len(views)} views, and {MAX_VIEWS} are "
            f"the most. Untick {len(views) - MAX_VIEWS} of them, or the map."
        )


def _layer_view(layer: Image, source: LayerSnapshot, wanted: ComparisonRequest) -> PlannedView:
    """Another layer with its own pixels; images look like the source, maps of errors do not."""
    snapshot = LayerSnapshot.of(layer, wanted.index)
    if is_error_map(layer.metadata):
        return replace(_own_pixels(snapshot), error=True)
    if wanted.channels and not wanted.in_all_channels(layer):
        return replace(_own_pixels(replace(snapshot, name=f"{snapshot.name} (alone)")), alone=True)
    return _own_pixels(snapshot.looking_like(source))


def _version(entry: CatalogueEntry) -> tuple[str, int, int]:
    """What distinguishes a model's file from one that was trained anew."""
    state = entry.path.stat()
    return str(entry.path), state.st_mtime_ns, state.st_size


def _own_pixels(snapshot: LayerSnapshot) -> PlannedView:
    """Another layer, shown with its own pixels."""
    return PlannedView(ExistingLayer(snapshot.name, snapshot.pixels), snapshot, own=True)
