"""Model files: one ``.safetensors`` file with the tensors and a JSON description.

Belongs here: reading and writing that file. The rules that a model must keep are in ``model``;
where models are found by name is in ``catalogue.py``.

The metadata entry ``napari_autolut`` holds the format version, the graph (each table, window and
residual names its tensor), the card and a sha256 of the tensors. No pickle anywhere.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from napari_autolut.model import (
    Card,
    LutModel,
    ModelError,
)
from napari_autolut.storage.contents import built, contents_of, oldest_version
from napari_autolut.storage.error_json import build_errors
from napari_autolut.storage.graph_json import build_card
from napari_autolut.storage.stored_tables import Tensors
from napari_autolut.util.atomic import atomic_write

FORMAT_VERSION = 3
"""The newest that can be read. Files are written in the oldest that holds their model: filters, of
branches that sample several signals, came with version 2; tables of one input and models for noise
with version 3."""

METADATA_KEY = "napari_autolut"
SUFFIX = ".safetensors"
MAX_FILE_BYTES = 512 * 2**20

BAD_CONTENT = (
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    MemoryError,
)
"""What a description ends in that is JSON and no model; safetensors has more types than numpy."""


class ModelFileError(ModelError):
    """A model file that cannot be used: which file and field, what it holds and should hold.

    Parameters
    ----------
    path : str or Path
        The file.
    field : str
        The field that is wrong.
    found, expected : object
        What it holds, and what it should hold.
    """

    def __init__(self, path: str | Path, field: str, found: object, expected: object) -> None:
        super().__init__(field, found, expected)
        self.path = Path(path)

    def __str__(self) -> str:
        return f"{self.path}: {super().__str__()}"


def save_model(model: LutModel, path: str | Path, *, overwrite: bool = False) -> Path:
    """Write a model file; the folder must exist.

    Parameters
    ----------
    model : LutModel
        The model.
    path : str or Path
        The file to write, by custom with the suffix ``.safetensors``.
    overwrite : bool, default False
        Replace a file that exists.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    FileExistsError
        If the file exists and ``overwrite`` is false.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from napari_autolut import load_model, save_model
    >>> with TemporaryDirectory() as folder:
    ...     path = save_model(load_model("natural-x2"), Path(folder) / "copy.safetensors")
    ...     load_model(path).name
    'natural-x2'
    """
    graph, tensors = contents_of(model)
    description = {
        "format": "napari-autolut",
        "format_version": oldest_version(model),
        "scale": model.scale,
        **graph,
        "card": asdict(model.card),
        "sha256": tensor_digest(tensors),
    }
    content = save(tensors, {METADATA_KEY: json.dumps(description)})
    with atomic_write(path, overwrite=overwrite) as temporary:
        temporary.write_bytes(content)
    return Path(path)


def model_digest(model: LutModel) -> str:
    """sha256 of a model's tables, as its file has it: what tells models of one name apart.

    Parameters
    ----------
    model : LutModel
        The model; what was computed for it is kept as long as it lives.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    if model not in _digests:
        _digests[model] = tensor_digest(contents_of(model)[1])
    return _digests[model]


_digests: WeakKeyDictionary[LutModel, str] = WeakKeyDictionary()


def load_model_file(path: str | Path) -> LutModel:
    """Read and check a model file.

    Raises
    ------
    ModelFileError
        If the file is missing, unreadable, truncated, of a newer format, or not a valid model.
    """
    path = Path(path)
    description, tensors = read_tensors(path)
    version = description.get("format_version")
    if not isinstance(version, int) or version > FORMAT_VERSION:
        raise ModelFileError(
            path,
            "format_version",
            version,
            f"at most {FORMAT_VERSION}; a newer napari-autolut can read this file",
        )
    digest = tensor_digest(tensors)
    if description.get("sha256") != digest:
        raise ModelFileError(path, "sha256 of the tensors", digest, description.get("sha256"))
    try:
        model = built(description, tensors)
        return replace(model, expected_error=build_errors(description, tensors))
    except ModelError as error:
        raise ModelFileError(path, error.field, error.found, error.expected) from error
    except BAD_CONTENT as error:
        raise ModelFileError(
            path, "model description", f"{type(error).__name__} {error}", "a complete description"
        ) from error


def read_card(path: str | Path) -> tuple[Card, int]:
    """Read the card and the scale of a model alone, quickly: its tables are not checked.

    Parameters
    ----------
    path : str or Path
        A model file.

    Returns
    -------
    card : Card
        Its card.
    scale : int
        Its upscaling factor.

    Raises
    ------
    ModelFileError
        If the file is missing, unreadable, or says nothing of a model.
    """
    path = Path(path)
    try:
        with safe_open(path, framework="numpy") as stream:
            description = json.loads((stream.metadata() or {})[METADATA_KEY])
        return build_card(description["card"]), int(description["scale"])
    except (OSError, SafetensorError, *BAD_CONTENT) as error:
        raise ModelFileError(
            path, "file", f"{type(error).__name__} {error}", "a napari-autolut .safetensors file"
        ) from error


def read_tensors(
    path: Path,
    *,
    key: str = METADATA_KEY,
    kind: str = "a napari-autolut .safetensors file",
    max_bytes: int = MAX_FILE_BYTES,
) -> tuple[dict[str, Any], Tensors]:
    """Read a file of tensors and the JSON object that describes them; neither is checked.

    Parameters
    ----------
    path : Path
        The file.
    key : str
        Metadata entry that holds the description.
    kind : str
        What is expected, in words.
    max_bytes : int
        Size of the file at most.

    Raises
    ------
    ModelFileError
        If there is no such file, it is too large, or something else.
    """
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise ModelFileError(path, "file", "a folder or device", kind)
        if size > max_bytes:
            raise ModelFileError(path, "file size", f"{size} bytes", f"at most {max_bytes}")
        with safe_open(path, framework="numpy") as stream:
            metadata = stream.metadata() or {}
            if key not in metadata:
                raise ModelFileError(path, "metadata", sorted(metadata), f"an entry {key}")
            tensors = {name: stream.get_tensor(name) for name in stream.keys()}  # noqa: SIM118
    except FileNotFoundError as error:
        raise ModelFileError(path, "file", "no such file", kind) from error
    except (OSError, SafetensorError, TypeError, KeyError, AttributeError) as error:
        raise ModelFileError(path, "file", error, kind) from error
    try:
        description = json.loads(metadata[key])
    except (ValueError, RecursionError) as error:
        raise ModelFileError(path, "metadata", error, "JSON") from error
    if not isinstance(description, dict):
        raise ModelFileError(path, "metadata", type(description).__name__, "a JSON object")
    return description, tensors


def tensor_digest(tensors: Tensors) -> str:
    """sha256 over names, types, shapes and bytes, independent of their order in the file."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        tensor = np.ascontiguousarray(tensors[name])
        digest.update(f"{name} {tensor.dtype.str} {tensor.shape}\n".encode())
        digest.update(tensor.tobytes())
    return digest.hexdigest()
