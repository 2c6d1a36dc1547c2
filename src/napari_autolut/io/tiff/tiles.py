"""A TIFF that is written tile by tile, in any order, and never held in memory.

Belongs here: the layout of the file and where each tile goes. Metadata and the choice of the
dialect are those of ``writing.py``.
"""

from __future__ import annotations

import errno
import math
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
import tifffile
from numpy.typing import NDArray

from napari_autolut.io.tiff.writing import flavour_of, write_arguments
from napari_autolut.util.boxes import Box
from napari_autolut.util.in_use import patiently
from napari_autolut.util.sizes import bytes_text, free_on_disk

if TYPE_CHECKING:
    from pathlib import Path

    from napari_autolut.io.image_file import ImageFile

TILE_UNIT = 16
"""Sides of tiles are multiples of this (TIFF 6.0, section 15)."""

MAX_TILE_SIDE = 1024


def tile_side(scale: int) -> int:
    """Side of the tiles of a result in pixels: a multiple of what TIFF asks and of the scale."""
    step = math.lcm(TILE_UNIT, scale)
    return max(1, MAX_TILE_SIDE // step) * step


def check_room(path: Path, needed: int) -> None:
    """Check that a file of so many bytes fits, before hours of work.

    Raises
    ------
    OSError
        If it does not fit; the message gives both sizes.
    """
    free = free_on_disk(path.parent)
    if free < needed:
        problem = f"found {bytes_text(free)} free on the disk, expected {bytes_text(needed)}"
        raise OSError(errno.ENOSPC, f"{problem}; make room or write elsewhere", str(path))


class TiledTiff:
    """An uncompressed tiled BigTIFF, open for writing; a context manager that closes it.

    Parameters
    ----------
    path : Path
        The file; one that exists is overwritten.
    images : sequence of ImageFile
        What the file will hold, with rows and columns last or before colours. Only shape and dtype
        of their data are used.
    side : int
        Side of the square tiles, in pixels.

    Raises
    ------
    OSError
        If the disk has no room for the file.
    """

    def __init__(self, path: Path, images: Sequence[ImageFile], side: int) -> None:
        check_room(path, sum(image.data.nbytes for image in images))
        arguments = write_arguments(images, flavour_of(path, images, tiled=True))
        with tifffile.TiffWriter(path, bigtiff=True, ome=False) as writer:
            for image, options in zip(images, arguments, strict=True):
                dtype = image.data.dtype.newbyteorder("=")
                writer.write(
                    None, shape=image.data.shape, dtype=dtype, tile=(side, side), **options
                )
        with tifffile.TiffFile(path) as written:
            layouts = [
                _layout(image, series, side)
                for image, series in zip(images, written.series, strict=True)
            ]
        self._layouts = layouts
        self._stream = patiently(lambda: path.open("r+b"))

    def write(
        self, place: tuple[int, ...], box: Box, values: NDArray[Any], *, series: int = 0
    ) -> None:
        """Put a tile in its place.

        Parameters
        ----------
        place : tuple of int
            Index along the axes before rows and columns.
        box : Box
            Rows and columns, beginning at multiples of ``side``, one tile large or smaller at the
            border.
        values : ndarray, shape (rows, columns) or (rows, columns, colours)
            Pixels of the tile.
        series : int, default 0
            Which of the images.
        """
        layout = self._layouts[series]
        page = int(np.ravel_multi_index(place, layout.others)) if place else 0
        tile = box.top // layout.side * layout.columns + box.left // layout.side
        full = np.zeros((layout.side, layout.side, *layout.colours), layout.dtype)
        full[: values.shape[0], : values.shape[1]] = values
        self._stream.seek(layout.offsets[page][tile])
        self._stream.write(full.data)

    def __enter__(self) -> Self:
        """Give the file itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Write out what is still buffered and close."""
        self._stream.close()


class _Layout(NamedTuple):
    """Where the tiles of an image are in the file."""

    side: int
    dtype: np.dtype[Any]
    columns: int
    others: tuple[int, ...]
    colours: tuple[int, ...]
    offsets: list[Sequence[int]]


def _layout(image: ImageFile, series: tifffile.TiffPageSeries, side: int) -> _Layout:
    shape = image.data.shape
    return _Layout(
        side,
        image.data.dtype.newbyteorder("="),
        -(-series.keyframe.imagewidth // side),
        shape[: -3 if image.rgb else -2],
        shape[-1:] if image.rgb else (),
        [page.dataoffsets for page in series if page is not None],
    )
