"""Files of tensors and a JSON object that describes them: what model files and tables for z share.

Belongs here: the container, its format version and sha256, and the error that says what is wrong
with a file. What is described is not looked at: that is ``model_file.py``, for one. No pickle.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from napari_autolut.model import ModelError
from napari_autolut.storage.stored_tables import Tensors
from napari_autolut.util.atomic import atomic_write
from napari_autolut.util.text import shortened

NOT_ONE = "a damaged file, or one of another kind"

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

MAX_HEADER_BYTES = 2**24
"""Of names, shapes and description: a hundred times what the largest model needs. Millions of empty
tensors, or of brackets, take seconds and gigabytes to read."""


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
        self.args = path, field, found, expected  # by which another process makes it again

    def __str__(self) -> str:
        return f"{self.path}: {super().__str__()}"


@dataclass(frozen=True)
class TensorFileKind:
    """A kind of files, as data.

    Parameters
    ----------
    key : str
        Metadata entry that holds the description.
    format : str
        What the description calls the format.
    version : int
        The newest version that can be read.
    words : str
        What such a file is, for errors.
    max_bytes : int
        Size of a file at most.
    """

    key: str
    format: str
    version: int
    words: str
    max_bytes: int


def write_tensors(
    path: Path,
    kind: TensorFileKind,
    description: Mapping[str, Any],
    tensors: Tensors,
    *,
    overwrite: bool,
) -> None:
    """Write a file; the description gets format, version (unless it has one) and sha256.

    Raises
    ------
    FileExistsError
        If the file exists and ``overwrite`` is false.
    """
    whole = {
        "format": kind.format,
        "format_version": kind.version,
        **description,
        "sha256": tensor_digest(tensors),
    }
    content = save(tensors, {kind.key: json.dumps(whole)})
    with atomic_write(path, overwrite=overwrite) as temporary:
        temporary.write_bytes(content)


def read_tensors(path: Path, kind: TensorFileKind) -> tuple[dict[str, Any], Tensors]:
    """Read a file's description and tensors, of which version and sha256 are checked.

    Raises
    ------
    ModelFileError
        If there is no such file, or it is too large, changed, of a newer format or something else.
    """
    description, tensors = _read(path, kind)
    version = description.get("format_version")
    if not isinstance(version, int) or version > kind.version:
        expected = f"at most {kind.version}; a newer napari-autolut can read this file"
        raise ModelFileError(path, "format_version", version, expected)
    digest = tensor_digest(tensors)
    if description.get("sha256") != digest:
        raise ModelFileError(path, "sha256 of the tensors", digest, description.get("sha256"))
    return description, tensors


def _read(path: Path, kind: TensorFileKind) -> tuple[dict[str, Any], Tensors]:
    with _opened(path, kind) as stream:
        description = _described(path, kind, stream)
        return description, {name: stream.get_tensor(name) for name in stream.keys()}  # noqa: SIM118


def read_description(path: Path, kind: TensorFileKind) -> dict[str, Any]:
    """Read a file's description alone, quickly: nothing but its size is checked.

    Raises
    ------
    ModelFileError
        If there is no such file, or it is too large or something else.
    """
    with _opened(path, kind) as stream:
        return _described(path, kind, stream)


@contextmanager
def _opened(path: Path, kind: TensorFileKind) -> Iterator[Any]:
    """The container; what goes wrong with it becomes a `ModelFileError`."""
    try:
        _check_sizes(path, kind)
        with safe_open(path, framework="numpy") as stream:
            yield stream
    except FileNotFoundError as error:
        raise ModelFileError(path, "file", "no such file", kind.words) from error
    except OSError as error:
        raise ModelFileError(path, "file", error.strerror or error, kind.words) from error
    except (SafetensorError, TypeError, KeyError, AttributeError) as error:
        raise ModelFileError(path, "file", NOT_ONE, kind.words) from error


def _check_sizes(path: Path, kind: TensorFileKind) -> None:
    """Refuse what would take long to read, before it is read."""
    size = path.stat().st_size
    if not path.is_file():
        raise ModelFileError(path, "file", "a folder or device", kind.words)
    if size > kind.max_bytes:
        raise ModelFileError(path, "file size", f"{size} bytes", f"at most {kind.max_bytes}")
    with path.open("rb") as stream:
        header = int.from_bytes(stream.read(8), "little")
    if MAX_HEADER_BYTES < header <= size:
        expected = f"at most {MAX_HEADER_BYTES} bytes"
        raise ModelFileError(path, "names and description", f"{header} bytes", expected)


def _described(path: Path, kind: TensorFileKind, stream: Any) -> dict[str, Any]:
    metadata = stream.metadata() or {}
    if kind.key not in metadata:
        found = ", ".join(sorted(metadata)) or "none"
        raise ModelFileError(path, "metadata", found, f"an entry {kind.key}")
    text = metadata[kind.key]
    try:
        description = json.loads(text)
    except ValueError as error:
        raise ModelFileError(path, "metadata", error, "JSON") from error
    except RecursionError as error:
        raise ModelFileError(
            path, "metadata", "brackets in brackets without end", "JSON"
        ) from error
    if not isinstance(description, dict):
        raise ModelFileError(path, "metadata", shortened(text), "a JSON object")
    return description


@contextmanager
def errors_of_file(path: Path, field: str) -> Iterator[None]:
    """Whatever is wrong with a description becomes a `ModelFileError` that names the file."""
    try:
        yield
    except ModelError as error:
        raise ModelFileError(path, error.field, error.found, error.expected) from error
    except BAD_CONTENT as error:
        raise ModelFileError(path, field, _found_text(error), "a complete description") from error


def _found_text(error: BaseException) -> str:
    """What is wrong, without words of Python's."""
    if isinstance(error, KeyError):
        return f"no {error}"
    if isinstance(error, TypeError | AttributeError):
        return "an entry that is missing or of another kind"
    return f"{type(error).__name__} {error}"


def tensor_digest(tensors: Tensors) -> str:
    """sha256 over names, types, shapes and bytes, independent of their order in the file."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        tensor = np.ascontiguousarray(tensors[name])
        digest.update(f"{name} {tensor.dtype.str} {tensor.shape}\n".encode())
        digest.update(tensor.tobytes())
    return digest.hexdigest()
