"""Micro-Manager's NDTiff: pages whose places along the axes stand in a tag of each.

Belongs here: places, names of channels and settings. Pages are sorted in ``page_order.py``; the
index beside the file is ``ndtiff_index.py``. tifffile would read files that nothing has checked.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping, Sequence
from typing import Any

from tifffile import TiffFile, TiffPage, TiffPageSeries

from napari_autolut.io.image_file import Channel
from napari_autolut.io.tiff.maker_metadata import square
from napari_autolut.io.tiff.ndtiff_index import indexed_axes
from napari_autolut.io.tiff.numbers import finite, mean_step, positive
from napari_autolut.io.tiff.page_order import (
    LETTERS,
    POSITION,
    Place,
    first_of_channels,
    pages_along,
)

TAG = 51123

AFTER_TIFF_HEADER, HEADER_WORDS = 8, 8
"""Where Micro-Manager's own header begins, and numbers of 32 bits that are read of it."""

STARTS, SUMMARY = (483729, 54773648), 2355492
"""Its first number, of NDTiff and of older stacks, and the one before the summary's length."""

MAX_SUMMARY_BYTES = 2**24

UNNAMED = "Default"
"""Its name of a channel where none was chosen."""

NOT_MEASURED = [1, 0, 0, 0, 1, 0]
"""Its transform from pixels to the stage where nobody measured one."""

AXES = "Axes"
INDICES = {
    "time": "FrameIndex", POSITION: "PositionIndex", "z": "SliceIndex", "channel": "ChannelIndex",
}  # fmt: skip
"""What a page says of its place: in one key, or in four of older stacks."""


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
