"""Reading TIFF: plain, ImageJ and OME files, with named axes and pixel sizes.

Belongs here: from a file to an array with axes. Which pages belong together is in ``contents.py``,
what samples mean in ``colours.py``, what the metadata mean in ``metadata.py``; writing is in
``writing.py``.
"""

from __future__ import annotations

import logging
import math
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from tifffile import PHOTOMETRIC, TiffFile, TiffPageSeries

from napari_autolut.io.decoding import decoding, logged, quotable, reason
from napari_autolut.io.exif import exif_of_tags
from napari_autolut.io.file_pixels import FilePixels
from napari_autolut.io.image_file import ImageFile, ImageFileError, native, upright
from napari_autolut.io.memory import check_memory
from napari_autolut.io.provenance import History
from napari_autolut.io.series import SeriesInfo, chosen_series
from napari_autolut.io.tiff.colours import (
    ColourError,
    compression_name,
    intensities,
    is_as_stored,
    samples_of,
)
from napari_autolut.io.tiff.contents import (
    Content,
    contents,
    orientation,
    settle_counts,
    unnamed_pages,
)
from napari_autolut.io.tiff.declared import check_declared
from napari_autolut.io.tiff.lerc import keep_masks, mask_fields
from napari_autolut.io.tiff.metadata import describe
from napari_autolut.io.tiff.nodata import Pixels, nodata_as_nan
from napari_autolut.io.tiff.ome.files import check_description, whole_set
from napari_autolut.io.tiff.on_disk import samples_on_disk
from napari_autolut.io.tiff.other_files import decoded_page_by_page, lies_in_other_files
from napari_autolut.io.tiff.scanimage import list_pages
from napari_autolut.io.tiff.shaped import settle_shape
from napari_autolut.io.tiff.signed_bits import decode_signed_bits, is_signed_bits
from napari_autolut.io.tiff.streams import check_streams
from napari_autolut.io.tiff.ycbcr import decode_subsampled, is_subsampled
from napari_autolut.util.text import counted

UNNAMED_AXES = "IQ"
NAMES_FOR_UNNAMED = "ZTCAPRH"
PROFILE_TAG = 34675

LOST_PIXELS = re.compile(
    "corrupted|zeroed|out of range|incompletely written|failed to read|missing files"
    "|invalid page offset|invalid offset to|shaped series |TiffTag 270 |failed to reshape"
)
"""What tifffile says in its log, and no more than that, when a file is cut off or parts of it are
missing; 270 is the description that names axes and sizes."""

MISSING_MEMBER = re.compile(r"failed to read '?([^',]+)'?, raised")
"""What it says of a file that OME-XML names."""

OWN_MULTIFILE_FORMATS = ("is_mmstack", "is_ndtiff")
"""Formats of Micro-Manager that read other files of the folder, which nothing has checked. Their
files are OME-TIFFs, too, or stacks of pages."""


def read_tiff(
    path: Path, *, series: int | None = None, memmap_above: float = math.inf
) -> ImageFile:
    """Read one image of a TIFF, all its pages; errors are ``ImageFileError``.

    Pixels of more than ``memmap_above`` bytes stay on disk.
    """
    with _opened(path) as (tif, found, remark):
        (chosen, *_) = chosen_series(path, [each.info for each in found], series)
        pages = found[chosen.index].pages
        hidden = keep_masks(pages)
        check_streams(pages)
        data, axes = _samples(path, tif, pages, memmap_above)
        data, axes = _with_named_axes(path, data, axes)
        data, marks = nodata_as_nan(data, pages.keyframe.aspage())
        fields = describe(tif, pages, chosen.index)
        if _turn(tif, pages) >= 5 and "pixel_size" in fields:
            fields["pixel_size"] = _transposed(fields["pixel_size"])
        fields["exif"], lost = exif_of_tags(pages.keyframe.tags.valueof)
        if count := unnamed_pages(tif, found):
            lost += (f"{counted(count, 'page')} that its description does not name",)
        also = {"remarks": (remark,) if remark else (), "not_kept": lost}
        for key in ("not_kept", "remarks"):
            said = (fields, marks, mask_fields(hidden, data.dtype), also)
            fields[key] = tuple(sentence for each in said for sentence in each.get(key, ()))
        profile = pages.keyframe.tags.valueof(PROFILE_TAG)
        held = cast("NDArray[Any]", data) if isinstance(data, FilePixels) else native(data)
        profile = _profile(pages, profile)
        fields |= {"name": chosen.name, "labels": chosen.role == "mask"}
        return ImageFile(held, axes, icc_profile=profile, **fields)


def tiff_series(path: Path) -> tuple[SeriesInfo, ...]:
    """List the images of a TIFF; errors are ``ImageFileError``."""
    with _opened(path) as (_, found, _):
        return tuple(each.info for each in found)


def tiff_history(path: Path) -> History:
    """Read what was done to the first image of a TIFF, without its pixels."""
    with _opened(path) as (tif, found, _):
        (chosen, *_) = chosen_series(path, [each.info for each in found])
        fields = describe(tif, found[chosen.index].pages, chosen.index)
        return tuple(fields.get("history", ()))


