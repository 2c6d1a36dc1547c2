"""A model's graph as plain JSON values and named tensors, and back.

Belongs here: what the description in a model file looks like. The file itself is
``model_file.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from napari_autolut.model import (
    MAX_BRANCHES,
    MAX_NODES,
    UPSCALES,
    AnyBranch,
    AnyTable,
    Branch,
    ChannelNode,
    DualTable,
    FilterBranch,
    LutModel,
    ModelError,
    Node,
    SpatialNode,
    Table,
    require,
)
from napari_autolut.model.symmetry import packed
from napari_autolut.storage.card_json import build_card
from napari_autolut.storage.json_fields import (
    integer_of,
    list_of,
    number_of,
    object_of,
    objects_of,
    signal_of,
)
from napari_autolut.storage.packing import (
    FILTER_KEYS,
    QUADRANT,
    packed_filters,
    unpacked_filters,
)
from napari_autolut.storage.stored_tables import StoredTables, Tensors


def describe_nodes(model: LutModel) -> tuple[list[dict[str, Any]], Tensors]:
    """Nodes as JSON values, and the tensors that they name.

    Parameters
    ----------
    model : LutModel
        The model to describe.

    Returns
    -------
    list of dict
        One JSON object for each node.
    dict of str to ndarray
        The tensors by name.
    """
    tensors: Tensors = {}
    nodes = [
        _describe_node(node, f"node{number}", tensors) for number, node in enumerate(model.nodes, 1)
    ]
    return nodes, tensors


def _describe_node(node: Node, name: str, tensors: Tensors) -> dict[str, Any]:
    if isinstance(node, ChannelNode):
        return {
            "kind": "channel",
            "signals": [list(signal) for signal in node.signals],
            "bias": node.bias,
            "table": _describe_table(node.table, f"{name}.table", tensors),
        }
    return {
        "kind": "spatial",
        "divisor": node.divisor,
        "bias": node.bias,
        "upscale": node.upscale,
        "rotations": node.rotations,
        "branches": [
            _describe_filters(branch, node.upscale, f"{name}.branch{number}", tensors)
            if isinstance(branch, FilterBranch)
            else _describe_branch(branch, f"{name}.branch{number}", tensors)
            for number, branch in enumerate(node.branches, 1)
        ],
    }


def _describe_filters(
    branch: FilterBranch, upscale: int, name: str, tensors: Tensors
) -> dict[str, Any]:
    """C4 branches and their symmetric tables are stored in as few values as they have."""
    description: dict[str, Any] = {
        "signals": [list(signal) for signal in branch.signals],
        "table": _describe_table(branch.table, f"{name}.table", tensors),
    }
    for key, weights in packed_filters(branch.filters).items():
        description[key] = f"{name}.{key}"
        tensors[f"{name}.{key}"] = weights
    table = branch.table
    if QUADRANT in description and isinstance(table, Table):
        rows = packed(table.values, table.grid_size, upscale)
        if rows is not None:
            tensors[f"{name}.table"] = rows
            description["table"]["symmetric"] = True
    return description


def _describe_branch(branch: Branch, name: str, tensors: Tensors) -> dict[str, Any]:
    tensors[f"{name}.windows"] = branch.windows
    description: dict[str, Any] = {
        "source": list(branch.source),
        "windows": f"{name}.windows",
        "table": _describe_table(branch.table, f"{name}.table", tensors),
    }
    if branch.previous is not None and branch.residual is not None:
        tensors[f"{name}.residual"] = branch.residual
        description |= {"previous": list(branch.previous), "residual": f"{name}.residual"}
    return description


def _describe_table(table: AnyTable, name: str, tensors: Tensors) -> dict[str, Any]:
    if isinstance(table, DualTable):
        return {
            "near": _describe_table(table.near, f"{name}.near", tensors),
            "far": _describe_table(table.far, f"{name}.far", tensors),
            "reach": table.reach,
        }
    tensors[name] = table.values
    return {
        "tensor": name,
        "grid_size": table.grid_size,
        "inputs": table.inputs,
        "scale": table.scale,
    }


def build_model(description: Mapping[str, Any], tensors: Tensors) -> LutModel:
    """Build the model that a description and its tensors stand for.

    Parameters
    ----------
    description : mapping
        JSON object of the model file: nodes, card, rounding, padding and scale.
    tensors : dict of str to ndarray
        The tensors that it names.

    Returns
    -------
    LutModel
        The model, validated.

    Raises
    ------
    ModelError
        If a field holds something else than expected. A description that is no description ends in
        one of ``tensor_file.BAD_CONTENT``.
    """
    nodes, stored = objects_of(description, "nodes", MAX_NODES), StoredTables(tensors)
    model = LutModel(
        nodes=tuple(_build_node(node, stored) for node in nodes),
        card=build_card(object_of(description, "card")),
        rounding=description["rounding"],
        padding=description["padding"],
        coring=number_of(description, "coring") if "coring" in description else 0.0,
        noise_floor=number_of(description, "noise_floor") if "noise_floor" in description else 0.0,
    )
    if description["scale"] != model.scale:
        raise ModelError("scale", description["scale"], f"{model.scale} as the graph gives")
    return model


def least_lookups(description: Mapping[str, Any]) -> int:
    """Count the look-ups a pixel that a description asks for, those on larger planes once only.

    Nothing is built for it: a small file may describe thousands.
    """
    return sum(
        len(list_of(node, "branches")) * (1 if node.get("rotations") == 1 else 4)
        if "branches" in node
        else 1
        for node in objects_of(description, "nodes", MAX_NODES)
    )


def _build_node(node: Mapping[str, Any], stored: StoredTables) -> Node:
    match node["kind"]:
        case "spatial":
            return _build_spatial(node, stored)
        case "channel":
            return _build_channel(node, stored)
        case other:
            raise ModelError("node kind", other, "spatial or channel")


def _build_spatial(node: Mapping[str, Any], stored: StoredTables) -> SpatialNode:
    upscale = integer_of(node, "upscale")
    require(upscale in UPSCALES, "upscale", upscale, "1, 2, 3 or 4")
    return SpatialNode(
        branches=tuple(
            _build_branch(branch, stored, upscale)
            for branch in objects_of(node, "branches", MAX_BRANCHES)
        ),
        divisor=number_of(node, "divisor"),
        bias=number_of(node, "bias"),
        upscale=upscale,
        rotations=integer_of(node, "rotations") if "rotations" in node else 4,
    )


def _build_channel(node: Mapping[str, Any], stored: StoredTables) -> ChannelNode:
    table = stored.table(node["table"], upscale=1)
    if isinstance(table, DualTable):
        raise ModelError("channel look-up table", "two grids", "one grid")
    signals = tuple(signal_of(value) for value in list_of(node, "signals"))
    return ChannelNode(signals, table, number_of(node, "bias"))


def _build_branch(branch: Mapping[str, Any], stored: StoredTables, upscale: int) -> AnyBranch:
    if "signals" in branch:
        return FilterBranch(
            table=stored.table(branch["table"], upscale),
            filters=unpacked_filters(
                {key: stored.tensor(branch[key]) for key in FILTER_KEYS if key in branch}
            ),
            signals=tuple(signal_of(value) for value in list_of(branch, "signals")),
        )
    previous, residual = branch.get("previous"), branch.get("residual")
    return Branch(
        table=stored.table(branch["table"], upscale),
        windows=stored.tensor(branch["windows"]),
        source=signal_of(branch["source"]),
        previous=None if previous is None else signal_of(previous),
        residual=None if residual is None else stored.tensor(residual),
    )
