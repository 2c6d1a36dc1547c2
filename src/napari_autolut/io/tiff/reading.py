"""Reading TIFF: plain, ImageJ and OME files, with named axes and pixel sizes.

Belongs here: a file that is open, its images and their order of checks. Which pages belong together
is ``contents.py``, their pixels ``pixels.py``, what metadata mean ``metadata.py``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from tifffile import PHOTOMETRIC, TiffFile, TiffPageSeries

from napari_autolut.io.decoding import decoding
from napari_autolut.io.exif import exif_of_tags
from napari_autolut.io.file_pixels import FilePixels
from napari_autolut.io.image_file import ImageFile, ImageFileError, in_native_order
from napari_autolut.io.provenance import History
from napari_autolut.io.series import chosen_series
from napari_autolut.io.tiff.contents import (
    contents,
    settle_counts,
    unnamed_pages,
)
from napari_autolut.io.tiff.declared import check_declared, check_planes
from napari_autolut.io.tiff.lerc import keep_masks, mask_fields
from napari_autolut.io.tiff.lost_pixels import complete, missing_words
from napari_autolut.io.tiff.metadata import describe
from napari_autolut.io.tiff.nodata import nodata_as_nan
from napari_autolut.io.tiff.ome.files import check_description, whole_set
from napari_autolut.io.tiff.pixels import read_pixels, shown_orientation, with_named_axes
from napari_autolut.io.tiff.scanimage import list_pages
from napari_autolut.io.tiff.shaped import settle_shape
from napari_autolut.io.tiff.streams import check_streams
from napari_autolut.util.text import counted

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
            data, axes = read_pixels(self.path, tif, pages, memmap_above)
            data, axes = with_named_axes(self.path, data, axes)
            data, marks = nodata_as_nan(data, pages.keyframe.aspage())
            fields = describe(tif, pages, chosen.index)
            if shown_orientation(tif, pages) >= 5 and "pixel_size" in fields:
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


def _transposed(sizes: dict[str, float]) -> dict[str, float]:
    swapped = {"Y": "X", "X": "Y"}
    return {swapped.get(axis, axis): size for axis, size in sizes.items()}


def _profile(series: TiffPageSeries, profile: object) -> bytes | None:
    """Colour profile, unless it is that of inks, which were converted."""
    if not isinstance(profile, bytes) or series.keyframe.photometric == PHOTOMETRIC.SEPARATED:
        return None
    return profile or None
