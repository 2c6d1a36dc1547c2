"""Model files: one ``.safetensors`` file with the tensors and a JSON description.

Belongs here: reading and writing that file. The rules a model must keep are in ``model.py``; where
models are found by name is in ``catalogue.py``.

The metadata entry ``napari_autolut`` holds the format version, the graph (each table, window and
residual names its tensor), the card and a sha256 of the tensors. No pickle anywhere.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from napari_autolut.model import (
    AnyTable,
    Branch,
    Card,
    ChannelNode,
    DualTable,
    LutModel,
    ModelError,
    Node,
    Signal,
    SpatialNode,
    Table,
)

FORMAT_VERSION = 1
METADATA_KEY = "napari_autolut"
SUFFIX = ".safetensors"
MAX_FILE_BYTES = 512 * 2**20

Tensors = dict[str, NDArray[Any]]


class ModelFileError(ModelError):
    """A model file that cannot be used: which file and field, what it holds and should hold."""

    def __init__(self, path: str | Path, field: str, found: object, expected: object) -> None:
        super().__init__(field, found, expected)
        self.path = Path(path)

    def __str__(self) -> str:
        return f"{self.path}: {super().__str__()}"


@contextmanager
def written_whole(path: str | Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Give a temporary name beside ``path``; on success flush it to disk and rename it.

    Nothing is left behind on failure, and an existing file is never touched unless asked.

    Raises
    ------
    FileExistsError
        if ``path`` exists and ``overwrite`` is false
    """
    target = Path(path)
    if target.exists() and not overwrite:
        raise FileExistsError(f"{target} exists already; choose another name or allow overwriting")
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=target.name)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb+") as stream:
            os.fsync(stream.fileno())
        temporary.chmod(0o644)
        if overwrite:
            temporary.replace(target)
        else:
            _rename_to_new(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def _rename_to_new(temporary: Path, target: Path) -> None:
    """Rename without replacing a file that appeared meanwhile, where links are to be had."""
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise FileExistsError(f"{target} appeared meanwhile; it was not replaced") from None
    except OSError:
        temporary.replace(target)


def save_model(model: LutModel, path: str | Path, *, overwrite: bool = False) -> Path:
    """Write a model file; the folder must exist.

    Raises
    ------
    FileExistsError
        if the file exists and ``overwrite`` is false
    """
    tensors: Tensors = {}
    nodes = [
        _describe_node(node, f"node{number}", tensors) for number, node in enumerate(model.nodes, 1)
    ]
    description = {
        "format": "napari-autolut",
        "format_version": FORMAT_VERSION,
        "scale": model.scale,
        "rounding": model.rounding,
        "padding": model.padding,
        "nodes": nodes,
        "card": asdict(model.card),
        "sha256": _digest(tensors),
    }
    content = save(tensors, {METADATA_KEY: json.dumps(description)})
    with written_whole(path, overwrite=overwrite) as temporary:
        temporary.write_bytes(content)
    return Path(path)


def load_model_file(path: str | Path) -> LutModel:
    """Read and check a model file.

    Raises
    ------
    ModelFileError
        if the file is missing, unreadable, truncated, of a newer format, or not a valid model
    """
    path = Path(path)
    description, tensors = _read(path)
    version = description.get("format_version")
    if not isinstance(version, int) or version > FORMAT_VERSION:
        raise ModelFileError(
            path,
            "format_version",
            version,
            f"at most {FORMAT_VERSION}; a newer napari-autolut can read this file",
        )
    digest = _digest(tensors)
    if description.get("sha256") != digest:
        raise ModelFileError(path, "sha256 of the tensors", digest, description.get("sha256"))
    try:
        return _build(description, tensors)
    except ModelError as error:
        raise ModelFileError(path, error.field, error.found, error.expected) from error
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise ModelFileError(
            path, "model description", f"{type(error).__name__} {error}", "a complete description"
        ) from error


def _read(path: Path) -> tuple[dict[str, Any], Tensors]:
    kind = "a napari-autolut .safetensors file"
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise ModelFileError(path, "file", "a folder or device", kind)
        if size > MAX_FILE_BYTES:
            raise ModelFileError(path, "file size", f"{size} bytes", f"at most {MAX_FILE_BYTES}")
        with safe_open(path, framework="numpy") as stream:
            metadata = stream.metadata() or {}
            if METADATA_KEY not in metadata:
                raise ModelFileError(path, "metadata", sorted(metadata), f"an entry {METADATA_KEY}")
            tensors = {name: stream.get_tensor(name) for name in stream.keys()}  # noqa: SIM118
    except FileNotFoundError as error:
        raise ModelFileError(path, "file", "no such file", kind) from error
    except (OSError, SafetensorError, TypeError, KeyError) as error:
        raise ModelFileError(path, "file", error, kind) from error
    try:
        description = json.loads(metadata[METADATA_KEY])
    except (ValueError, RecursionError) as error:
        raise ModelFileError(path, "metadata", error, "JSON") from error
    if not isinstance(description, dict):
        raise ModelFileError(path, "metadata", type(description).__name__, "a JSON object")
    return description, tensors


def _digest(tensors: Tensors) -> str:
    """sha256 over names, types, shapes and bytes, independent of their order in the file."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        tensor = np.ascontiguousarray(tensors[name])
        digest.update(f"{name} {tensor.dtype.str} {tensor.shape}\n".encode())
        digest.update(tensor.tobytes())
    return digest.hexdigest()


# --- description of a graph ------------------------------------------------------------------


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
        "branches": [
            _describe_branch(branch, f"{name}.branch{number}", tensors)
            for number, branch in enumerate(node.branches, 1)
        ],
    }


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


# --- and back --------------------------------------------------------------------------------


def _build(description: Mapping[str, Any], tensors: Tensors) -> LutModel:
    model = LutModel(
        nodes=tuple(_build_node(node, tensors) for node in _objects(description, "nodes")),
        card=_build_card(_object(description, "card")),
        rounding=description["rounding"],
        padding=description["padding"],
    )
    if description["scale"] != model.scale:
        raise ModelError("scale", description["scale"], f"{model.scale} as the graph gives")
    return model


def _build_card(card: Mapping[str, Any]) -> Card:
    known = {entry.name for entry in fields(Card)} & card.keys()
    texts = {key: _text(card, key) for key in known - {"benchmark"}}
    return Card(**texts, benchmark=_object(card, "benchmark") if "benchmark" in card else {})


def _build_node(node: Mapping[str, Any], tensors: Tensors) -> Node:
    match node["kind"]:
        case "spatial":
            return _build_spatial(node, tensors)
        case "channel":
            return _build_channel(node, tensors)
        case other:
            raise ModelError("node kind", other, "spatial or channel")


def _build_spatial(node: Mapping[str, Any], tensors: Tensors) -> SpatialNode:
    return SpatialNode(
        branches=tuple(_build_branch(branch, tensors) for branch in _objects(node, "branches")),
        divisor=_number(node, "divisor"),
        bias=_number(node, "bias"),
        upscale=_whole(node, "upscale"),
    )


def _build_channel(node: Mapping[str, Any], tensors: Tensors) -> ChannelNode:
    table = _build_table(node["table"], tensors)
    if isinstance(table, DualTable):
        raise ModelError("channel look-up table", "two grids", "one grid")
    signals = tuple(_signal(value) for value in _list(node, "signals"))
    return ChannelNode(signals, table, _number(node, "bias"))


def _build_branch(branch: Mapping[str, Any], tensors: Tensors) -> Branch:
    previous, residual = branch.get("previous"), branch.get("residual")
    return Branch(
        table=_build_table(branch["table"], tensors),
        windows=_tensor(tensors, branch["windows"]),
        source=_signal(branch["source"]),
        previous=None if previous is None else _signal(previous),
        residual=None if residual is None else _tensor(tensors, residual),
    )


def _build_table(table: Mapping[str, Any], tensors: Tensors) -> AnyTable:
    if "near" not in table:
        return Table(
            values=_tensor(tensors, table["tensor"]),
            grid_size=_whole(table, "grid_size"),
            inputs=_whole(table, "inputs"),
            scale=_number(table, "scale"),
        )
    near, far = (_build_table(table[part], tensors) for part in ("near", "far"))
    if isinstance(near, DualTable) or isinstance(far, DualTable):
        raise ModelError("table", "grids nested more than twice", "near and far as plain tables")
    return DualTable(near, far, _number(table, "reach"))


def _tensor(tensors: Tensors, name: Any) -> NDArray[Any]:
    if name not in tensors:
        raise ModelError("tensor", f"no {name!r}", f"one of {sorted(tensors)}")
    return tensors[name]


def _checked(entry: Mapping[str, Any], field: str, kind: Callable[[Any], bool], what: str) -> Any:
    value = entry[field]
    if not kind(value):
        raise ModelError(field, repr(value), what)
    return value


def _number(entry: Mapping[str, Any], field: str) -> float:
    def is_number(value: Any) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool)

    return float(_checked(entry, field, is_number, "a number"))


def _whole(entry: Mapping[str, Any], field: str) -> int:
    return int(_checked(entry, field, lambda value: type(value) is int, "a whole number"))


def _list(entry: Mapping[str, Any], field: str) -> list[Any]:
    return list(_checked(entry, field, lambda value: isinstance(value, list), "a list"))


def _text(entry: Mapping[str, Any], field: str) -> str:
    return str(_checked(entry, field, lambda value: isinstance(value, str), "text"))


def _object(entry: Mapping[str, Any], field: str) -> dict[str, Any]:
    return dict(_checked(entry, field, lambda value: isinstance(value, dict), "a JSON object"))


def _objects(entry: Mapping[str, Any], field: str) -> list[dict[str, Any]]:
    def are_objects(value: Any) -> bool:
        return isinstance(value, list) and all(isinstance(item, dict) for item in value)

    return list(_checked(entry, field, are_objects, "a list of JSON objects"))


def _signal(value: Any) -> Signal:
    if not (isinstance(value, list) and len(value) == 2 and all(type(v) is int for v in value)):
        raise ModelError("signal", repr(value), "[node, channel]")
    return Signal(*value)
