"""A TIFF that is written tile by tile, in any order, and never held in memory.

Belongs here: the layout of the file and where each tile goes. Metadata and the choice of the
dialect are those of ``writing.py``.
"""

from __future__ import annotations

import errno
import math
import shutil
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import tifffile
from numpy.typing import NDArray

from napari_autolut.io.tiff.writing import description
from napari_autolut.util.boxes import Box

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
    free = shutil.disk_usage(path.parent).free
    if free < needed:
        problem = f"found {free / 1e9:.1f} GB free on the disk, expected {needed / 1e9:.1f} GB"
        raise OSError(errno.ENOSPC, f"{problem}; make room or write elsewhere", str(path))


class TiledTiff:
    """An uncompressed tiled BigTIFF, open for writing; a context manager that closes it.

    Parameters
    ----------
    path : Path
        The file; one that exists is overwritten.
    image : ImageFile
        What the file will hold, with rows and columns last or before colours. Only shape and dtype
        of its data are used.
    side : int
        Side of the square tiles, in pixels.

    Raises
    ------
    OSError
        If the disk has no room for the file.
    """

    def __init__(self, path: Path, image: ImageFile, side: int) -> None:
        self.shape, self.side = image.data.shape, side
        self.dtype = image.data.dtype.newbyteorder("=")
        check_room(path, image.data.nbytes)
        tifffile.imwrite(
            path,
            None,
            shape=self.shape,
            dtype=self.dtype,
            tile=(side, side),
            bigtiff=True,
            **description(path, image, tiled=True),
        )
        with tifffile.TiffFile(path) as written:
            pages = written.series[0]
            self._offsets = [page.dataoffsets for page in pages if page is not None]
            self._columns = -(-pages.keyframe.imagewidth // side)
        self._others = self.shape[: -3 if image.rgb else -2]
        self._colours = self.shape[-1:] if image.rgb else ()
        self._stream = path.open("r+b")

    def write(self, place: tuple[int, ...], box: Box, values: NDArray[Any]) -> None:
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
        """
        page = int(np.ravel_multi_index(place, self._others)) if place else 0
        tile = box.top // self.side * self._columns + box.left // self.side
        full = np.zeros((self.side, self.side, *self._colours), self.dtype)
        full[: values.shape[0], : values.shape[1]] = values
        self._stream.seek(self._offsets[page][tile])
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
