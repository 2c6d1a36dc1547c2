"""Chunks of a Zarr that are not there: left out because they are empty, or lost.

Belongs here: what tells the two apart. Zarr defines that a chunk without a file reads as the fill
value, and many writers leave such chunks out; a copy that was broken off looks the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.io.image_file import ImageFileError
from napari_autolut.io.zarr.missing_chunks import are_missing_empty
from napari_autolut.io.zarr.pixels import MAX_LISTED, ZarrPixels
from napari_autolut.io.zarr.unwritten import never_written
from napari_autolut.util.text import counted

MAX_COMPARED = 512
"""Missing chunks that are looked at; of more, so many evenly spread ones."""

MAX_CUT = 0.25
"""Share of the pixels around an empty chunk that may hold something: things seldom end there."""

AS_EMPTY = "--missing-as-empty (in napari the box 'Zarr gaps are empty')"
"""What the user ticks or types."""

Region = Sequence[slice]


def check_complete(pixels: ZarrPixels, coarser: Sequence[ZarrPixels]) -> str:
    """Refuse an array some of whose chunks were lost, and say where some were left out.

    The next coarser level tells, where it is there; else the places of the missing chunks, or the
    pixels around them do. An image that is cut off along a chunk's edges was not empty behind them.

    Parameters
    ----------
    pixels : ZarrPixels
        The array.
    coarser : sequence of ZarrPixels
        The other levels of its image, the next one first.

    Returns
    -------
    str
        A sentence without its point; empty where all chunks are there.

    Raises
    ------
    ImageFileError
        If chunks were lost, or nothing tells that they were not.
    """
    missing = pixels.missing()
    if not missing:
        return ""
    words = f"{len(missing)} of {counted(pixels.file_count, 'chunk')}"
    lost = None if are_missing_empty() else _first_lost(pixels, coarser, missing)
    if lost is not None:
        raise _lost(pixels, words, lost)
    return f"{words} are not there and were read as {pixels.fill_value:g}, as Zarr defines it"


def _first_lost(
    pixels: ZarrPixels, coarser: Sequence[ZarrPixels], missing: Mapping[tuple[int, ...], Region]
) -> Region | None:
    """The first region that was lost, or the first of all if nothing tells of any."""
    others = missing if coarser else _without_unwritten(pixels, missing)
    alike = bool(coarser) and _is_left_out_alike(pixels, coarser[0])
    seen = len(others) < len(missing)
    for each in _some(others.values()):
        empty = _is_empty(pixels, coarser, each, alike)
        if empty is False:
            return each
        seen |= empty is True
    return None if seen else next(iter(missing.values()))


def _without_unwritten(
    pixels: ZarrPixels, missing: Mapping[tuple[int, ...], Region]
) -> Mapping[tuple[int, ...], Region]:
    """Those of the missing files that their places do not explain."""
    if pixels.file_count > MAX_LISTED:
        return missing
    there = np.ones(pixels.grid, np.bool_)
    there[tuple(zip(*missing, strict=True))] = False
    unwritten = never_written(there)
    return {place: region for place, region in missing.items() if not unwritten[place]}


def _is_left_out_alike(pixels: ZarrPixels, coarser: ZarrPixels) -> bool:
    """Whether a coarser level lacks only what its finer one lacks, or where that is empty.

    Then what both lack was never there: copies are made level by level.
    """
    missing = coarser.missing()
    if len(missing) == coarser.file_count:
        return False
    for each in _some(missing.values()):
        finer = tuple(
            slice(part.start * n // coarse, -(-part.stop * n // coarse))
            for part, n, coarse in zip(each, pixels.shape, coarser.shape, strict=True)
        )
        if _is_stored(pixels, finer) and _holds_something(pixels, pixels[finer]).any():
            return False
    return True


def _some(regions: Collection[Region]) -> list[Region]:
    """At most so many regions, evenly spread."""
    return list(regions)[:: -(-len(regions) // MAX_COMPARED) or 1]


def _lost(pixels: ZarrPixels, words: str, region: Region) -> ImageFileError:
    first = ", ".join(str(part.start) for part in region)
    return ImageFileError(
        pixels.folder,
        f"found {words} missing, the first at pixel ({first}); copy the Zarr again; if nothing was "
        f"lost, {AS_EMPTY} reads them as empty",
    )


def _is_empty(
    pixels: ZarrPixels, coarser: Sequence[ZarrPixels], region: Region, alike: bool
) -> bool | None:
    """Whether an image is empty where a chunk is missing; None where nothing tells.

    ``alike`` says that what the next coarser level lacks, too, was never there.
    """
    seen = _is_empty_in(coarser[0], region, pixels.shape, alike) if coarser else None
    in_plane = pixels.ndim - 2
    if seen is None:
        seen = _ends_before(pixels, region, range(in_plane, pixels.ndim))
    return _ends_before(pixels, region, range(in_plane)) if seen is None else seen


def _is_empty_in(
    coarser: ZarrPixels, region: Region, shape: Sequence[int], alike: bool
) -> bool | None:
    """Whether a coarser level holds nothing there, apart from the region's border."""
    spans = [
        (-(-part.start * coarse // n), part.stop * coarse // n, n != coarse)
        for part, n, coarse in zip(region, shape, coarser.shape, strict=True)
    ]
    inner = tuple(
        slice(first + 1, last - 1) if reduced and last - first > 2 else slice(first, last)
        for first, last, reduced in spans
    )
    if any(part.stop <= part.start for part in inner):
        return None
    if not _is_stored(coarser, inner):
        return True if alike else None
    return not _holds_something(coarser, coarser[inner]).any()


def _ends_before(pixels: ZarrPixels, region: Region, axes: range) -> bool | None:
    """Whether an image has come to its end before a region, along some axes."""
    found = [
        _holds_something(pixels, pixels[face]).ravel()
        for face in _faces(pixels, region, axes)
        if _is_stored(pixels, face)
    ]
    return bool(np.concatenate(found).mean() <= MAX_CUT) if found else None


def _faces(pixels: ZarrPixels, region: Region, axes: range) -> Iterator[tuple[slice, ...]]:
    """The pixels next to a region, before and behind it along each of the axes."""
    for axis in axes:
        for at in (region[axis].start - 1, region[axis].stop):
            if 0 <= at < pixels.shape[axis]:
                yield (*region[:axis], slice(at, at + 1), *region[axis + 1 :])


def _is_stored(pixels: ZarrPixels, region: Region) -> bool:
    return any(file.is_file() for file in pixels.files_of(region))


def _holds_something(pixels: ZarrPixels, values: NDArray[Any]) -> NDArray[np.bool_]:
    """Which values are not the fill value, which may be NaN."""
    fill = pixels.fill_value
    return np.asarray(~np.isnan(values) if fill != fill else values != fill)
