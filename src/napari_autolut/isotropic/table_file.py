"""Files of learned tables: as model files, tensors and a JSON description, no pickle.

Belongs here: reading and writing them. What a valid table is, is ``table.py``; the container is
``storage.model_file``'s.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save

from napari_autolut.isotropic.blur import AxialBlur
from napari_autolut.isotropic.table import AxialTable
from napari_autolut.model import ModelError
from napari_autolut.storage import ModelFileError
from napari_autolut.storage.model_file import BAD_CONTENT, read_tensors, tensor_digest
from napari_autolut.util.atomic import atomic_write

FORMAT, FORMAT_VERSION = "napari-autolut axial tables", 1
METADATA_KEY = "napari_autolut_axial"
MAX_FILE_BYTES, MAX_CHANNELS, MAX_NOTE = 64 * 2**20, 64, 200
KIND = "a file of tables for z, as napari-autolut isotropic --save-table writes it"

ARRAYS = ("base", "filters", "strengths", "coherences")


def save_axial_tables(
    tables: Sequence[AxialTable], path: str | os.PathLike[str], *, overwrite: bool = False
) -> Path:
    """Write the tables of all channels; the folder must exist.

    Parameters
    ----------
    tables : sequence of AxialTable
        One for each channel.
    path : str or path-like
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
    ValueError
        If there are no tables, or more than 64.
    """
    if not 1 <= len(tables) <= MAX_CHANNELS:
        raise ValueError(f"tables: found {len(tables)}, expected 1 to {MAX_CHANNELS}")
    tensors = _tensors(tables)
    description = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "tables": [
            {
                "factor": table.factor,
                "sigma": table.blur.sigma,
                "detail": table.detail,
                "gain": table.gain,
                "note": table.note,
            }
            for table in tables
        ],
        "sha256": tensor_digest(tensors),
    }
    content = save(tensors, {METADATA_KEY: json.dumps(description)})
    with atomic_write(Path(path), overwrite=overwrite) as temporary:
        temporary.write_bytes(content)
    return Path(path)


def tables_digest(tables: Sequence[AxialTable]) -> str:
    """sha256 of tables, 64 hexadecimal digits, as their file has it."""
    return tensor_digest(_tensors(tables))


def _tensors(tables: Sequence[AxialTable]) -> dict[str, Any]:
    return {
        f"{number}.{name}": np.ascontiguousarray(getattr(table, name))
        for number, table in enumerate(tables)
        for name in ARRAYS
    }


def load_axial_tables(path: str | os.PathLike[str]) -> tuple[AxialTable, ...]:
    """Read and check the tables of all channels.

    Parameters
    ----------
    path : str or path-like
        A file that :func:`save_axial_tables` wrote.

    Returns
    -------
    tuple of AxialTable
        One for each channel.

    Raises
    ------
    ModelFileError
        If the file is missing, unreadable, truncated, of a newer format, or holds no valid tables.
    """
    path = Path(path)
    description, tensors = read_tensors(path, key=METADATA_KEY, kind=KIND, max_bytes=MAX_FILE_BYTES)
    version = description.get("format_version")
    if not isinstance(version, int) or version > FORMAT_VERSION:
        raise ModelFileError(path, "format_version", version, f"at most {FORMAT_VERSION}")
    digest = tensor_digest(tensors)
    if description.get("sha256") != digest:
        raise ModelFileError(path, "sha256 of the tensors", digest, description.get("sha256"))
    try:
        entries = description["tables"]
        if not (isinstance(entries, list) and 1 <= len(entries) <= MAX_CHANNELS):
            raise ModelError("tables", entries, f"a list of 1 to {MAX_CHANNELS}")
        return tuple(_table(entry, number, tensors) for number, entry in enumerate(entries))
    except ModelError as error:
        raise ModelFileError(path, error.field, error.found, error.expected) from error
    except BAD_CONTENT as error:
        raise ModelFileError(
            path, "tables", f"{type(error).__name__} {error}", "a complete description"
        ) from error


def _table(entry: Mapping[str, Any], number: int, tensors: Mapping[str, Any]) -> AxialTable:
    sigma = entry["sigma"]
    arrays = {name: tensors[f"{number}.{name}"] for name in ARRAYS}
    return AxialTable(
        factor=entry["factor"],
        **arrays,
        blur=AxialBlur(None if sigma is None else float(sigma)),
        detail=float(entry["detail"]),
        gain=float(entry["gain"]),
        note=str(entry["note"])[:MAX_NOTE],
    )
