"""Ways to see an image larger: its own pixels, bicubic interpolation, a model, another layer.

Belongs here: the pixels that every way starts from, and the work that each way is. Doing several of
them, and keeping results, is ``comparison.py``; plain numpy, no napari.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Generator, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.bicubic import resize
from napari_autolut.arrays.blocks import reach
from napari_autolut.arrays.jobs import run
from napari_autolut.arrays.upscaling import plan
from napari_autolut.arrays.value_range import Range, filled, missing, to_dtype
from napari_autolut.engine import plane_engine
from napari_autolut.engine.threads import limits
from napari_autolut.model.graph import LutModel
from napari_autolut.util.boxes import Box, tile_count, whole

Pixels = NDArray[Any]

BICUBIC_REACH = 2


@dataclass(frozen=True, eq=False)
class Source:
    """The pixels that every way starts from.

    Parameters
    ----------
    image : (..., H, W) or, with ``rgb``, (..., H, W, 3 or 4), in memory
    value_range : pixel values that are a model's black and white
    part : rows and columns that are wanted; what lies around them is there for its influence.
        None: all of them
    """

    image: Pixels
    rgb: bool
    value_range: Range
    part: Box | None = None

    @property
    def spatial_axes(self) -> tuple[int, int]:
        """Rows and columns, counted from the front."""
        rows = self.image.ndim - (3 if self.rgb else 2)
        return rows, rows + 1

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns that there are."""
        rows, columns = (self.image.shape[axis] for axis in self.spatial_axes)
        return rows, columns

    @property
    def wanted(self) -> Box:
        """Rows and columns that are wanted."""
        return whole(self.size) if self.part is None else self.part

    def cut(self, pixels: Pixels, scale: int) -> Pixels:
        """Take what is wanted from an enlargement of all pixels."""
        if self.part is None:
            return pixels
        rows, columns = self.wanted.times(scale).slices
        return pixels[(..., rows, columns, slice(None)) if self.rgb else (..., rows, columns)]

    @property
    def planes(self) -> Iterator[tuple[Any, ...]]:
        """An index for each plane of rows and columns."""
        rows, columns = self.spatial_axes
        shape = [1 if axis in (rows, columns) else n for axis, n in enumerate(self.image.shape)]
        for index in np.ndindex(*shape):
            yield (*index[:rows], slice(None), slice(None), *index[columns + 1 :])

    def digest(self) -> Hashable:
        """What tells it from sources with other pixels; reads all of it."""
        content = hashlib.blake2b(np.ascontiguousarray(self.image).data, digest_size=16).digest()
        shape, dtype = self.image.shape, str(self.image.dtype)
        limits_of_range = self.value_range.lo, self.value_range.hi
        return content, shape, dtype, self.rgb, *limits_of_range, self.wanted


class Way(Protocol):
    """One way to see the source larger."""

    @property
    def name(self) -> str:
        """What it is called beside the picture."""

    @property
    def key(self) -> Hashable:
        """What tells its results from those of other ways; None where none need be kept."""

    def effort(self, source: Source) -> int:
        """Number of steps."""

    def steps(self, source: Source) -> Generator[None, None, Pixels]:
        """Yield after every step, return the pixels; closing the generator cancels."""


@dataclass(frozen=True)
class AsItIs:
    """The source itself, which a canvas shows with its pixels as squares."""

    name: str = "Source (nearest)"
    key: Hashable = None

    def effort(self, source: Source) -> int:
        """Nothing is computed."""
        return 0

    def steps(self, source: Source) -> Generator[None, None, Pixels]:
        """Give the source's own array."""
        yield from ()
        return source.cut(source.image, 1)


