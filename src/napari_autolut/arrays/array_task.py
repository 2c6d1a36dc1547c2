"""A task: what is done to an array, all settled, to be computed block by block.

Belongs here: which blocks there are and what one of them is, whatever is done. Executors run them:
this process (``steps.py``), dask (``lazy.py``), files and clusters (``batch/``), previews
(``layers/``). An upscaling is ``task.py``; denoising has a task of its own, in ``denoising/``.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from typing import Any, NamedTuple, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.holes import non_finite_mask
from napari_autolut.arrays.image import Axes
from napari_autolut.engine import PlaneEngine
from napari_autolut.util.boxes import Box, even_parts, grid_boxes, whole
from napari_autolut.util.grid import Grid, Scale

MIN_STEPS = 16
"""Planes of a stack are worked on in at least so many steps, for progress to be seen."""

Pixels = NDArray[Any]

T = TypeVar("T")


class Block(NamedTuple):
    """A box of some planes; colours of an image belong to one block.

    Parameters
    ----------
    planes : tuple of int or slice
        Which planes: an index of the axes that are neither spatial nor colours.
    box : Box
        Rows and columns.
    """

    planes: tuple[int | slice, ...]
    box: Box


@dataclass(frozen=True, eq=False)
class ArrayTask(ABC):
    """What is to be done to an array block by block, whatever it is.

    Parameters
    ----------
    array : array_like
        Of any real dtype; in memory, or a view of a file, where a block is computed. Of an array on
        disk, with shape, dtype and basic indexing alone, blocks are computed as patches.
    axes : Axes
        What its axes are.
    """

    array: Any
    axes: Axes

    @property
    @abstractmethod
    def scale(self) -> Scale:
        """How many times as large the result is; no whole number in a :class:`ResampledTask`."""

    @property
    def grid(self) -> Grid:
        """Where the result's pixels lie over those of the array."""
        return Grid.of(int(self.scale))

    def result_box(self, box: Box) -> Box:
        """Where the result of a box of the array lies."""
        return self.grid.result(box)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the result's pixels: that of the array's own."""
        own: np.dtype[Any] = np.dtype(self.array.dtype)
        return own

    @property
    @abstractmethod
    def halo_radius(self) -> int:
        """Pixels around a block that its result depends on, a multiple of :attr:`step`."""

    @property
    @abstractmethod
    def uniform(self) -> bool:
        """Whether the same is done to all planes, so that several can go together."""

    @abstractmethod
    def of_channels(self, channels: slice) -> Self:
        """The task with what holds for some positions of the channel axis, as if they were all."""

    @abstractmethod
    def compute(self, block: Block, out: Pixels, engine: PlaneEngine) -> None:
        """Compute the result of a block.

        Parameters
        ----------
        block : Block
            Of this task.
        out : numpy.ndarray, shape (..., h * r, w * r) or (..., h * r, w * r, 3 or 4)
            Gets the pixels; a view that :meth:`target` gives, or an array of that shape.
        engine : PlaneEngine
            What runs the model.
        """

    @property
    def step(self) -> int:
        """Rows and columns of which a part of the array must begin at a multiple."""
        return 1

    def on(self, array: Any, start: Sequence[int] = ()) -> Self:
        """The same task on another array with the same axes, such as a part of the first.

        ``start`` is the part's first pixel on each axis but that of colours; without one the other
        array has the positions of the first along all axes.
        """
        task, channel = self, self.axes.channel
        if start and channel is not None and not self.uniform:
            task = self.of_channels(slice(start[channel], start[channel] + array.shape[channel]))
        rows, columns = self.axes.spatial
        return task._moved(array, self.axes, (start[rows], start[columns]) if start else (0, 0))

    def _moved(self, array: Any, axes: Axes, first: tuple[int, int]) -> Self:
        """The task on a part of the array that begins at a row and column."""
        return replace(self, array=array, axes=axes)

    def of_planes(self, block: Block) -> Self:
        """The task with what holds for the planes of a block, as if that were all there is."""
        if self.uniform or self.axes.channel is None:
            return self
        channel = self.channel_of(block)
        return self.of_channels(slice(channel, channel + 1))

    def channel_of(self, block: Block) -> int:
        """Position of a block on the channel axis; 0 where there is none."""
        if self.axes.channel is None:
            return 0
        channel = block.planes[self.axes.leading(self.array.ndim).index(self.axes.channel)]
        assert isinstance(channel, int)
        return channel

    def one_of(self, each: Sequence[T], block: Block, colour: int = 0) -> T:
        """What holds for a block and a colour of it: its own, or the only one."""
        if len(each) == 1:
            return each[0]
        return each[colour if self.axes.rgb else self.channel_of(block)]

    @property
    def whole(self) -> Box:
        """All rows and columns."""
        return whole(self.axes.size(self.array.shape))

    @property
    def plane_count(self) -> int:
        """Number of planes, each colour counted."""
        height, width = self.axes.size(self.array.shape)
        pixels: int = math.prod(self.array.shape)
        return pixels // (height * width)

    def result_shape(self, region: Box) -> tuple[int, ...]:
        """Shape of the result of a region of all planes."""
        shape = list(self.array.shape)
        for axis, part in zip(self.axes.spatial, self.result_box(region).slices, strict=True):
            shape[axis] = part.stop - part.start
        return tuple(shape)

    def blocks(self, boxes: Sequence[Box], together: int = 1) -> Iterator[Block]:
        """All planes, cut into boxes: plane after plane, box after box.

        Up to ``together`` neighbours along the last of the other axes make one block, unless they
        have colours, or channels have ranges of their own.
        """
        leading = [self.array.shape[axis] for axis in self.axes.leading(self.array.ndim)]
        places: Iterable[tuple[int | slice, ...]] = np.ndindex(*leading)
        if leading and together > 1 and not self.axes.rgb and self.uniform:
            *others, length = leading
            together = min(together, -(-length // MIN_STEPS))
            parts = [slice(*ends) for ends in even_parts(0, length, -(-length // together))]
            places = ((*index, part) for index in np.ndindex(*others) for part in parts)
        return (Block(place, box) for place in places for box in boxes)

    def squares(
        self, side: int, flips: Sequence[bool] = (False, False)
    ) -> Iterator[tuple[Block, Box]]:
        """All planes, cut into squares of the result; each behind a block that has it.

        ``side`` is a multiple of the scale, where that is whole; along rows or columns with a flip
        it is counted from the end.
        """
        extent = self.result_box(self.whole)
        squares = [square.mirrored(extent, flips) for square in grid_boxes(extent, side)]
        blocks = self.blocks([self.grid.source(square) for square in squares])
        return zip(blocks, cycle(squares))

    def cut_to(self, square: Box, block: Block, values: Pixels) -> Pixels:
        """View of a square of the result in the values of a block that has it."""
        return self._cut(values, square.within(self.result_box(block.box)))

    def computed(
        self, block: Block, engine: PlaneEngine, dtype: np.dtype[Any] | None = None
    ) -> Pixels:
        """Give the result of a block as an array of its own, in another type if one is given."""
        shape, rows = list(self.source(block).shape), -3 if self.axes.rgb else -2
        box = self.result_box(block.box)
        shape[rows], shape[rows + 1] = box.bottom - box.top, box.right - box.left
        result = np.empty(shape, self.dtype if dtype is None else dtype)
        self.compute(block, result, engine)
        return result

    def target(self, result: Pixels, block: Block, region: Box) -> Pixels:
        """View of where a block lies in the result of a region of all planes."""
        box = self.result_box(block.box).within(self.result_box(region))
        return self._cut(self.axes.spatial_last(result)[block.planes], box)

    def source(self, block: Block) -> Pixels:
        """View of the pixels of a block, without those around it."""
        return self._cut(self._planes(block), block.box)

    def patch(self, block: Block) -> tuple[Pixels, Block]:
        """A block's own pixels and those around it, read into memory, and the block within them.

        For arrays on disk, of which no view can be made, and for blocks computed elsewhere.
        """
        shape = self.axes.size(self.array.shape)
        outer = block.box.grown(self.halo_radius, shape).aligned(self.step, shape)
        ndim = len(self.array.shape)
        index: list[int | slice] = [slice(None)] * ndim
        for axis, place in zip(self.axes.leading(ndim), block.planes, strict=True):
            index[axis] = place
        for axis, part in zip(self.axes.spatial, outer.slices, strict=True):
            index[axis] = part
        kept = [axis for axis, place in enumerate(index) if isinstance(place, slice)]
        rows, columns = (kept.index(axis) for axis in self.axes.spatial)
        found = Axes((rows, columns), self.axes.rgb).spatial_last(
            np.array(self.array[tuple(index)])
        )
        planes = tuple(slice(None) for place in block.planes if isinstance(place, slice))
        return np.ascontiguousarray(found), Block(planes, block.box.within(outer))

    def on_patch(self, block: Block, patch: Pixels, place: Block) -> Self:
        """The task of a block on what :meth:`patch` gave, which may be elsewhere."""
        rows = patch.ndim - 2 - self.axes.rgb
        axes = Axes((rows, rows + 1), self.axes.rgb)
        first = block.box.top - place.box.top, block.box.left - place.box.left
        return self.of_planes(block)._moved(patch, axes, first)

    def planes_in(self, block: Block) -> int:
        """Number of planes in a block, each colour counted."""
        return len(self._stacked(self._planes(block)))

    def has_non_finite(self, block: Block) -> bool:
        """Whether pixels of a block are NaN or infinite."""
        return self.array.dtype.kind == "f" and non_finite_mask(self.source(block)) is not None

    def _planes(self, block: Block) -> Pixels:
        planes: Pixels = self.axes.spatial_last(self.array)[block.planes]
        return planes

    def _cut(self, planes: Pixels, box: Box) -> Pixels:
        colours = (slice(None),) if self.axes.rgb else ()
        return planes[(..., *box.slices, *colours)]

    def _stacked(self, planes: Pixels) -> Pixels:
        """(N, H, W): colours, neighbours or a single plane."""
        if self.axes.rgb:
            return np.moveaxis(planes, -1, 0)
        return planes if planes.ndim == 3 else planes[None]
