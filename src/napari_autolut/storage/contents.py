"""What a model file says of a model and of those for noise in it, and their tensors.

Belongs here: from models to JSON and tensors, and back. Reading and writing the file, and its
checks, are ``model_file.py``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from napari_autolut.model import (
    FilterBranch,
    LutModel,
    NoisyModel,
    SpatialNode,
)
from napari_autolut.model.graph import MAX_NOISY
from napari_autolut.model.limits import MAX_LOOKUPS_WITH_NOISY, check_lookups
from napari_autolut.storage.error_json import build_errors, describe_errors
from napari_autolut.storage.graph_json import build_model, describe_nodes, least_lookups
from napari_autolut.storage.json_fields import objects_of
from napari_autolut.storage.stored_tables import Tensors

NOISY_TENSOR = "noise-{}/"
"""What the names of a noisy model's tensors begin with; its place stands for the braces."""


def contents_of(model: LutModel) -> tuple[dict[str, Any], Tensors]:
    """All that a file says of a model and of its models for noise but the card, and all tensors."""
    nodes, tensors = describe_nodes(model)
    graph: dict[str, Any] = describe_errors(model.expected_error, tensors)
    graph |= {"rounding": model.rounding, "padding": model.padding, "nodes": nodes}
    if model.coring:
        graph["coring"] = model.coring
    if model.noise_floor:
        graph["noise_floor"] = model.noise_floor
    for place, (sigma, noisy, errors) in enumerate(model.noisy):
        other, of_other = contents_of(noisy) if noisy else ({}, {})
        other |= describe_errors(errors, of_other)
        prefix = NOISY_TENSOR.format(place)
        tensors.update({prefix + name: tensor for name, tensor in of_other.items()})
        graph.setdefault("noisy", []).append({"sigma": sigma, **other})
    return graph, tensors


def built(description: dict[str, Any], tensors: Tensors) -> LutModel:
    """The model that a description stands for, with its models for noise."""
    others = objects_of(description, "noisy", MAX_NOISY) if "noisy" in description else []
    with_tables = [each for each in others if "nodes" in each]
    lookups = [least_lookups(each) for each in (description, *with_tables)]
    check_lookups(max(lookups))
    check_lookups(sum(lookups), MAX_LOOKUPS_WITH_NOISY)
    noisy = []
    for place, other in enumerate(others):
        prefix = NOISY_TENSOR.format(place)
        own = {name.removeprefix(prefix): tensors.pop(name)
               for name in list(tensors) if name.startswith(prefix)}  # fmt: skip
        whole = {**other, "scale": description["scale"], "card": description["card"]}
        tables = build_model(whole, own) if "nodes" in other else None
        noisy.append(NoisyModel(float(other["sigma"]), tables, build_errors(other, own)))
    model = build_model(description, tensors)
    return replace(model, expected_error=build_errors(description, tensors), noisy=tuple(noisy))


def oldest_version(model: LutModel) -> int:
    """The first version of the format that holds a model."""
    if any(each.model is None for each in model.noisy):
        return 4
    one_input = any(table.inputs == 1 for table in model.tables)
    if model.noisy or model.coring or model.noise_floor or one_input:
        return 3
    branches = (b for n in model.nodes if isinstance(n, SpatialNode) for b in n.branches)
    return 2 if any(isinstance(branch, FilterBranch) for branch in branches) else 1
