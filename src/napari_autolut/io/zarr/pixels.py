"""The pixels of one level of a Zarr, read from disk where they are indexed.

Belongs here: opening an array and refusing what cannot be held. What is not all there is
``completeness.py``; which array of a folder is meant is ``reading.py``.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from numpy.typing import DTypeLike, NDArray

from napari_autolut.io.image_file import ImageFileError, PixelsError
from napari_autolut.io.zarr.tasks import end_tasks
from napari_autolut.util.long_paths import long_path
from napari_autolut.util.optional import zarr
from napari_autolut.util.sizes import bytes_text

MAX_CHUNK_SHARE = 4
"""One chunk may take so much of the free memory: a quarter."""

MAX_LISTED = 2**16
"""Of arrays of more chunks, so many are looked for, evenly spread."""


UNKNOWN_CODEC = "UnknownCodecError"
"""What zarr and numcodecs raise; early versions have it in other modules."""

MAX_IN_SHARD = 2**20
"""Chunks of a shard, each of which costs time and a place in its index."""


class ZarrPixels:
    """An array in a Zarr folder, with as much of numpy's interface as readers need.

    Indexing takes integers and slices and gives numpy arrays in the machine's byte order.
    ``chunks`` are the pieces that are read at once.

    Parameters
    ----------
    folder : pathlib.Path
        Of the array.

    Raises
    ------
    ImageFileError
        If it is no valid array, or one of its chunks alone would take a quarter of the memory.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # Windows would not find files of long paths, and zarr takes those for empty.
        self._files = long_path(folder) if sys.platform == "win32" else folder
        self._array = _opened(folder, self._files)
        self.shape: tuple[int, ...] = tuple(int(side) for side in self._array.shape)
        self.ndim = len(self.shape)
        self.dtype = np.dtype(self._array.dtype).newbyteorder("=")
        self.chunks: tuple[int, ...] = tuple(int(side) for side in self._array.chunks)
        needed = math.prod(self.chunks) * self.dtype.itemsize
        free = int(psutil.virtual_memory().available)
        if needed > free // MAX_CHUNK_SHARE:
            problem = f"found chunks of {bytes_text(needed)}, and {bytes_text(free)} of memory"
            raise ImageFileError(folder, f"{problem} are free; write it again in smaller chunks")

    @property
    def size(self) -> int:
        """Number of pixels."""
        count: int = math.prod(self.shape)
        return count

    @property
    def nbytes(self) -> int:
        """Bytes that all of it would take in memory."""
        return self.size * int(self.dtype.itemsize)

    @property
    def fill_value(self) -> Any:
        """What pixels are whose chunk is not there."""
        return self._array.fill_value or 0

    @property
    def axis_names(self) -> tuple[str, ...]:
        """What the array calls its axes; empty where it does not name them all."""
        said = getattr(self._array.metadata, "dimension_names", None)
        names = said or self._array.attrs.get("_ARRAY_DIMENSIONS") or ()
        named = isinstance(names, list | tuple) and all(isinstance(name, str) for name in names)
        return tuple(names) if named and len(names) == self.ndim else ()

    def __getitem__(self, index: Any) -> NDArray[Any]:
        try:
            values = np.asarray(self._array[index])
            return values.astype(self.dtype, copy=False)
        except KeyboardInterrupt:
            end_tasks()
            raise
        except MemoryError:
            raise
        except Exception as error:  # of any codec: each has types of its own
            words = " ".join(f"{type(error).__name__}: {error}".split())
            raise PixelsError(
                self.folder, f"holds pixels that cannot be read ({words[:200]}); copy it again"
            ) from error

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        """Read all of it."""
        return self[...].astype(dtype or self.dtype, copy=False)

    def check(self) -> None:
        """Decode all of it, a chunk at a time; PixelsError where that cannot be done."""
        ranges = (range(0, n, side) for n, side in zip(self.shape, self.chunks, strict=True))
        for starts in product(*ranges):
            places = zip(starts, self.chunks, strict=True)
            self[tuple(slice(start, start + side) for start, side in places)]

    # --- what is stored -----------------------------------------------------------------------

    @property
    def stored(self) -> tuple[int, ...]:
        """Sides of what lies in one file: of a shard where there are any, else of a chunk."""
        sides = getattr(self._array, "shards", None) or self.chunks
        return tuple(int(side) for side in sides)

    @property
    def file_count(self) -> int:
        """Number of files that a full array has."""
        count: int = math.prod(self.grid)
        return count

    @property
    def grid(self) -> tuple[int, ...]:
        """Numbers of files along each axis."""
        return tuple(-(-n // side) for n, side in zip(self.shape, self.stored, strict=True))

    def files_of(self, region: Sequence[slice]) -> list[Path]:
        """The files that hold a region, there or not."""
        spans = (
            range(part.start // side, -(-part.stop // side))
            for part, side in zip(region, self.stored, strict=True)
        )
        return [self._file(place) for place in product(*spans)]

    def missing(self) -> dict[tuple[int, ...], tuple[slice, ...]]:
        """Places in the grid of files without one, each with its region.

        Of very large arrays those of a sample.
        """
        count = self.file_count
        numbers = range(0, count, -(-count // MAX_LISTED))
        places = (self._place(number) for number in numbers)
        return {place: self._region(place) for place in places if not self._file(place).is_file()}

    def _place(self, number: int) -> tuple[int, ...]:
        """Position of a file in the grid of files, counted row by row."""
        place = []
        for length in reversed(self.grid):
            number, at = divmod(number, length)
            place.append(at)
        return tuple(reversed(place))

    def _region(self, place: Sequence[int]) -> tuple[slice, ...]:
        return tuple(
            slice(at * side, min((at + 1) * side, n))
            for at, side, n in zip(place, self.stored, self.shape, strict=True)
        )

    def _file(self, place: tuple[int, ...]) -> Path:
        return self._files / str(self._array.metadata.encode_chunk_key(place))


def _opened(folder: Path, files: Path) -> Any:
    package = zarr()
    codecs = import_module("napari_autolut.io.zarr.checked_codecs")
    store = import_module("napari_autolut.io.zarr.store")
    try:
        with codecs.checked():
            array = package.open_array(store.OwnFiles(files), mode="r")
        codecs.check_codecs(folder, array)
        dtype, shape = np.dtype(array.dtype), tuple(array.shape)
        if 0 in array.chunks:
            raise ValueError(f"found chunks of {array.chunks} pixels")
        in_a_shard = math.prod(
            -(-side // part)
            for side, part in zip(getattr(array, "shards", None) or (), array.chunks, strict=False)
        )
        if in_a_shard > MAX_IN_SHARD:
            raise ValueError(f"found shards of {in_a_shard:,} chunks")
    except ImageFileError:
        raise
    except Exception as error:  # zarr's, its codecs', or of numbers beyond any array
        words = " ".join(f"{type(error).__name__}: {error}".split())
        problem = f"holds no array that can be read ({words[:200]})"
        unknown = type(error).__name__ == UNKNOWN_CODEC
        remedy = "save it with Blosc, Zstandard or gzip" if unknown else "copy the Zarr again"
        raise ImageFileError(folder, f"{problem}; {remedy}") from error
    if dtype.kind not in "uif" and dtype != np.bool_:
        raise ImageFileError(folder, f"found {dtype} pixels, expected integers or floats")
    if not shape or 0 in shape:
        raise ImageFileError(folder, f"found an array of shape {shape}, expected an image")
    return array
