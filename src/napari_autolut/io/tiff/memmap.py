"""Pixels of a TIFF that stay on disk, for files larger than memory.

Belongs here: mapping a file into memory, and decoding one that cannot be mapped into a temporary
file that can. What the pixels mean is in ``reading.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from tempfile import TemporaryFile
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tifffile import TiffPageSeries

from napari_autolut.io.tiff.other_files import lies_in_other_files, own_file
from napari_autolut.util.memmap import release

UNRELEASED_BYTES = 2**25
"""How much is decoded before it is left to the disk."""

READ_BYTES = 2**24
"""How much of a file is read at once."""


def memmap_samples(series: TiffPageSeries) -> NDArray[Any]:
    """Give all samples of a series as a memory map.

    A file whose pixels lie in one piece is mapped itself, read-only. The tiles, strips or scattered
    pages of another one are decoded one by one into a temporary file, in the folder that ``TMPDIR``
    names.
    """
    page = series.keyframe
    place = series.dataoffset
    in_one_piece = place is not None and page.is_final and page.is_contiguous
    if place is not None and in_one_piece and not lies_in_other_files(series):
        if page.is_memmappable:
            return np.asarray(series.asarray(out="memmap"))
        # Numbers at odd places, as ImageJ writes them; its files of more than 4 GB have no pages
        # but the first that could be decoded instead.
        dtype = series.dtype.newbyteorder(page.parent.byteorder)
        path = page.parent.filehandle.path
        return np.asarray(np.memmap(path, dtype, mode="r", offset=place, shape=series.shape))
    return _decoded(series)


def temporary_memmap(dtype: np.dtype[Any], shape: Sequence[int]) -> NDArray[Any]:
    """Give an array of zeros in a temporary file, which goes with it."""
    with TemporaryFile(prefix="napari-autolut-") as stream:
        return np.memmap(stream, dtype, "w+", shape=tuple(shape))


def _segments(page: Any) -> Iterator[Any]:
    """Strips or tiles of a page; of a set's other files, which tifffile closes, each is opened."""
    with own_file(page):
        # Sorted, since beside tiles that are left out tifffile takes others to follow one another.
        yield from page.segments(maxworkers=1, buffersize=READ_BYTES, sort=True)


def _decoded(series: TiffPageSeries) -> NDArray[Any]:
    page_shape = series.keyframe.shaped  # planes, depth, length, width, samples
    _, *sides, _ = page_shape
    pages = temporary_memmap(series.dtype, (len(series), *page_shape))
    unreleased = 0
    for target, page in zip(pages, series, strict=True):
        if page is None:
            continue
        for segment, (plane, *corner, _), shape in _segments(page):
            wanted = [min(n, side - at) for n, side, at in zip(shape, sides, corner, strict=False)]
            inside = tuple(slice(n) for n in wanted)
            there = tuple(slice(at, at + n) for at, n in zip(corner, wanted, strict=True))
            part = target[(plane, *there)]
            if segment is not None:
                part[...] = segment[inside]
            elif series.keyframe.nodata:  # what GDAL leaves out is no data
                part[...] = series.keyframe.nodata
            unreleased += part.nbytes
            if unreleased > UNRELEASED_BYTES:
                release(pages)
                unreleased = 0
    return np.asarray(pages).reshape(series.shape)
