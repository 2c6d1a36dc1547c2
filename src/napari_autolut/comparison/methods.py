"""Methods to see an image larger: its own pixels, bicubic interpolation, a model, another layer.

Belongs here: the pixels that every method starts from, and the work that each method is. Doing
several of them, and caching results, is ``results.py``; plain numpy, no napari.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Generator, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays import (
    ArrayTask,
    Axes,
    Range,
    inpainted,
    non_finite_mask,
    resize,
    run,
    to_dtype,
)
from napari_autolut.comparison.tasks import model_task, task_key
from napari_autolut.engine import plane_engine
from napari_autolut.engine.threads import limits
from napari_autolut.model import LutModel
from napari_autolut.util.boxes import Box, tile_count, whole
from napari_autolut.util.keys_cubic import BICUBIC_RADIUS

Pixels = NDArray[Any]
Settle = Callable[[LutModel], ArrayTask]


@dataclass(frozen=True, eq=False)
class Source:
    """The pixels that every method starts from.

    Parameters
    ----------
    image : numpy.ndarray, shape (..., H, W) or, with ``rgb``, (..., H, W, 3 or 4)
        In memory.
    rgb : bool
        Whether the last axis holds colours.
    value_range : Range
        Pixel values that are a model's black and white.
    region : Box, optional
        Rows and columns that are wanted, by default all; what lies around them is there for its
        influence.
    settle : callable, optional
        Gives what a model does to the whole image, of which this may be a part: its noise and its
        colours decide. By default this is the whole image.
    """

    image: Pixels
    rgb: bool
    value_range: Range
    region: Box | None = None
    settle: Settle | None = None

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
        return whole(self.size) if self.region is None else self.region

    def cut(self, pixels: Pixels, scale: int) -> Pixels:
        """Take what is wanted from an enlargement of all pixels."""
        if self.region is None:
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

    def settled(self, model: LutModel) -> ArrayTask:
        """What a model does to the whole image, as its dock does it."""
        if self.settle is not None:
            return self.settle(model)
        return model_task(self.image, Axes(self.spatial_axes, self.rgb), self.value_range, model)

    def task(self, model: LutModel) -> ArrayTask:
        """The same on these pixels."""
        return self.settled(model).on(self.image)


class Method(Protocol):
    """Something that makes a larger image of the source."""

    @property
    def name(self) -> str:
        """What it is called beside the image."""

    def key(self, source: Source) -> Hashable:
        """What tells its results from others of these pixels; None where none need be cached."""

    def step_count(self, source: Source) -> int:
        """Number of steps."""

    def steps(self, source: Source) -> Generator[None, None, Pixels]:
        """Yield after every step, return the pixels; closing the generator cancels."""


@dataclass(frozen=True)
class Nearest:
    """The source itself, which a canvas shows with its pixels as squares."""

    name: str = "Source (nearest)"

    def key(self, source: Source) -> Hashable:
        """None: nothing is computed."""

    def step_count(self, source: Source) -> int:
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

    def key(self, source: Source) -> Hashable:
        """Its scale."""
        return "bicubic", self.scale

    def step_count(self, source: Source) -> int:
        """A step for each plane."""
        return sum(1 for _ in source.planes)

    def steps(self, source: Source) -> Generator[None, None, Pixels]:
        """Enlarge plane by plane; NaN and infinite pixels become blocks of the same."""
        result = np.empty(_enlarged_shape(source, self.scale), source.image.dtype)
        region = source.wanted.times(self.scale).slices
        for index in source.planes:
            result[index] = self._enlarged(source.image[index], source.value_range)[region]
            yield
        return result

    def _enlarged(self, plane: Pixels, value_range: Range) -> Pixels:
        mask = non_finite_mask(plane)
        pixels = plane if mask is None else inpainted(plane, value_range, BICUBIC_RADIUS)
        enlarged = to_dtype(np.asarray(resize(pixels, self.scale)), plane.dtype)
        if mask is not None:
            holes = _repeated(mask, self.scale)
            enlarged[holes] = _repeated(plane, self.scale)[holes]
        return enlarged


@dataclass(frozen=True, eq=False)
class ModelMethod:
    """A model's result. ``version`` tells its file from an earlier one of the same name."""

    model: LutModel
    name: str
    version: Hashable

    def key(self, source: Source) -> Hashable:
        """The file and its state, and what the whole image has to do with it."""
        return "model", self.version, task_key(source.task(self.model))

    def step_count(self, source: Source) -> int:
        """Tiles of all planes."""
        return tile_steps_of(source)

    def steps(self, source: Source) -> Generator[None, None, Pixels]:
        """Compute tile by tile, as the docks do."""
        return (yield from tile_steps(source.task(self.model), source))


@dataclass(frozen=True, eq=False)
class ExistingLayer:
    """Pixels that are there already, of another layer; ``load`` may read them from a disk.

    They cover what is wanted of the source, and no more.
    """

    name: str
    load: Callable[[], Pixels]

    def key(self, source: Source) -> Hashable:
        """None: another layer may change."""

    def step_count(self, source: Source) -> int:
        """One step: to read them."""
        return 1

    def steps(self, source: Source) -> Generator[None, None, Pixels]:
        """Read the pixels."""
        pixels = self.load()
        yield
        return pixels


def tile_steps_of(source: Source) -> int:
    """How many tiles all planes have."""
    box, side = source.wanted, limits().tile_size
    tiles = tile_count((box.bottom - box.top, box.right - box.left), side)
    return sum(1 for _ in source.planes) * tiles


def tile_steps(task: ArrayTask, source: Source) -> Generator[None, None, Pixels]:
    """Yield after every tile, as the docks do it; return what is wanted of a task's result."""
    work = run(task, plane_engine(), tile_size=limits().tile_size, region=source.wanted)
    before = 0
    while True:
        try:
            done = next(work).done
        except StopIteration as end:
            result: Pixels = end.value
            return result
        yield from [None] * (done - before)
        before = done


def common_scale(scales: Sequence[int], truth: tuple[float, ...] = ()) -> int:
    """How much the bicubic view enlarges: as the largest model, else as the ground truth, else 4.

    ``truth`` is how many of its pixels replace one of the source's, along rows and columns.
    """
    of_truth = math.ceil(max(truth, default=1))
    largest = max(scales, default=1)
    return largest if largest > 1 else of_truth if of_truth > 1 else 4


def _enlarged_shape(source: Source, scale: int) -> tuple[int, ...]:
    """Shape of what is wanted, so many times as large."""
    shape, box = list(source.image.shape), source.wanted.times(scale)
    rows, columns = source.spatial_axes
    shape[rows], shape[columns] = box.bottom - box.top, box.right - box.left
    return tuple(shape)


def _repeated(plane: Pixels, scale: int) -> Pixels:
    return np.repeat(np.repeat(plane, scale, axis=0), scale, axis=1)
