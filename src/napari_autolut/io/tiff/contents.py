"""Which images a TIFF holds: stacks of pages that belong together, and what each is for.

Belongs here: pages grouped to series, and the thumbnails, labels and overviews among them. Pixels
are read in ``reading.py``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
from tifffile import PHOTOMETRIC, TiffFile, TiffPage, TiffPageSeries

from napari_autolut.io.series import Role, SeriesInfo
from napari_autolut.io.tiff import metaseries, micromanager, volocity
from napari_autolut.io.tiff.page_names import channel_names
from napari_autolut.io.tiff.page_order import arranged
from napari_autolut.io.tiff.page_series import page_series
from napari_autolut.io.tiff.scanimage import with_volumes
from napari_autolut.io.tiff.shaped import NOT_GIVEN
from napari_autolut.io.tiff.signed_bits import dtype_of

REDUCED, MASK = 1, 4
"""Bits of the tag NewSubfileType: a smaller version of another image; a transparency mask."""

ROLES_BY_NAME: dict[str, Role] = {
    "label": "label",
    "label image": "label",
    "macro": "overview",
    "macro image": "overview",
    "map": "overview",
    "overview": "overview",
    "thumbnail": "thumbnail",
    "thumbnail image": "thumbnail",
}
"""What slide scanners, and programs that convert their files, call the images beside the slide."""

SPECIMEN_NAMES = ("Baseline", "Unknown", "Other")
"""Names that tifffile gives by itself; they say nothing to a user."""

ORIENTATION_TAG = 274

SAME_SIZE = 0.01
"""Share by which resolutions of the pages of one stack may differ."""

COUNTS = ("frames", "slices", "channels")
"""What ImageJ multiplies to the number of images."""


class Content(NamedTuple):
    """An image and where its pages are."""

    info: SeriesInfo
    pages: TiffPageSeries


def contents(tif: TiffFile) -> list[Content]:
    """List the images of an open file, in its order."""
    return [
        Content(SeriesInfo(index, _lengths(series), dtype_of(series), _name(series), role), series)
        for index, (series, role) in enumerate(_with_roles(tif))
    ]


def settle_counts(tif: TiffFile) -> str:
    """Take all images of an ImageJ file as slices where its counts of axes do not make them up.

    That is what ImageJ does. Files of programs that changed the stack, and not what is said of it.

    Parameters
    ----------
    tif : TiffFile
        An open file; what it knows of ImageJ's description is changed.

    Returns
    -------
    str
        A sentence without its point; empty where nothing was changed.
    """
    said = tif.imagej_metadata if tif.is_imagej else None
    if said is None:
        return ""
    said.update({name: _count(said[name]) for name in (*COUNTS, "images") if name in said})
    pages, page = len(tif.pages), tif.pages.first
    images = said.get("images", pages)
    room = (tif.filehandle.size - page.dataoffsets[0]) // max(1, page.nbytes)
    if images < 2 or images != (pages if pages > 1 else min(images, room)):
        return ""
    counted = [said[name] for name in COUNTS if name in said]
    samples = page.samplesperpixel > 1 and page.samplesperpixel == said.get("channels")
    planes = math.prod(counted)
    if not counted or images in (planes, planes // page.samplesperpixel if samples else planes):
        return ""
    found = " x ".join(f"{said.pop(name)} {name}" for name in COUNTS if name in said)
    said["slices"] = images
    return f"it describes {found} and holds {images} images, which were taken as slices"


def _count(value: Any) -> int:
    """A number of ImageJ's description, which may be anything."""
    return int(value) if isinstance(value, int | float) and math.isfinite(value) else 1


def unnamed_pages(tif: TiffFile, found: Sequence[Content]) -> int:
    """How many pages an OME-XML or ImageJ say nothing of, apart from smaller versions."""
    if found[0].pages.kind == "imagej":
        return max(0, len(tif.pages) - len(found[0].pages))
    if not any(each.pages.kind == "ome" for each in found):
        return 0
    used = {
        page.index
        for each in found
        for level in each.pages.levels
        for page in level.pages
        if page is not None and page.parent.filehandle.name == tif.filehandle.name
    }
    others = (number for number in range(len(tif.pages)) if number not in used)
    return sum(not tif.pages.get(number).aspage().is_reduced for number in others)


def _with_roles(tif: TiffFile) -> list[tuple[TiffPageSeries, Role]]:
    found = [with_volumes(_without_unused_axes(series)) for series in tif.series]
    if all(series.kind in ("generic", "uniform") for series in found):
        return _runs(found)
    return [
        (series, "thumbnail" if series.kind == "lsm" and number else _role(series))
        for number, series in enumerate(found)
    ]


