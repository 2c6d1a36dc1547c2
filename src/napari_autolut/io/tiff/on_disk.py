"""Pixels of a TIFF that stay on disk, for files larger than memory.

Belongs here: which pixels can be read from the file where they are indexed, and decoding others
into a temporary file. What the pixels mean is in ``reading.py``.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryFile, gettempdir
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tifffile import TiffPageSeries

from napari_autolut.io.file_pixels import FilePixels, run_of
from napari_autolut.io.open_file import OpenFile
from napari_autolut.io.tiff.other_files import lies_in_other_files, own_file
from napari_autolut.util.temporary import few_tries

READ_BYTES = 2**24
"""How much of a file is decoded at once."""


class TemporaryPixels(FilePixels):
    """Pixels in a temporary file in the folder that ``TMPDIR`` names, which goes with them.

    They are 0 where nothing is written.

    Parameters
    ----------
    path : pathlib.Path
        The file that they are decoded from, for messages.
    dtype : numpy.dtype
        Of the pixels.
    shape : sequence of int
        Sides.

    Raises
    ------
    OSError
        If that folder takes no file.
    """

    def __init__(self, path: Path, dtype: np.dtype[Any], shape: Sequence[int]) -> None:
        try:
            with few_tries():
                stream = TemporaryFile(prefix="napari-autolut-", buffering=0)  # noqa: SIM115 - kept open
        except FileExistsError as error:  # the last of the tries
            reason = "no file can be created there; let TMPDIR name another folder"
            raise OSError(errno.EACCES, reason, gettempdir()) from error
        super().__init__(OpenFile(path, stream), dtype, shape)
        stream.truncate(self.nbytes)

    def write(self, index: tuple[Any, ...], values: NDArray[Any]) -> None:
        """Write the pixels of a basic index, once.

        Raises
        ------
        OSError
            If there is no room.
        """
        places = self._places[(*index, ...)]
        values = np.ascontiguousarray(values, self._stored)
        inner, _ = run_of(places.shape, places.strides, self._stored.itemsize)
        for at in np.ndindex(*places.shape[: places.ndim - inner]):
            left = values[(*at, ...)].reshape(-1).view(np.uint8).data
            try:
                self.file.stream.seek(self.place_of(places[(*at, ...)]))
                while len(left):
                    left = left[self.file.stream.write(left) or 0 :]
            except OSError as error:
                raise OSError(error.errno, error.strerror, gettempdir()) from error


def samples_on_disk(series: TiffPageSeries) -> FilePixels:
    """Give all samples of a series without holding them in memory.

    A file whose pixels lie in one piece is read where they are indexed. The tiles, strips or
    scattered pages of another one are decoded one by one into a temporary file.
    """
    page = series.keyframe
    place = series.dataoffset
    in_one_piece = place and page.is_final and page.is_contiguous
    if not in_one_piece or lies_in_other_files(series):
        return _decoded(series)
    path = Path(page.parent.filehandle.path)
    dtype = series.dtype.newbyteorder(page.parent.byteorder)
    return FilePixels(OpenFile(path), dtype, series.shape, place or 0)


def _segments(page: Any) -> Iterator[Any]:
    """Strips or tiles of a page; of a set's other files, which tifffile closes, each is opened."""
    with own_file(page):
        # Sorted, since beside tiles that are left out tifffile takes others to follow one another.
        yield from page.segments(maxworkers=1, buffersize=READ_BYTES, sort=True)


def _decoded(series: TiffPageSeries) -> FilePixels:
    page_shape = series.keyframe.shaped  # planes, depth, length, width, samples
    _, *sides, _ = page_shape
    path = Path(series.keyframe.parent.filehandle.path)
    pixels = TemporaryPixels(path, series.dtype, (len(series), *page_shape))
    for number, page in enumerate(series):
        if page is None:
            continue
        for segment, (plane, *corner, _), shape in _segments(page):
            wanted = [min(n, side - at) for n, side, at in zip(shape, sides, corner, strict=False)]
            inside = tuple(slice(n) for n in wanted)
            there = tuple(slice(at, at + n) for at, n in zip(corner, wanted, strict=True))
            if segment is not None:
                pixels.write((number, plane, *there), segment[inside])
            elif series.keyframe.nodata:  # what GDAL leaves out is no data
                missing = np.broadcast_to(series.keyframe.nodata, (*wanted, page_shape[-1]))
                pixels.write((number, plane, *there), missing)
    return pixels.viewed(lambda places: places.reshape(series.shape))
