"""What a folder must look like to be taken for a Zarr, and its JSON files.

Belongs here: recognising and reading what says what is in a folder, without the extra ``zarr``, so
that folders of images can be listed without it. What the JSON means is ``layout.py``.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, NoReturn

from napari_autolut.io.image_file import ImageFileError
from napari_autolut.io.suffixes import is_named_zarr
from napari_autolut.util.paths import lies_in

LABELS = "labels"
"""Group of an image that holds labels of its pixels, and what lists them."""

MARKERS = ("zarr.json", ".zgroup", ".zarray")
"""Files of which a Zarr folder has at least one, of version 3 and of version 2."""

MAX_NAME = 200
"""Letters of a name that are quoted."""

MAX_DIGITS = 40
"""Of a whole number: such numbers have a float beside them, and no pixel more than twenty."""

MAX_JSON_BYTES = 2**24
"""Descriptions are a few kB; labels of whole plates have been seen with a few MB."""


def is_zarr(path: Path) -> bool:
    """Whether a folder holds a Zarr group or array, or is named as one."""
    if not os.path.isdir(path):  # noqa: PTH112 - no error where it may not be looked at
        return False
    return is_named_zarr(path) or is_marked(path)


def check_outside_zarr(path: Path) -> None:
    """Check that a result would not lie in a Zarr: its own description does not know of it.

    Raises
    ------
    ImageFileError
        If a folder around it, wherever links lead, is a group or array.
    """
    folder = Path(os.path.realpath(path.absolute().parent))
    for each in (folder, *folder.parents):
        if is_marked(each):
            raise ImageFileError(path, f"lies in the Zarr {each}; choose a name outside of it")


def is_marked(folder: Path) -> bool:
    """Whether it is a group or array; no error where it may not be looked at."""
    return any(os.path.isfile(folder / name) for name in MARKERS)  # noqa: PTH113


def read_json(path: Path) -> dict[str, Any]:
    """Read an object from a JSON file.

    Raises
    ------
    ImageFileError
        If there is none, it is very large, or no JSON object of finite numbers.
    """
    try:
        size = path.stat().st_size
        if size > MAX_JSON_BYTES:
            raise ImageFileError(path, f"found {size} bytes, expected a description of a few kB")
        text = path.read_text("utf-8-sig")
        content = json.loads(text, parse_constant=_refuse_constant, parse_int=_whole)
    except FileNotFoundError:
        raise ImageFileError(path, "no such file; the Zarr is not complete") from None
    except (ValueError, RecursionError) as error:
        if isinstance(error, ImageFileError):
            raise
        raise ImageFileError(path, f"is no valid JSON ({error}); copy the Zarr again") from error
    if not isinstance(content, dict):
        raise ImageFileError(path, f"found a JSON {type(content).__name__}, expected an object")
    return content


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"found {text}, expected finite numbers")


def _whole(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"found a number of {len(digits)} digits, expected at most {MAX_DIGITS}")
    return int(digits)


def attributes(folder: Path) -> tuple[dict[str, Any], int]:
    """The attributes of a group or array, and the version of Zarr, 2 or 3.

    Raises
    ------
    ImageFileError
        If the folder is no Zarr, or its JSON is not valid.
    """
    if (folder / "zarr.json").is_file():
        found = read_json(folder / "zarr.json").get("attributes", {})
        version = 3
    elif any((folder / name).is_file() for name in (".zgroup", ".zarray", ".zattrs")):
        here = folder / ".zattrs"
        found, version = (read_json(here) if here.is_file() else {}), 2
    else:
        problem = f"found no {', '.join(MARKERS)} in it, expected a Zarr; copy it again"
        raise ImageFileError(folder, problem)
    if not isinstance(found, dict):
        kind = type(found).__name__
        raise ImageFileError(folder, f"found attributes that are a {kind}, expected an object")
    return found, version


def inside(folder: Path, name: str) -> Path:
    """The folder of that name in another one, which it must not leave.

    Raises
    ------
    ImageFileError
        If the name or a link leads out of the folder, or there is nothing.
    """
    parts = name.replace("\\", "/").split("/")
    target = folder.joinpath(*parts)
    leaves = name.startswith(("/", "\\")) or ".." in parts or ":" in name or "\0" in name
    if leaves or not lies_in(target, folder):
        raise ImageFileError(
            folder,
            f"names {name[:MAX_NAME]!r} as a part, which lies outside; expected a name inside",
        )
    if not os.path.isdir(target):  # noqa: PTH112 - no error of names that no disk takes
        raise ImageFileError(
            folder, f"names {name[:MAX_NAME]!r}, which is not there; copy the Zarr again"
        )
    return target
