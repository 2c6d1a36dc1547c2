"""The arrays of an OME-Zarr that is written: shapes, chunks, shards, and coarser levels.

Belongs here: how a group is laid out on disk, and what makes a coarser level. What is
finished, and the final name, are ``result.py``.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.io.image_file import ImageFile
from napari_autolut.io.zarr.describing import composed
from napari_autolut.util.optional import zarr

CHUNK, CHUNK_WITHOUT_SHARDS = 512, 1024
"""Rows and columns of a chunk: what a viewer reads at once. Without shards each is a file."""

MAX_SIDE = 4096
"""Rows and columns of a shard at most: what is computed and written at once."""

MAX_SOURCE_SIDE = 2048
"""The same in pixels of the source."""

COARSEST = 512
"""Levels are made until none of rows and columns is longer."""

PIECE = 1024
"""Rows and columns of a coarser level that are made at once."""

Region = tuple[slice, ...]
Reduction = Callable[[NDArray[Any]], NDArray[Any]]

_CONFIGURING = threading.Lock()


@dataclass(frozen=True)
class Plan:
    """How a result lies on disk.

    Parameters
    ----------
    axes : str
        In the order of the arrays, rows and columns last.
    shapes : tuple of tuple of int
        Of the levels, largest first.
    side : int
        Rows and columns of a region that is written at once: whole shards, or whole chunks.
    version : {"0.5", "0.4"}
        Of OME-Zarr.
    """

    axes: str
    shapes: tuple[tuple[int, ...], ...]
    side: int
    version: str

    @classmethod
    def of(cls, axes: str, shape: Sequence[int], scale: int, version: str) -> Plan:
        """Settle levels and regions; regions begin at whole pixels of the source."""
        shapes = [tuple(shape)]
        while max(shapes[-1][-2:]) > COARSEST:
            *others, rows, columns = shapes[-1]
            shapes.append((*others, -(-rows // 2), -(-columns // 2)))
        unit = math.lcm(CHUNK if version == "0.5" else CHUNK_WITHOUT_SHARDS, scale)
        side = max(1, min(MAX_SIDE, MAX_SOURCE_SIDE * scale) // unit) * unit
        return cls(axes, tuple(shapes), side, version)

    @property
    def factors(self) -> list[int]:
        """How much coarser each level is."""
        return [2**number for number in range(len(self.shapes))]

    def regions(self, level: int) -> Iterator[Region]:
        """What of a level is written at once: a part of one plane, plane after plane."""
        *others, rows, columns = self.shapes[level]
        parts = [
            [slice(start, min(start + self.side, n)) for start in range(0, n, self.side)]
            for n in (rows, columns)
        ]
        for place in np.ndindex(*others):
            for spatial in product(*parts):
                yield (*(slice(at, at + 1) for at in place), *spatial)

    def region_count(self, level: int) -> int:
        """Number of regions of a level."""
        *others, rows, columns = self.shapes[level]
        return math.prod(others) * -(-rows // self.side) * -(-columns // self.side)

    def chunks(self, level: int) -> tuple[int, ...]:
        """Shape of a chunk."""
        *others, rows, columns = self.shapes[level]
        side = CHUNK if self.version == "0.5" else CHUNK_WITHOUT_SHARDS
        return (*(1,) * len(others), min(side, rows), min(side, columns))

    def shards(self, level: int) -> tuple[int, ...] | None:
        """Shape of a shard, where the level is large enough for there to be many chunks."""
        *others, rows, columns = self.shapes[level]
        if self.version != "0.5" or min(rows, columns) < CHUNK or max(rows, columns) <= 4 * CHUNK:
            return None
        sides = (min(self.side, -(-n // CHUNK) * CHUNK) for n in (rows, columns))
        return (*(1,) * len(others), *sides)

    @property
    def longest_path(self) -> str:
        """Where the last file of pixels lies in the group."""
        stored = self.shards(0) or self.chunks(0)
        last = ((n - 1) // side for n, side in zip(self.shapes[0], stored, strict=True))
        return "/".join(["/0", *(["c"] if self.version == "0.5" else []), *map(str, last)])


def create_group(folder: Path, new: bool, said: dict[str, Any]) -> None:
    """Make a group of Zarr 3, or of Zarr 2, with what is said of it."""
    version = 3 if new else 2
    zarr().create_group(_store(folder), zarr_format=version, overwrite=False, attributes=said)


def create(folder: Path, image: ImageFile, plan: Plan, name: str) -> None:
    """Make a group with empty arrays and all that is said of them."""
    new = plan.version == "0.5"
    create_group(folder, new, composed(image, plan.axes, plan.factors, plan.version, name))
    dtype = np.dtype(image.data.dtype.newbyteorder("=").str)  # of C's names for a type, the one
    for level, shape in enumerate(plan.shapes):
        # Each in a store of its own: looking for the group around it, zarr leaves tasks undone
        # where that cannot be read, and Python says of each that nobody waited for it.
        zarr().create_array(
            _store(folder / str(level)),
            zarr_format=3 if new else 2,
            shape=shape,
            dtype=dtype,
            chunks=plan.chunks(level),
            shards=plan.shards(level),
            compressors=_compressor(dtype, new),
            fill_value=0,
            chunk_key_encoding={"name": "default" if new else "v2", "separator": "/"},
            dimension_names=[axis.lower() for axis in plan.axes] if new else None,
        )


def _store(folder: Path) -> Any:
    return import_module("napari_autolut.io.zarr.store").NewStore(folder)


def _compressor(dtype: np.dtype[Any], new: bool) -> Any:
    """Zstandard after sorting bytes by significance, which halves noisy images of 16 bits."""
    package = zarr()
    if new:
        return package.codecs.BloscCodec(
            cname="zstd", clevel=3, shuffle="shuffle", typesize=dtype.itemsize
        )
    return import_module("numcodecs").Blosc(cname="zstd", clevel=3, shuffle=1)


def opened_for_writing(folder: Path) -> Any:
    """An array into which regions are assigned; also those that hold nothing but 0 get a file."""
    package = zarr()
    # An array has what is configured as it is opened; the configuration is the whole process's.
    with _CONFIGURING, package.config.set({"array.write_empty_chunks": True}):
        return package.open_array(_store(folder), mode="r+")


def coarser(finer: Any, region: Region, shape: Sequence[int], reduce: Reduction) -> NDArray[Any]:
    """A region of the next coarser level, whose pixels stand for two rows and two columns each.

    Parameters
    ----------
    finer : array_like
        The level before, read piece by piece.
    region : tuple of slice
        Of the coarser level: one plane of it.
    shape : sequence of int
        Of the finer level. Where it has an odd number of rows or columns, the last one stands
        for itself.
    reduce : callable
        :func:`halved`, or :func:`every_second` of labels.
    """
    *others, rows, columns = region
    result = np.empty([part.stop - part.start for part in region], finer.dtype)
    for top in range(rows.start, rows.stop, PIECE):
        for left in range(columns.start, columns.stop, PIECE):
            bottom, right = min(top + PIECE, rows.stop), min(left + PIECE, columns.stop)
            source = (slice(2 * top, min(2 * bottom, shape[-2])),
                      slice(2 * left, min(2 * right, shape[-1])))  # fmt: skip
            target = (slice(top - rows.start, bottom - rows.start),
                      slice(left - columns.start, right - columns.start))  # fmt: skip
            result[(..., *target)] = reduce(finer[(*others, *source)])
    return result


def every_second(labels: NDArray[Any]) -> NDArray[Any]:
    """One pixel of two rows and two columns each: numbers of things have no mean."""
    return labels[..., ::2, ::2]


def halved(values: NDArray[Any]) -> NDArray[Any]:
    """Mean of two rows and two columns each, in the same dtype; NaN where one of the four is."""
    odd = [(0, 0)] * (values.ndim - 2) + [(0, n % 2) for n in values.shape[-2:]]
    even = np.pad(values, odd, mode="edge")
    quarters = [even[..., row::2, column::2] for row in (0, 1) for column in (0, 1)]
    if values.dtype.kind == "f":
        wide = np.result_type(values.dtype, np.float32)
        mean = sum(quarter.astype(wide) for quarter in quarters) / 4
        return np.asarray(mean).astype(values.dtype)
    if values.dtype.itemsize <= 4:
        total = sum(quarter.astype(np.int64) for quarter in quarters)
        return np.asarray((total + 2) >> 2).astype(values.dtype)
    # Halves first: four of these cannot be added.
    low, high = (_middle(*pair) for pair in (quarters[:2], quarters[2:]))
    return _middle(low, high)


def _middle(one: NDArray[Any], other: NDArray[Any]) -> NDArray[Any]:
    """Mean of two arrays of integers, rounded down, without overflow."""
    middle: NDArray[Any] = (one & other) + ((one ^ other) >> 1)
    return middle
