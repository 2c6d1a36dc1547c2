"""Reading TIFF: plain, ImageJ and OME files, with named axes and pixel sizes.

Belongs here: from a file to an array with axes. Which pages belong together is in ``contents.py``,
what samples mean in ``colours.py``, what the metadata mean in ``metadata.py``; writing is in
``writing.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from tifffile import PHOTOMETRIC, TiffFile, TiffPageSeries

from napari_autolut.io.decoding import decoding, reason
from napari_autolut.io.exif import exif_of_tags
from napari_autolut.io.file_pixels import FilePixels
from napari_autolut.io.image_file import ImageFile, ImageFileError, in_native_order, upright
from napari_autolut.io.memory import check_memory
from napari_autolut.io.provenance import History
from napari_autolut.io.series import chosen_series
from napari_autolut.io.tiff.colours import (
    ColourError,
    compression_name,
    intensities,
    is_as_stored,
    samples_of,
)
from napari_autolut.io.tiff.contents import (
    contents,
    orientation,
    settle_counts,
    unnamed_pages,
)
from napari_autolut.io.tiff.declared import check_declared, check_planes
from napari_autolut.io.tiff.lerc import keep_masks, mask_fields
from napari_autolut.io.tiff.lost_pixels import complete, missing_words
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

OWN_MULTIFILE_FORMATS = ("is_mmstack", "is_ndtiff")
"""Formats of Micro-Manager that read other files of the folder, which nothing has checked. Their
files are OME-TIFFs, too, or stacks of pages."""


class OpenTiff:
    """A TIFF that was found good and stays open: its images are listed once, and read one by one.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Raises
    ------
    ImageFileError
        Here and in ``read``, if it is damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with ExitStack() as opened, _decoding(path):
            pages = check_declared(path)
            first, xml = whole_set(path)
            pages = pages if first == path else check_declared(first)
            with complete(path):
                self._tif = opened.enter_context(TiffFile(first, omexml=xml))
                check_description(self._tif, pages)
                for kind in OWN_MULTIFILE_FORMATS:
                    vars(self._tif)[kind] = False
                if pages:
                    list_pages(self._tif)
                self._remark = settle_counts(self._tif) or settle_shape(self._tif)
                self._contents = contents(self._tif)
            if not self._contents:
                raise ImageFileError(path, "found no image in it")
            self.close = opened.pop_all().close
        self.series = tuple(each.info for each in self._contents)

    def read(self, series: int | None = None, memmap_above: float = math.inf) -> ImageFile:
        """Read one image, all its pages; pixels of more bytes than that stay on disk."""
        with _decoding(self.path), complete(self.path):
            tif, (chosen, *_) = self._tif, chosen_series(self.path, self.series, series)
            pages = self._contents[chosen.index].pages
            hidden = keep_masks(pages)
            check_planes(pages.keyframe.aspage())
            check_streams(pages)
            data, axes = _samples(self.path, tif, pages, memmap_above)
            data, axes = _with_named_axes(self.path, data, axes)
            data, marks = nodata_as_nan(data, pages.keyframe.aspage())
            fields = describe(tif, pages, chosen.index)
            if _turn(tif, pages) >= 5 and "pixel_size" in fields:
                fields["pixel_size"] = _transposed(fields["pixel_size"])
            fields["exif"], lost = exif_of_tags(pages.keyframe.tags.valueof)
            if count := unnamed_pages(tif, self._contents):
                lost += (f"{counted(count, 'page')} that its description does not name",)
            also = {"remarks": (*filter(None, [self._remark]), *missing_words(pages)),
                    "not_kept": lost}  # fmt: skip
            for key in ("not_kept", "remarks"):
                said = (fields, marks, mask_fields(hidden, data.dtype), also)
                fields[key] = tuple(sentence for each in said for sentence in each.get(key, ()))
            profile = pages.keyframe.tags.valueof(PROFILE_TAG)
            held = (
                cast("NDArray[Any]", data)
                if isinstance(data, FilePixels)
                else in_native_order(data)
            )
            profile = _profile(pages, profile)
            fields |= {"name": chosen.name, "labels": chosen.role == "mask"}
            return ImageFile(held, axes, icc_profile=profile, **fields).placed()

    def history(self) -> History:
        """Read what was done to the first image, without its pixels."""
        with _decoding(self.path), complete(self.path):
            (chosen, *_) = chosen_series(self.path, self.series)
            fields = describe(self._tif, self._contents[chosen.index].pages, chosen.index)
            return tuple(fields.get("history", ()))


def tiff_history(path: Path) -> History:
    """Read what was done to the first image of a TIFF, without its pixels."""
    with closing(OpenTiff(path)) as tiff:
        return tiff.history()


@contextmanager
def _decoding(path: Path) -> Iterator[None]:
    # Fractions in tags may have 0 below them, which numpy would say on the screen.
    with decoding(path, "a TIFF"), np.errstate(all="ignore"):
        yield


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
        if series.dataoffset == 0:  # a page of one strip that is left out, as GDAL does
            return np.asarray(samples_on_disk(series))
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
