"""What an array says of itself, in the words that zarr reads; older and other programs have others.

Belongs here: keys that are left out, names of types, and chunks in folders of which nothing is
said. What attributes say is ``layout.py`` and those beside it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

NAMES = (".zarray", "zarr.json")

LEFT_OUT = {"compressor": None, "fill_value": None, "filters": None, "order": "C"}
"""What holds where a description of Zarr 2 does not say."""

SEPARATOR = "dimension_separator"


def in_words_of_zarr(content: bytes, folder: Path) -> bytes:
    """Give a description as zarr reads it; what is none stays as it is.

    Parameters
    ----------
    content : bytes
        Of the file.
    folder : pathlib.Path
        The array's.
    """
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        return content
    if not isinstance(said, dict):
        return content
    if said.get("zarr_format") == 2:
        changed = {**LEFT_OUT, **said, "dtype": _type_code(said.get("dtype"))}
        if SEPARATOR not in said and _lie_in_folders(folder):
            changed[SEPARATOR] = "/"
    else:
        kind = said.get("data_type")
        changed = said
        if isinstance(kind, dict) and kind.keys() == {"name"}:
            changed = {**said, "data_type": kind["name"]}
    return content if changed == said else json.dumps(changed).encode()


def _type_code(dtype: Any) -> Any:
    """A type of numbers by its code, such as ``<u2``, where it has another name of numpy's."""
    try:
        found = np.dtype(dtype) if isinstance(dtype, str) else None
    except (TypeError, ValueError):
        return dtype
    return found.str if found is not None and found.kind in "buif" else dtype


def _lie_in_folders(folder: Path) -> bool:
    """Whether chunks lie in folders of folders, as early writers of OME-Zarr have them."""
    with os.scandir(folder) as entries:
        first = next((each for each in entries if each.name.isdecimal()), None)
    return first is not None and first.is_dir()
