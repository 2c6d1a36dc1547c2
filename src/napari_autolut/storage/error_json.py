"""A model's error table as a JSON value and a named tensor, and back.

Belongs here: what a model file says of expected errors. Older versions of this package leave it
out and read the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from napari_autolut.model import ErrorTable, ModelError

KEY = "expected_error"

FEATURES = ["gradient", "second difference", "intensity"]
"""What the axes of a table stand for."""


def describe_errors(table: ErrorTable | None, tensors: dict[str, NDArray[Any]]) -> dict[str, Any]:
    """Entry of a description for a table, if there is one; its tensor is added."""
    if table is None:
        return {}
    tensors[KEY] = table.values
    limits = [list(pair) for pair in table.limits]
    return {KEY: {"tensor": KEY, "features": FEATURES, "limits": limits}}


def build_errors(
    description: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]
) -> ErrorTable | None:
    """Build the table that the description of a model names, if any.

    One of other features, as development versions wrote without naming them, is left out.

    Raises
    ------
    ModelError
        If it is no such table.
    """
    found = description.get(KEY)
    if found is None or (isinstance(found, Mapping) and found.get("features") != FEATURES):
        return None
    name, limits = found["tensor"], found["limits"]
    if name not in tensors:
        raise ModelError(f"{KEY} tensor", f"no {name!r}", f"one of {sorted(tensors)}")
    return ErrorTable(tensors[name], tuple((float(lo), float(hi)) for lo, hi in limits))