@dataclass(frozen=True)
class Bicubic:
    """Bicubic interpolation, the baseline of the field."""

    scale: int
    name: str = "Bicubic"

    @property
    def key(self) -> Hashable:
        """Its scale."""
        return "bicubic", self.scale

    def effort(self, source: Source) -> int:
        """A step for each plane."""
        return sum(1 for _ in source.planes)

    def steps(self, source: Source) -> Generator[None, None, Pixels]:
        """Enlarge plane by plane; NaN and infinite pixels become blocks of the same."""
        result = np.empty(_enlarged_shape(source, self.scale), source.image.dtype)
        part = source.wanted.times(self.scale).slices
        for index in source.planes:
            result[index] = self._enlarged(source.image[index], source.value_range)[part]
            yield
        return result

    def _enlarged(self, plane: Pixels, value_range: Range) -> Pixels:
        mask = missing(plane)
        pixels = plane if mask is None else filled(plane, value_range, BICUBIC_REACH)
        enlarged = to_dtype(np.asarray(resize(pixels, self.scale)), plane.dtype)
        if mask is not None:
            holes = _blocks(mask, self.scale)
            enlarged[holes] = _blocks(plane, self.scale)[holes]
        return enlarged


@dataclass(frozen=True, eq=False)
class Modelled:
    """A model's result. ``version`` tells its file from an earlier one of the same name."""

    model: LutModel
    name: str
    version: Hashable

    @property
    def key(self) -> Hashable:
        """The file and its state."""
        return "model", self.version

    def effort(self, source: Source) -> int:
        """Tiles of all planes."""
        box, side = source.wanted, limits().tile_size
        tiles = tile_count((box.bottom - box.top, box.right - box.left), side)
        return sum(1 for _ in source.planes) * tiles

    def steps(self, source: Source) -> Generator[None, None, Pixels]:
        """Upscale tile by tile, as the Upscale dock does."""
        job = plan(
            source.image,
            self.model,
            spatial_axes=source.spatial_axes,
            rgb=source.rgb,
            value_range=(source.value_range.lo, source.value_range.hi),
        )
        side, part = limits().tile_size, source.wanted
        work = run(job, source.image, plane_engine(), tile_size=side, region=part)
        before = 0
        while True:
            try:
                done = next(work).done
            except StopIteration as end:
                result: Pixels = end.value
                return result
            yield from [None] * (done - before)
            before = done


@dataclass(frozen=True, eq=False)
class Given:
    """Pixels that are there already, of another layer; ``load`` may read them from a disk.

    They cover what is wanted of the source, and no more.
    """

    name: str
    load: Callable[[], Pixels]
    key: Hashable = None

    def effort(self, source: Source) -> int:
        """One step: to read them."""
        return 1

    def steps(self, source: Source) -> Generator[None, None, Pixels]:
        """Read the pixels."""
        pixels = self.load()
        yield
        return pixels


def common_scale(scales: Sequence[int], truth: tuple[float, ...] = ()) -> int:
    """How much the bicubic view enlarges: as the largest model, else as the ground truth, else 4.

    ``truth`` is how many of its pixels replace one of the source's, along rows and columns.
    """
    of_truth = math.ceil(max(truth, default=1))
    largest = max(scales, default=1)
    return largest if largest > 1 else of_truth if of_truth > 1 else 4


def surroundings(models: Sequence[LutModel], dtype: np.dtype[Any]) -> int:
    """How many pixels around a part can have an influence on it, whichever way it is enlarged."""
    bicubic = BICUBIC_REACH * (2 if dtype.kind == "f" else 1)
    return max([bicubic, *(reach(model, dtype) for model in models)])


def _enlarged_shape(source: Source, scale: int) -> tuple[int, ...]:
    """Shape of what is wanted, so many times as large."""
    shape, box = list(source.image.shape), source.wanted.times(scale)
    rows, columns = source.spatial_axes
    shape[rows], shape[columns] = box.bottom - box.top, box.right - box.left
    return tuple(shape)


def _blocks(plane: Pixels, scale: int) -> Pixels:
    return np.repeat(np.repeat(plane, scale, axis=0), scale, axis=1)
