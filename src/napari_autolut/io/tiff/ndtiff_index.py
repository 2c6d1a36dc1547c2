"""The index beside the files of an NDTiff, in which each page has its place along the axes.

Belongs here: that file, which some programs write without saying the same in the pages. The axes
are ``micromanager.py``; pixels are read from nowhere but the TIFF itself.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from tifffile import TiffFile

NAME = "NDTiff.index"
MAX_BYTES = 2**26

LENGTH, NUMBERS = struct.Struct("<I"), struct.Struct("<8I")
"""Before each text, and after the two of an entry: the first says where the pixels begin."""


def indexed_axes(tif: TiffFile) -> dict[int, Any]:
    """Read where the pages of a file lie along the axes.

    Parameters
    ----------
    tif : TiffFile
        The file, open.

    Returns
    -------
    dict of int to object
        What the JSON of an entry says, by the offset of the page's pixels; what stands behind an
        entry that is damaged is left out.
    """
    path = Path(tif.filehandle.path)
    index = path.with_name(NAME)
    try:
        if not index.is_file() or index.stat().st_size > MAX_BYTES:
            return {}
        return _axes_of(index, path.name, index.stat().st_mtime_ns)
    except OSError:
        return {}


@lru_cache(maxsize=1)
def _axes_of(index: Path, name: str, changed: int) -> dict[int, Any]:
    """What an index says of one file; each image of it asks again. ``changed`` is when it was."""
    return dict(_entries(index.read_bytes(), name))


def _entries(content: bytes, name: str) -> Iterator[tuple[int, Any]]:
    at = 0
    try:
        while at < len(content):
            axes, at = _text(content, at)
            file, at = _text(content, at)
            offset, *_ = NUMBERS.unpack_from(content, at)
            at += NUMBERS.size
            if file.decode() == name:
                yield offset, json.loads(axes)
    except (struct.error, ValueError, RecursionError):
        return


def _text(content: bytes, at: int) -> tuple[bytes, int]:
    (length,) = LENGTH.unpack_from(content, at)
    start = at + LENGTH.size
    return content[start : start + length], start + length
