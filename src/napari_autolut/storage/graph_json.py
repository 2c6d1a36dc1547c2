"""A model's graph as plain JSON values and named tensors, and back.

Belongs here: what the description in a model file looks like. The file itself is
``model_file.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from numpy.typing import NDArray

from napari_autolut.model import (
    UPSCALES,
    AnyBranch,
    AnyTable,
    Branch,
    Card,
    ChannelNode,
    DualTable,
    FilterBranch,
    LutModel,
    ModelError,
    Node,
    Signal,
    SpatialNode,
    Table,
    require,
)
from napari_autolut.model.symmetry import packed
from napari_autolut.storage.json_fields import (
    integer_of,
    list_of,
    number_of,
    object_of,
    objects_of,
    text_of,
)
from napari_autolut.storage.packing import (
    FILTER_KEYS,
    QUADRANT,
    packed_filters,
    unpacked_filters,
    unpacked_table,
)

Tensors = dict[str, NDArray[Any]]


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
        The tensors that it names; unpacked tables are added.

    Returns
    -------
    LutModel
        The model, validated.

    Raises
    ------
    ModelError
        If a field holds something else than expected. A description that is no description ends in
        one of ``model_file.BAD_CONTENT``.
    """
    model = LutModel(
        nodes=tuple(_build_node(node, tensors) for node in objects_of(description, "nodes")),
        card=build_card(object_of(description, "card")),
        rounding=description["rounding"],
        padding=description["padding"],
    )
    if description["scale"] != model.scale:
        raise ModelError("scale", description["scale"], f"{model.scale} as the graph gives")
    return model


def build_card(card: Mapping[str, Any]) -> Card:
    """Make a card of its JSON; what a newer version may have added is left out."""
    known = {entry.name for entry in fields(Card)} & card.keys()
    texts = {key: text_of(card, key) for key in known - {"benchmark", "noise_sigma"}}
    return Card(
        **texts,
        noise_sigma=number_of(card, "noise_sigma") if "noise_sigma" in card else 0.0,
        benchmark=object_of(card, "benchmark") if "benchmark" in card else {},
    )


def _build_node(node: Mapping[str, Any], tensors: Tensors) -> Node:
    match node["kind"]:
        case "spatial":
            return _build_spatial(node, tensors)
        case "channel":
            return _build_channel(node, tensors)
        case other:
            raise ModelError("node kind", other, "spatial or channel")


def _build_spatial(node: Mapping[str, Any], tensors: Tensors) -> SpatialNode:
    upscale = integer_of(node, "upscale")
    require(upscale in UPSCALES, "upscale", upscale, "1, 2, 3 or 4")
    return SpatialNode(
        branches=tuple(
            _build_branch(branch, tensors, upscale) for branch in objects_of(node, "branches")
        ),
        divisor=number_of(node, "divisor"),
        bias=number_of(node, "bias"),
        upscale=upscale,
        rotations=integer_of(node, "rotations") if "rotations" in node else 4,
    )


def _build_channel(node: Mapping[str, Any], tensors: Tensors) -> ChannelNode:
    table = _build_table(node["table"], tensors, upscale=1)
    if isinstance(table, DualTable):
        raise ModelError("channel look-up table", "two grids", "one grid")
    signals = tuple(_signal(value) for value in list_of(node, "signals"))
    return ChannelNode(signals, table, number_of(node, "bias"))


def _build_branch(branch: Mapping[str, Any], tensors: Tensors, upscale: int) -> AnyBranch:
    if "signals" in branch:
        return FilterBranch(
            table=_build_table(branch["table"], tensors, upscale),
            filters=unpacked_filters(
                {key: _tensor(tensors, branch[key]) for key in FILTER_KEYS if key in branch}
            ),
            signals=tuple(_signal(value) for value in list_of(branch, "signals")),
        )
    previous, residual = branch.get("previous"), branch.get("residual")
    return Branch(
        table=_build_table(branch["table"], tensors, upscale),
        windows=_tensor(tensors, branch["windows"]),
        source=_signal(branch["source"]),
        previous=None if previous is None else _signal(previous),
        residual=None if residual is None else _tensor(tensors, residual),
    )


def _build_table(table: Mapping[str, Any], tensors: Tensors, upscale: int) -> AnyTable:
    if "near" not in table:
        values = _tensor(tensors, table["tensor"])
        grid_size, inputs = integer_of(table, "grid_size"), integer_of(table, "inputs")
        if "symmetric" in table:
            require(table["symmetric"] is True, "symmetric", table["symmetric"], "true, or nothing")
            # Branches may share a tensor, and then share what it is unpacked to.
            name = f"{table['tensor']}, unpacked, in blocks of {upscale}"
            if name not in tensors:
                tensors[name] = unpacked_table(values, grid_size, inputs, upscale)
            values = tensors[name]
        return Table(
            values=values,
            grid_size=grid_size,
            inputs=inputs,
            scale=number_of(table, "scale"),
        )
    near, far = (_build_table(table[part], tensors, upscale) for part in ("near", "far"))
    if isinstance(near, DualTable) or isinstance(far, DualTable):
        raise ModelError("table", "grids nested more than twice", "near and far as plain tables")
    return DualTable(near, far, number_of(table, "reach"))


def _tensor(tensors: Tensors, name: Any) -> NDArray[Any]:
    if name not in tensors:
        raise ModelError("tensor", f"no {name!r}", f"one of {sorted(tensors)}")
    return tensors[name]


def _signal(value: Any) -> Signal:
    if not (isinstance(value, list) and len(value) == 2 and all(type(v) is int for v in value)):
        raise ModelError("signal", repr(value), "[node, channel]")
    return Signal(*value)