def _runs(found: Sequence[TiffPageSeries]) -> list[tuple[TiffPageSeries, Role]]:
    """Group pages that say nothing of each other: those alike that follow one another.

    Only what is marked as smaller counts as a level of a pyramid: two pages of which one happens
    to be half as large are two images.
    """
    pages = [page for series in found for level in _unmarked(series) for page in level]
    pages.sort(key=lambda page: page.treeindex)
    runs: list[tuple[TiffPageSeries, Role]] = []
    for role in ("image", "thumbnail", "mask"):
        alike = groupby((page for page in pages if _page_role(page) == role), _likeness)
        for _, group in alike:
            for run in _of_one_size(group):
                runs += [(series, role) for series in _stacks(run)]
    return sorted(runs, key=lambda run: run[0].keyframe.treeindex)


def _of_one_size(pages: Iterable[TiffPage]) -> list[list[TiffPage]]:
    """Part pages where their resolution changes; those that name none are as those before."""
    runs: list[list[TiffPage]] = []
    size: tuple[float, ...] = ()
    for page in pages:
        own = _dots(page)
        if not runs or (own and size and not np.allclose(own, size, rtol=SAME_SIZE)):
            runs.append([])
        runs[-1].append(page)
        size = own or size
    return runs


def _dots(page: TiffPage) -> tuple[float, ...]:
    """Resolution and the number of its unit; empty where there is none."""
    dots = [page.tags.valueof(f"{axis}Resolution") for axis in "XY"]
    if not all(isinstance(each, tuple) and len(each) == 2 and all(each) for each in dots):
        return ()
    across, down = (numerator / denominator for numerator, denominator in dots)
    unit = page.tags.valueof("ResolutionUnit", default=2)
    return () if (across, down) == NOT_GIVEN else (across, down, float(unit))


def _stacks(run: list[TiffPage]) -> list[TiffPageSeries]:
    """Pages that are alike as one image, or as one for each position of the stage."""
    for places_of in (micromanager.places, volocity.places, metaseries.places):
        if any(places := places_of(run)):
            if images := arranged(run, places):
                return [_series(*image) for image in images]
            break
    if len(run) == 1:
        return [_series(run, (), "")]
    return [_series(run, (len(run),), "C" if channel_names(run) else "I")]


def _series(
    pages: list[TiffPage], lengths: tuple[int, ...], axes: str, name: str | None = None
) -> TiffPageSeries:
    page = pages[0]
    shape = (*lengths, *page.shape)
    return page_series(pages, shape, page.dtype, f"{axes}{page.axes}", kind="generic", name=name)


def _without_unused_axes(series: TiffPageSeries) -> TiffPageSeries:
    """FluoView lists ten axes, those that it does not use with a length of 0."""
    if series.kind != "fluoview":
        return series
    pages = list(series.pages) or [series.keyframe]
    return page_series(
        pages, series.shape, series.dtype, series.axes, kind=series.kind, name=series.name
    )


def _unmarked(series: TiffPageSeries) -> Iterator[list[TiffPage]]:
    """Pages of a series, and of its supposed levels that no tag calls smaller versions."""
    yield [page.aspage() for page in series.pages if page is not None]
    for level in series.levels[1:]:
        if not (level.keyframe.is_reduced or level.keyframe.is_subifd):
            yield [page.aspage() for page in level.pages if page is not None]


def _likeness(page: TiffPage) -> tuple[object, ...]:
    """What pages of one stack have in common."""
    table = None if page.colormap is None else page.colormap.tobytes()
    return (page.hash, len(page.treeindex), orientation(page), table)


def orientation(page: TiffPage) -> int:
    """How the image lies in the file, 1 to 8 as in EXIF."""
    found = page.tags.valueof(ORIENTATION_TAG)
    return found if isinstance(found, int) and 1 <= found <= 8 else 1


def _page_role(page: TiffPage) -> Role:
    if page.subfiletype & MASK or page.photometric == PHOTOMETRIC.MASK:
        return "mask"
    return "thumbnail" if page.subfiletype & REDUCED else "image"


def _role(series: TiffPageSeries) -> Role:
    named = ROLES_BY_NAME.get(series.name.strip().lower())
    return named or _page_role(series.keyframe.aspage())


def _name(series: TiffPageSeries) -> str:
    return "" if series.name in SPECIMEN_NAMES else " ".join(series.name.split())


def _lengths(series: TiffPageSeries) -> dict[str, int]:
    """Length of each axis; axes of the same letter count once."""
    lengths: dict[str, int] = {}
    for axis, length in zip(series.axes.upper(), series.shape, strict=True):
        lengths[axis] = lengths.get(axis, 1) * length
    return lengths
