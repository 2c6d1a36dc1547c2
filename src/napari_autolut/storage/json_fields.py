"""Fields of a model's description: each is what it has to be, or a sentence says so.

Belongs here: the types of JSON values. What they mean is ``graph_json.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from napari_autolut.model import ModelError, Signal, require
from napari_autolut.util.plain_values import is_number


def _checked(entry: Mapping[str, Any], field: str, kind: Callable[[Any], bool], what: str) -> Any:
    value = entry[field]
    if not kind(value):
        raise ModelError(field, repr(value), what)
    return value


def number_of(entry: Mapping[str, Any], field: str) -> float:
    """A number that is no truth value."""
    return float(_checked(entry, field, is_number, "a number"))


def integer_of(entry: Mapping[str, Any], field: str) -> int:
    """A whole number."""
    return int(_checked(entry, field, lambda value: type(value) is int, "an integer"))


def list_of(entry: Mapping[str, Any], field: str) -> list[Any]:
    """A list."""
    return list(_checked(entry, field, lambda value: isinstance(value, list), "a list"))


def text_of(entry: Mapping[str, Any], field: str) -> str:
    """A text."""
    return str(_checked(entry, field, lambda value: isinstance(value, str), "text"))


def object_of(entry: Mapping[str, Any], field: str) -> dict[str, Any]:
    """A JSON object."""
    return dict(_checked(entry, field, lambda value: isinstance(value, dict), "a JSON object"))


def objects_of(entry: Mapping[str, Any], field: str, max_count: int) -> list[dict[str, Any]]:
    """JSON objects in a list, which are counted before any is looked at."""

    def are_objects(value: Any) -> bool:
        return isinstance(value, list) and all(isinstance(item, dict) for item in value)

    objects = list(_checked(entry, field, are_objects, "a list of JSON objects"))
    require(len(objects) <= max_count, field, len(objects), f"1 to {max_count}")
    return objects


def signal_of(value: Any) -> Signal:
    """A signal, as ``[node, channel]``."""
    if not (isinstance(value, list) and len(value) == 2 and all(type(v) is int for v in value)):
        raise ModelError("signal", repr(value), "[node, channel]")
    return Signal(*value)
