"""What a TOML file of a request or a recipe may hold: values of the right kinds.

Belongs here: reading it, and the check of one value by the annotation of its field. Which numbers
a setting takes is said where the setting is.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from napari_autolut.util.plain_values import MAX_TEXT, is_number, is_text, is_whole
from napari_autolut.util.text import shortened

MAX_TOML = 1_000_000
"""Bytes of a file of requests or settings, hundreds of times what any needs."""

_PART = r"""(?:[\w-]+|"[^"\n]*"|'[^'\n]*')"""
DEEP_KEY = re.compile(rf"(?<![\w-]){_PART}(?:[ \t]*\.[ \t]*{_PART}){{32}}")
"""A key of so many parts: those of a megabyte would be read for hours."""

QUOTES = r"write a path with \ in single quotes, such as 'C:\images'"
"""In others TOML takes ``\\`` for the beginning of a character that is hard to type."""

COMMA, POINT = re.compile(r"=\s*[+-]?\d+,\d"), "decimals come after a point"
"""A number as many countries write it, and what to do."""


def _is_text(value: Any) -> bool:
    return is_text(value) and "\0" not in value


def _is_path(value: Any) -> bool:
    r"""Windows has no names with control characters: ``"C:\bin"`` was meant as ``'C:\bin'``."""
    odd = sys.platform == "win32" and _is_text(value) and any(ord(each) < 32 for each in value)
    return _is_text(value) and value != "" and not odd


def _list_of(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, tuple) and all(map(check, value))


def _is_pair(value: Any) -> bool:
    return (
        isinstance(value, tuple) and len(value) == 2 and is_number(value[0]) and is_whole(value[1])
    )


KINDS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "bool": (lambda value: isinstance(value, bool), "true or false"),
    "int": (is_whole, "a whole number of at most 18 digits"),
    "float": (is_number, "a number"),
    "str": (_is_text, f"a text of at most {MAX_TEXT} characters, none of them NUL"),
    "Path": (_is_path, "a path" + f"; {QUOTES}" * (sys.platform == "win32")),
    "Mapping[str, Any]": (lambda value: isinstance(value, Mapping), "a table of settings"),
    "tuple[int, ...]": (_list_of(is_whole), "a list of whole numbers"),
    "tuple[float, ...]": (_list_of(is_number), "a list of numbers"),
    "int | tuple[int, ...]": (
        lambda value: is_whole(value) or _list_of(is_whole)(value),
        "a whole number, or a list of them",
    ),
    "tuple[tuple[float, int], ...]": (
        _list_of(_is_pair),
        "a list of pairs of a number and a whole number",
    ),
}
"""By a field's annotation: whether a value is of that kind, and what is expected."""


def read_toml(path: Path) -> dict[str, Any]:
    """Read what a TOML file holds.

    Parameters
    ----------
    path : Path
        A file of at most a megabyte.

    Returns
    -------
    dict
        Its keys and tables.

    Raises
    ------
    ValueError
        If it is no file that holds TOML.
    OSError
        If it cannot be read.
    """
    if path.exists() and not path.is_file():
        raise ValueError("found no ordinary file, expected a TOML file")
    if (size := path.stat().st_size) > MAX_TOML:
        raise ValueError(f"found {size} bytes, expected a TOML file of at most {MAX_TOML}")
    try:
        text = path.read_text("utf-8-sig")  # editors on Windows write a mark first
    except UnicodeDecodeError as error:
        raise ValueError("found no text, expected a TOML file") from error
    if DEEP_KEY.search(text):
        raise ValueError("found a key of dozens of parts, expected a TOML file of a few tables")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        hint = f"; {QUOTES}" if "\\" in text else f"; {POINT}" if COMMA.search(text) else ""
        raise ValueError(f"{error}{hint}") from error
    except RecursionError as error:
        raise ValueError("found lists in lists without end, expected a TOML file") from error


def check_value(name: str, value: object, annotation: str, error: type[ValueError]) -> None:
    """Refuse a value that is not of its field's kind.

    Parameters
    ----------
    name : str
        Of the field, for the message.
    value : object
        What was found there; lists as tuples. None where the annotation allows it.
    annotation : str
        The field's, one of `KINDS`, and perhaps ``| None``.
    error : type
        What is raised.

    Raises
    ------
    ValueError
        Of the given type, with field, value and what is expected.
    """
    kind = annotation.removesuffix(" | None")
    if value is None and kind != annotation:
        return
    is_valid, expected = KINDS[kind]
    if not is_valid(value):
        raise error(f"{name}: found {shortened(repr(value))}, expected {expected}")
