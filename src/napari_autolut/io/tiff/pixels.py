"""Pixels of an image of a TIFF: decoded or left on disk, upright, with named axes.

Belongs here: which decoder pages need. What their samples mean is ``colours.py``, what metadata
mean ``metadata.py``; opening a file is ``reading.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tifffile import TiffFile, TiffPageSeries

from napari_autolut.io.decoding import reason
from napari_autolut.io.image_file import ImageFileError, upright
from napari_autolut.io.memory import check_memory
from napari_autolut.io.tiff.colours import (
    ColourError,
    compression_name,
    intensities,
    is_as_stored,
    samples_of,
)
from napari_autolut.io.tiff.contents import orientation
from napari_autolut.io.tiff.nodata import Pixels
from napari_autolut.io.tiff.on_disk import samples_on_disk
from napari_autolut.io.tiff.other_files import decoded_page_by_page, lies_in_other_files
from napari_autolut.io.tiff.signed_bits import decode_signed_bits, is_signed_bits
from napari_autolut.io.tiff.ycbcr import decode_subsampled, is_subsampled
from napari_autolut.util.text import counted

UNNAMED_AXES = "IQ"
NAMES_FOR_UNNAMED = "ZTCAPRH"


def read_pixels(
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
        return upright(
            data, shown_orientation(tif, series), axes=(axes.index("Y"), axes.index("X"))
        )

    if series.nbytes > memmap_above and series.transform is None and is_as_stored(samples):
        return samples_on_disk(series).viewed(shown), axes
    return shown(_decoded(path, series)), axes


def shown_orientation(tif: TiffFile, series: TiffPageSeries) -> int:
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


def with_named_axes(path: Path, data: Pixels, axes: str) -> tuple[Pixels, str]:
    """Pages without a name are Z, then T and so on."""
    if not {"Y", "X"} <= set(axes) or data.size == 0:
        raise ImageFileError(path, f"found axes {axes} of shape {data.shape}, expected an image")
    free = iter(letter for letter in NAMES_FOR_UNNAMED if letter not in axes)
    backwards = [next(free, axis) if axis in UNNAMED_AXES else axis for axis in reversed(axes)]
    return data, "".join(reversed(backwards))
