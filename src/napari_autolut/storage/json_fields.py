"""Fields of JSON objects, of the type that is expected.

Belongs here: those checks alone. What the fields mean is ``graph_json.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from napari_autolut.model import (
    ModelError,
)


def checked(entry: Mapping[str, Any], field: str, kind: Callable[[Any], bool], what: str) -> Any:
    """The value of a field, if it is of the kind that is expected."""
    value = entry[field]
    if not kind(value):
        raise ModelError(field, repr(value), what)
    return value


def number_of(entry: Mapping[str, Any], field: str) -> float:
    """A finite number."""

    def is_number(value: Any) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool)

    return float(checked(entry, field, is_number, "a number"))


def integer_of(entry: Mapping[str, Any], field: str) -> int:
    """An integer."""
    return int(checked(entry, field, lambda value: type(value) is int, "an integer"))


def list_of(entry: Mapping[str, Any], field: str) -> list[Any]:
    """A list."""
    return list(checked(entry, field, lambda value: isinstance(value, list), "a list"))


def text_of(entry: Mapping[str, Any], field: str) -> str:
    """Text."""
    return str(checked(entry, field, lambda value: isinstance(value, str), "text"))


def object_of(entry: Mapping[str, Any], field: str) -> dict[str, Any]:
    """A JSON object."""
    return dict(checked(entry, field, lambda value: isinstance(value, dict), "a JSON object"))


def objects_of(entry: Mapping[str, Any], field: str) -> list[dict[str, Any]]:
    """A list of JSON objects."""

    def are_objects(value: Any) -> bool:
        return isinstance(value, list) and all(isinstance(item, dict) for item in value)

    return list(checked(entry, field, are_objects, "a list of JSON objects"))
