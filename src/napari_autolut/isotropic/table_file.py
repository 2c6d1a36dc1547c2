"""Files of learned tables: as model files, tensors and a JSON description, no pickle.

Belongs here: reading and writing them. What a valid table is, is ``table.py``; the container is
``storage/tensor_file.py``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from napari_autolut.isotropic.blur import AxialBlur
from napari_autolut.isotropic.table import AxialTable
from napari_autolut.model import ModelError, require
from napari_autolut.storage import SUFFIX
from napari_autolut.storage.tensor_file import (
    TensorFileKind,
    errors_of_file,
    read_tensors,
    tensor_digest,
    write_tensors,
)
from napari_autolut.util.arguments import checked_path
from napari_autolut.util.text import quoted

MAX_CHANNELS, MAX_NOTE = 64, 400
AXIAL_TABLES = TensorFileKind(
    key="napari_autolut_axial",
    format="napari-autolut axial tables",
    version=1,
    words="a file of tables for z, as napari-autolut isotropic --save-table writes it",
    max_bytes=64 * 2**20,
)

ARRAYS = ("base", "filters", "strengths", "coherences")


def check_table_path(path: Path, *, overwrite: bool) -> None:
    """Check before any work that tables can be written there.

    Parameters
    ----------
    path : pathlib.Path
        The file. A name that could be an image's is none: it may be that of the source.
    overwrite : bool
        Whether a file that exists may be replaced.

    Raises
    ------
    ValueError, OSError
        If they cannot.
    """
    if path.suffix.lower() != SUFFIX:
        found = path.suffix or "no suffix"
        raise ValueError(f"{path}: found {found}, expected {SUFFIX} for a file of tables")
    from napari_autolut.io import check_free  # loads all of io

    check_free(path, overwrite=overwrite)


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
    TypeError
        If they are no tables, or it is no path.
    FileExistsError
        If the file exists and ``overwrite`` is false.
    ValueError
        If there are no tables, or more than 64.
    """
    target = checked_path(path, "path")
    if not (isinstance(tables, Sequence) and all(isinstance(each, AxialTable) for each in tables)):
        raise TypeError(f"tables: found {quoted(tables)}, expected those of learn_axial_tables")
    if not 1 <= len(tables) <= MAX_CHANNELS:
        raise ValueError(f"tables: found {len(tables)}, expected 1 to {MAX_CHANNELS}")
    description = {
        "tables": [
            {
                "factor": table.factor,
                "sigma": table.blur.sigma,
                "detail": table.detail,
                "gain": table.gain,
                "note": table.note,
                "remark": table.remark,
                "doubtful": table.doubtful,
            }
            for table in tables
        ],
    }
    write_tensors(target, AXIAL_TABLES, description, _tensors(tables), overwrite=overwrite)
    return target


def tables_digest(tables: Sequence[AxialTable]) -> str:
    """sha256 of tables, 64 hexadecimal digits, as their file has it; one for all counts once."""
    return tensor_digest(_tensors([*{id(table): table for table in tables}.values()]))


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
    TypeError
        If it is no path.
    ModelFileError
        If the file is missing, unreadable, truncated, of a newer format, or holds no valid tables.
    """
    path = checked_path(path, "path")
    description, tensors = read_tensors(path, AXIAL_TABLES)
    with errors_of_file(path, "tables"):
        entries = description["tables"]
        if not (isinstance(entries, list) and 1 <= len(entries) <= MAX_CHANNELS):
            raise ModelError("tables", entries, f"a list of 1 to {MAX_CHANNELS}")
        return tuple(_table(entry, number, tensors) for number, entry in enumerate(entries))


def _table(entry: Mapping[str, Any], number: int, tensors: Mapping[str, Any]) -> AxialTable:
    sigma, doubtful = entry["sigma"], entry.get("doubtful", False)
    require(isinstance(doubtful, bool), "doubtful", doubtful, "true or false")
    arrays = {name: tensors[f"{number}.{name}"] for name in ARRAYS}
    return AxialTable(
        factor=entry["factor"],
        **arrays,
        blur=AxialBlur(None if sigma is None else float(sigma)),
        detail=float(entry["detail"]),
        gain=float(entry["gain"]),
        note=str(entry["note"])[:MAX_NOTE],
        remark=str(entry.get("remark", ""))[:MAX_NOTE],
        doubtful=doubtful,
    )
