"""Micro-Manager's NDTiff: pages whose places along the axes stand in a tag of each.

Belongs here: the order of such pages, names of channels, settings. tifffile would read an index
beside the file and further files of the folder, which nothing has checked.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Sequence
from typing import Any, NamedTuple

from tifffile import TiffFile, TiffPage, TiffPageSeries

from napari_autolut.io.image_file import Channel

TAG = 51123

AFTER_TIFF_HEADER, HEADER_WORDS = 8, 8
"""Where Micro-Manager's own header begins, and numbers of 32 bits that are read of it."""

STARTS, SUMMARY = (483729, 54773648), 2355492
"""Its first number, of NDTiff and of older stacks, and the one before the summary's length."""

MAX_SUMMARY_BYTES = 2**24

Place = dict[str, int | str]
"""Where a page lies along each axis."""

LETTERS = {"time": "T", "position": "P", "z": "Z", "channel": "C"}
"""Axes of Micro-Manager, the outermost first, as a result has them."""


class Arranged(NamedTuple):
    """Pages in the order of their axes."""

    pages: list[TiffPage]
    lengths: tuple[int, ...]
    axes: str


def arranged(pages: Sequence[TiffPage], places: Sequence[Place]) -> Arranged | None:
    """Sort pages by what each says of its place.

    Parameters
    ----------
    pages : sequence of TiffPage
        Alike, in the file's order.
    places : sequence of mapping of str to int or str
        Where each lies along the axes, by their names in `LETTERS`; empty where it does not say.

    Returns
    -------
    Arranged or None
        None unless all pages say where they are, and each place is taken once.
    """
    names = [name for name in LETTERS if name in places[0]]
    if not names or any(place.keys() != set(names) for place in places):
        return None
    along = [_in_order([place[name] for place in places]) for name in names]
    lengths = tuple(map(len, along))
    taken = {
        tuple(positions[place[name]] for name, positions in zip(names, along, strict=True)): page
        for place, page in zip(places, pages, strict=True)
    }
    if not len(taken) == len(pages) == math.prod(lengths):
        return None
    axes = "".join(LETTERS[name] for name in names)
    return Arranged([taken[at] for at in sorted(taken)], lengths, axes)


def named_channels(series: TiffPageSeries) -> tuple[Channel, ...]:
    """The channels of an arranged image, where they have names."""
    names = [place_of(page).get("channel") for page in first_of_channels(series)]
    return tuple(Channel(name) for name in names if isinstance(name, str))


def first_of_channels(series: TiffPageSeries) -> list[TiffPage]:
    """The first page of each channel of an arranged image; none where it has no such axis."""
    if "C" not in series.axes:
        return []
    at = series.axes.index("C")
    behind = math.prod(series.shape[at + 1 : series.axes.index("Y")])
    first = series.pages[: behind * series.shape[at] : behind]
    return [page.aspage() for page in first if page is not None]


def settings(tif: TiffFile, page: TiffPage) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is said of a page and of the whole recording; nothing for other programs' files."""
    plane = page.tags.valueof(TAG)
    if not isinstance(plane, dict):
        return {}, {}
    return plane, _summary(tif)


def _summary(tif: TiffFile) -> dict[str, Any]:
    """What stands before the first page, where a program has not saved the file anew."""
    file = tif.filehandle
    file.seek(AFTER_TIFF_HEADER)
    start = file.read(4 * HEADER_WORDS)
    if len(start) < 4 * HEADER_WORDS:
        return {}
    words = struct.unpack(f"{tif.byteorder}{HEADER_WORDS}I", start)
    if words[0] not in STARTS or SUMMARY not in words[:-1]:
        return {}
    at = words.index(SUMMARY) + 1
    file.seek(AFTER_TIFF_HEADER + 4 * (at + 1))
    try:
        summary = json.loads(file.read(min(words[at], MAX_SUMMARY_BYTES)))
    except (ValueError, RecursionError):
        return {}
    return summary if isinstance(summary, dict) else {}


def place_of(page: TiffPage) -> Place:
    """Where a page lies along each axis; empty where it does not say, or knows other axes."""
    said = page.tags.valueof(TAG)
    axes = said.get("Axes") if isinstance(said, dict) else None
    if not isinstance(axes, dict) or not axes.keys() <= LETTERS.keys():
        return {}
    return axes if all(isinstance(at, int | str) for at in axes.values()) else {}


def _in_order(found: Sequence[int | str]) -> dict[int | str, int]:
    """Positions of the values of an axis: numbers in order, names as they come."""
    values = list(dict.fromkeys(found))
    if all(isinstance(value, int) for value in values):
        values.sort()
    return {value: at for at, value in enumerate(values)}