@contextmanager
def _opened(path: Path) -> Iterator[tuple[TiffFile, list[Content], str]]:
    """Open a file that was found good, and translate what is raised or logged meanwhile.

    Besides the images, what there is to say of how they were counted.
    """
    # Fractions in tags may have 0 below them, which numpy would say on the screen.
    with decoding(path, "a TIFF"), np.errstate(all="ignore"):
        pages = check_declared(path)
        first, xml = whole_set(path)
        pages = pages if first == path else check_declared(first)
        with _complete(path), TiffFile(first, omexml=xml) as tif:
            check_description(tif, pages)
            for kind in OWN_MULTIFILE_FORMATS:
                vars(tif)[kind] = False
            if pages:
                list_pages(tif)
            remark = settle_counts(tif) or settle_shape(tif)
            found = contents(tif)
            if not found:
                raise ImageFileError(path, "found no image in it")
            yield tif, found, remark


class _Listener(logging.Handler):
    """Collects what tifffile logs about lost pixels, and keeps the log off the screen.

    The log is the whole process's: what other threads read is not for this listener.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.thread = threading.get_ident()
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if record.thread == self.thread and LOST_PIXELS.search(message):
            self.messages.append(message)


@contextmanager
def _complete(path: Path) -> Iterator[None]:
    """Make an error of reading a file that is not all there."""
    logger, listener = logging.getLogger("tifffile"), _Listener()
    logger.addHandler(listener)
    try:
        yield
    finally:
        logger.removeHandler(listener)
    if listener.messages:
        first = listener.messages[0]
        if member := MISSING_MEMBER.search(first):
            raise ImageFileError(
                path,
                f"is one of several files of an image, of which {member[1]} is missing or cannot "
                "be read; copy all of them into one folder",
            )
        words = quotable(logged(first))
        remedy = "copy it again, or open it in Fiji and save what is left of it"
        raise ImageFileError(path, f"is incomplete or damaged ({words}); {remedy}")


def _samples(
    path: Path, tif: TiffFile, series: TiffPageSeries, memmap_above: float
) -> tuple[Pixels, str]:
    """Pixels as greys, RGB(A) or channels, whatever they are called in the file."""
    try:
        samples = samples_of(series.keyframe, tables_are_display=bool(tif.is_imagej))
        _check_pages(series)
    except ColourError as error:
        raise ImageFileError(path, str(error)) from error
    axes = stored = series.axes.upper()

    def shown(data: NDArray[Any]) -> NDArray[Any]:
        nonlocal axes
        data, axes = intensities(data, stored, samples)
        return upright(data, _turn(tif, series), axes=(axes.index("Y"), axes.index("X")))

    if series.nbytes > memmap_above and series.transform is None and is_as_stored(samples):
        return samples_on_disk(series).viewed(shown), axes
    return shown(_decoded(path, series)), axes


def _turn(tif: TiffFile, series: TiffPageSeries) -> int:
    """Orientation of a plain TIFF; OME and ImageJ know none, and show pixels as they are stored."""
    return 1 if tif.is_imagej or series.kind == "ome" else orientation(series.keyframe)


def _decoded(path: Path, series: TiffPageSeries) -> NDArray[Any]:
    """Decode all pages."""
    check_memory(path, series.nbytes)
    try:
        if lies_in_other_files(series):
            return decoded_page_by_page(series)
        if is_signed_bits(series.keyframe):
            decode: Callable[[Any], NDArray[Any]] = decode_signed_bits
        elif is_subsampled(series.keyframe):
            decode = decode_subsampled
        else:
            return np.asarray(series.asarray())
        pages = [decode(page) for page in series.pages if page is not None]
        return np.stack(pages).reshape(series.shape)
    except MemoryError:
        raise
    except Exception as error:
        name = compression_name(series.keyframe)
        if not name:
            raise
        problem = f"its pixels, compressed with {name}, cannot be decoded ({reason(error)})"
        remedy = "save it again, or with another compression"
        raise ImageFileError(path, f"{problem}; {remedy}") from error


def _check_pages(series: TiffPageSeries) -> None:
    """Check that there are as many pages as the description says."""
    there = [page for page in series.pages if page is not None]
    declared = math.prod(series.shape)
    held = sum(math.prod(page.shape) for page in there)
    in_one_piece = len(there) == 1 and series.keyframe.is_contiguous
    if in_one_piece:
        left = series.keyframe.parent.filehandle.size - series.keyframe.dataoffsets[0]
        held = max(held, left // max(1, series.dtype.itemsize))
    if declared > held and len(there) == len(series.pages):
        size = math.prod(series.keyframe.shape)
        found = f"describes {counted(declared // size, 'page')} and holds {held // size:,}"
        raise ValueError(f"it {found}; is it cut off?")


def _transposed(sizes: dict[str, float]) -> dict[str, float]:
    swapped = {"Y": "X", "X": "Y"}
    return {swapped.get(axis, axis): size for axis, size in sizes.items()}


def _profile(series: TiffPageSeries, profile: object) -> bytes | None:
    """Colour profile, unless it is that of inks, which were converted."""
    if not isinstance(profile, bytes) or series.keyframe.photometric == PHOTOMETRIC.SEPARATED:
        return None
    return profile or None


def _with_named_axes(path: Path, data: Pixels, axes: str) -> tuple[Pixels, str]:
    """Pages without a name are Z, then T and so on."""
    if not {"Y", "X"} <= set(axes) or data.size == 0:
        raise ImageFileError(path, f"found axes {axes} of shape {data.shape}, expected an image")
    free = iter(letter for letter in NAMES_FOR_UNNAMED if letter not in axes)
    backwards = [next(free, axis) if axis in UNNAMED_AXES else axis for axis in reversed(axes)]
    return data, "".join(reversed(backwards))
