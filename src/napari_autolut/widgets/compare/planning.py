"""From what is ticked in the Compare dock to a plan.

Belongs here: what each choice means, and what is taken for it from layers and model files. What a
plan computes is ``comparison.plan``.
"""

from __future__ import annotations

from collections.abc import Sequence

from napari.layers import Image, Layer

from napari_autolut.comparison import (
    Bicubic,
    ComparisonPlan,
    ExistingLayer,
    LayerSnapshot,
    ModelMethod,
    Nearest,
    PlannedView,
    Results,
    common_scale,
)
from napari_autolut.layers import is_error_map
from napari_autolut.storage import CatalogueEntry, load_model_file
from napari_autolut.widgets.compare.choice import BICUBIC, SOURCE, Choice

Index = tuple[int, ...] | None


def planned(
    layer: Layer | None,
    index: Index,
    choices: Sequence[Choice],
    truth: Image | None,
    value_range: str | tuple[float, float] | None,
    results: Results,
) -> ComparisonPlan:
    """Take all that a comparison needs from layers and model files.

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
    results : Results
        Of earlier comparisons.

    Raises
    ------
    TypeError
        if a layer cannot be upscaled
    ModelFileError, OSError
        if a model file is not valid, or is gone
    """
    source = LayerSnapshot.of(layer, index)
    models = {
        choice: load_model_file(choice.path)
        for choice in choices
        if isinstance(choice, CatalogueEntry)
    }
    truth_size = () if truth is None else LayerSnapshot.of(truth).size
    ratio = tuple(t / s for t, s in zip(truth_size, source.size, strict=False))
    scale = common_scale([model.scale for model in models.values()], ratio)
    compared = []
    for choice in choices:
        if isinstance(choice, CatalogueEntry):
            method = ModelMethod(models[choice], choice.name, _version(choice))
            compared.append(PlannedView(method, source))
        elif choice == SOURCE:
            compared.append(PlannedView(Nearest(), source))
        elif choice == BICUBIC:
            compared.append(PlannedView(Bicubic(scale), source))
        else:
            snapshot = LayerSnapshot.of(choice, index)
            own_look = not isinstance(choice, str) and is_error_map(choice.metadata)
            compared.append(_own_pixels(snapshot if own_look else snapshot.looking_like(source)))
    truth_at = None
    if truth is not None:
        truth_at = choices.index(truth) if truth in choices else len(choices)
        if truth_at == len(choices):
            compared.append(_own_pixels(LayerSnapshot.of(truth, index)))
    return ComparisonPlan(source, compared, len(choices), truth_at, value_range, results)


def _version(entry: CatalogueEntry) -> tuple[str, int, int]:
    """What distinguishes a model's file from one that was trained anew."""
    state = entry.path.stat()
    return str(entry.path), state.st_mtime_ns, state.st_size


def _own_pixels(snapshot: LayerSnapshot) -> PlannedView:
    """Another layer, shown with its own pixels."""
    return PlannedView(ExistingLayer(snapshot.name, snapshot.pixels), snapshot, own=True)
