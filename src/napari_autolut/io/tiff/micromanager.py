"""Micro-Manager's NDTiff: pages whose places along the axes stand in a tag of each.

Belongs here: the order of such pages, names of channels, settings. tifffile would read further
files of the folder, which nothing has checked; the index beside the file is ``ndtiff_index.py``.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tifffile import TiffFile, TiffPage, TiffPageSeries

from napari_autolut.io.image_file import Channel
from napari_autolut.io.tiff.ndtiff_index import indexed_axes
from napari_autolut.io.tiff.numbers import finite, mean_step, positive
from napari_autolut.io.tiff.said import square

TAG = 51123

AFTER_TIFF_HEADER, HEADER_WORDS = 8, 8
"""Where Micro-Manager's own header begins, and numbers of 32 bits that are read of it."""

STARTS, SUMMARY = (483729, 54773648), 2355492
"""Its first number, of NDTiff and of older stacks, and the one before the summary's length."""

MAX_SUMMARY_BYTES = 2**24

Place = dict[str, int | str]
"""Where a page lies along each axis."""

LETTERS = {"time": "T", "z": "Z", "channel": "C"}
"""Axes of Micro-Manager, the outermost first, as a result has them."""

POSITION = "position"
"""Its axis of places of the stage: each is an image of its own."""

UNNAMED = "Default"
"""Its name of a channel where none was chosen."""

NOT_MEASURED = [1, 0, 0, 0, 1, 0]
"""Its transform from pixels to the stage where nobody measured one."""

AXES = "Axes"
INDICES = {
    "time": "FrameIndex", POSITION: "PositionIndex", "z": "SliceIndex", "channel": "ChannelIndex",
}  # fmt: skip
"""What a page says of its place: in one key, or in four of older stacks."""


class Arranged(NamedTuple):
    """Pages of an image in the order of their axes, and the name of its position."""

    pages: list[TiffPage]
    lengths: tuple[int, ...]
    axes: str
    name: str = ""


def arranged(pages: Sequence[TiffPage], places: Sequence[Place]) -> list[Arranged]:
    """Sort pages by what each says of its place.

    Parameters
    ----------
    pages : sequence of TiffPage
        Alike, in the file's order.
    places : sequence of mapping of str to int or str
        Where each lies along the axes, by their names in `LETTERS`, and at which position of the
        stage; empty where it does not say.

    Returns
    -------
    list of Arranged
        One for each position, in the file's order; none unless all pages say where they are, and
        each place is taken once.
    """
    by_position: dict[int | str, list[int]] = {}
    for number, place in enumerate(places):
        by_position.setdefault(place.get(POSITION, ""), []).append(number)
    found = []
    for position, numbers in by_position.items():
        name = f"Position {position}" if len(by_position) > 1 else ""
        one = _arranged([pages[n] for n in numbers], [places[n] for n in numbers])
        if one is None:
            return []
        found.append(one._replace(name=name))
    return found


def _arranged(pages: Sequence[TiffPage], places: Sequence[Place]) -> Arranged | None:
    names = [name for name in LETTERS if name in places[0]]
    if not names and len(pages) == 1:
        return Arranged([*pages], (), "")
    if not names or any(set(place) - {POSITION} != set(names) for place in places):
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
    first = first_of_channels(series)
    names = [place.get("channel") for place in places(first)]
    said = [page.tags.valueof(TAG) for page in first]
    names = [
        name if isinstance(name, str) else each.get("Channel")
        for name, each in zip(names, said, strict=True)
    ]
    return tuple(Channel(name) for name in names if isinstance(name, str) and name != UNNAMED)


def first_of_channels(series: TiffPageSeries) -> list[TiffPage]:
    """The first page of each channel of an arranged image, if only of one; none of colours."""
    if "S" in series.axes:
        return []
    return pages_along(series, "C") or [series.keyframe.aspage()]


def pixel_sizes(plane: Mapping[str, Any], summary: Mapping[str, Any]) -> dict[str, float]:
    """Sizes in micrometres, as a number or by the transform from pixels to the stage."""
    size = positive(plane.get("PixelSizeUm") or summary.get("PixelSize_um"))
    transform = str(plane.get("PixelSizeAffine") or summary.get("PixelSizeAffine") or "")
    numbers = [finite(word) for word in transform.split(";")]
    if size or len(numbers) != 6 or None in numbers or numbers == NOT_MEASURED:
        return square(size)
    a, b, _, c, d, _ = (number or 0.0 for number in numbers)
    return {"X": math.hypot(a, c), "Y": math.hypot(b, d)}


def sizes_beside_imagej(page: TiffPage, info: object) -> dict[str, float]:
    """Micrometres that older versions give a plane, as a tag or as ImageJ's info, and not ImageJ.

    Parameters
    ----------
    page : TiffPage
        The first page.
    info : object
        ImageJ's info of it, which may be anything.
    """
    said = page.tags.valueof(TAG)
    if not isinstance(said, dict) and isinstance(info, str) and info.lstrip().startswith("{"):
        try:
            said = json.loads(info)
        except (ValueError, RecursionError):
            return {}
    if not isinstance(said, dict):
        return {}
    summary = said.get("Summary")
    return pixel_sizes(said, summary if isinstance(summary, dict) else {})


def pages_along(series: TiffPageSeries, axis: str) -> list[TiffPage]:
    """The first page of each position along an axis; none where there is no such axis."""
    if axis not in series.axes:
        return []
    at = series.axes.index(axis)
    behind = math.prod(series.shape[at + 1 : series.axes.index("Y")])
    first = series.pages[: behind * series.shape[at] : behind]
    return [page.aspage() for page in first if page is not None]


def step_of_pages(series: TiffPageSeries, axis: str, key: str, factor: float = 1) -> float:
    """Mean distance of what the pages along an axis were taken at; 0 where they do not say."""
    said = [page.tags.valueof(TAG) for page in pages_along(series, axis)]
    found = [finite(each.get(key)) if isinstance(each, dict) else None for each in said]
    return 0.0 if None in found else mean_step(found, factor)


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


def places(pages: Sequence[TiffPage]) -> list[Place]:
    """Where pages lie along each axis; empty where they do not say, or know other axes."""
    said = [page.tags.valueof(TAG) for page in pages]
    if not all(isinstance(each, dict) for each in said):
        return [{} for _ in pages]
    if any(AXES in each for each in said):
        return [_place(each.get(AXES)) for each in said]
    if all(each.keys() >= set(INDICES.values()) for each in said):
        return [_place({name: each[key] for name, key in INDICES.items()}) for each in said]
    axes = indexed_axes(pages[0].parent)
    return [_place(axes.get(page.dataoffsets[0])) for page in pages]


def _place(axes: Any) -> Place:
    """Axes as they were found, if all are known."""
    if not isinstance(axes, dict) or not axes.keys() <= {*LETTERS, POSITION}:
        return {}
    return axes if all(isinstance(at, int | str) for at in axes.values()) else {}


def _in_order(found: Sequence[int | str]) -> dict[int | str, int]:
    """Positions of the values of an axis: numbers in order, names as they come."""
    values = list(dict.fromkeys(found))
    if all(isinstance(value, int) for value in values):
        values.sort()
    return {value: at for at, value in enumerate(values)}
