"""The planes that nodes read and write, with a border around each of them.

Belongs here: where every plane lies in memory, what lies beyond an image's edges, and that a thread
uses its memory again. Planes of one scale, of several images, have one size and lie in one piece of
memory: a tap has the same distance from its pixel in all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from threading import local
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.engine.compilation import address
from napari_autolut.engine.kernels import Scratch, View, rows_kernel
from napari_autolut.engine.memory import aligned_empty
from napari_autolut.engine.plan import ModelPlan
from napari_autolut.engine.sampling_steps import BLOCK, SAMPLED, SLACK, sample_block
from napari_autolut.engine.shapes import MEMBERS, Shape
from napari_autolut.engine.taps import Taps
from napari_autolut.engine.vectors import LANES
from napari_autolut.model import Padding

Floats = NDArray[np.float32]
Places = NDArray[np.int64]

KEPT = 2**27
"""Bytes that each thread keeps for its next call: a frame, a tile, the view of a lens."""


class _Kept(local):
    """What a thread has used and may use again.

    The system clears new memory page by page when it is first touched; between look-ups that would
    throw the tables out of the caches.
    """

    def __init__(self) -> None:
        self.free: list[Floats] = []
        self.scratch: dict[Shape, Scratch] = {}


_kept = _Kept()


@contextmanager
def lent(count: int) -> Iterator[Floats]:
    """``count`` float32 values or more, of any content, until the end of the context."""
    free = _kept.free
    number = next((i for i, old in enumerate(free) if count <= old.size <= 2 * count), None)
    memory = aligned_empty(count, np.float32) if number is None else free.pop(number)
    try:
        yield memory
    finally:
        free.append(memory)
        while sum(old.nbytes for old in free) > KEPT:
            del free[0]


def scratch_for(shape: Shape) -> Scratch:
    """The calling thread's memory for a block of a shape, of any content."""
    if shape not in _kept.scratch:
        inputs = len(shape.inputs)
        vertices = (inputs + 1) * BLOCK
        _kept.scratch[shape] = Scratch(
            aligned_empty(max(MEMBERS) * inputs * BLOCK, np.float32),
            aligned_empty(vertices, np.int32),
            aligned_empty(vertices, np.float32),
            aligned_empty(4 * BLOCK * len(shape.columns), np.float32),
            address(sample_block, SAMPLED),
            rows_kernel(shape),
        )
    return _kept.scratch[shape]


def whole_vectors(count: int) -> int:
    """The next multiple of the vector length."""
    return -(-count // LANES) * LANES


class Size(NamedTuple):
    """How many planes there are, how large they are, and what is around each of them."""

    images: int
    planes: int
    height: int
    width: int
    border: int
    scale: int

    @property
    def left(self) -> int:
        """Values of a row before the first pixel: the border, so that pixels begin a vector."""
        return whole_vectors(self.border)

    @property
    def row_stride(self) -> int:
        """Values of a row: kernels write whole vectors of pixels, or of their blocks."""
        beyond = LANES * self.scale if self.scale > 1 else 0
        return self.left + whole_vectors(self.width + max(self.border, beyond))

    @property
    def rows(self) -> int:
        """Rows with those of the border."""
        return self.height + 2 * self.border

    @property
    def values(self) -> int:
        """Values of all planes, and some that are read but never matter."""
        return self.images * self.planes * self.rows * self.row_stride + SLACK


class Planes:
    """All planes of one scale: (images, planes, H, W) with a border, in one piece of memory."""

    def __init__(self, memory: Floats, size: Size, padding: Padding) -> None:
        self._flat, self._size = memory, size
        self._left, self._row_stride = size.left, size.row_stride
        self._plane_stride = size.rows * self._row_stride
        used = memory[: size.images * size.planes * self._plane_stride]
        self._bordered = used.reshape(size.images, size.planes, size.rows, self._row_stride)
        # Kernels read a little further than they need. Whatever the memory held before may be taken
        # for numbers so close to 0 that a processor takes a hundred times as long to add them.
        self._bordered[..., : self._left - size.border] = 0
        self._bordered[..., self._left + size.width + size.border :] = 0
        memory[used.size : used.size + SLACK] = 0
        self._rows = _beyond(size.height, size.border, size.border, padding)
        self._columns = _beyond(size.width, size.border, self._left, padding)

    def placed(self, taps: Taps) -> Taps:
        """Taps whose (plane, row, column) offsets become distances from a pixel of plane 0."""
        return taps._replace(
            offsets=taps.offsets @ np.array([self._plane_stride, self._row_stride, 1])
        )

    def view(self, image: int, plane: int) -> View:
        """The planes of an image from one on."""
        size = self._size
        first = (image * size.planes + plane) * self._plane_stride
        start = first + size.border * self._row_stride + self._left
        return View(self._flat, start, self._row_stride, self._plane_stride, size.width)

    def put(self, plane: int, values: Floats) -> None:
        """Copy (images, H, W) values to one plane of each image."""
        size, only = self._size, slice(plane, plane + 1)
        rows = slice(size.border, size.border + size.height)
        self._bordered[:, plane, rows, self._left : self._left + size.width] = values
        self.extend_rows(only, 0, size.height)
        self.extend_columns(only)

    def extend_rows(self, planes: slice, first: int, last: int) -> None:
        """Put what lies beyond the left and the right edge beside some rows of planes."""
        beyond, within = self._columns
        rows = self._bordered[:, planes, self._size.border + first : self._size.border + last]
        rows[..., beyond] = rows[..., within]

    def extend_columns(self, planes: slice) -> None:
        """Put what lies beyond the upper and the lower edge of planes whose rows are all there."""
        beyond, within = self._rows
        of_planes = self._bordered[:, planes]
        of_planes[:, :, beyond] = of_planes[:, :, within]


@lru_cache(maxsize=64)
def _beyond(length: int, border: int, first: int, padding: Padding) -> tuple[Places, Places]:
    """Places beyond an axis whose pixels begin at ``first``, and those that they repeat."""
    every = np.arange(-border, length + border)
    outside = (every < 0) | (every >= length)
    repeated = np.pad(np.arange(length), border, mode=padding)
    return first + every[outside], first + repeated[outside]


@contextmanager
def planes_of(plan: ModelPlan, values: Floats, padding: Padding) -> Iterator[dict[int, Planes]]:
    """Memory for everything that a model's nodes read of (images, H, W) values, by scale."""
    images, height, width = values.shape
    with ExitStack() as stack:
        made = {}
        for scale, (planes, border) in plan.read.items():
            size = Size(images, planes, height * scale, width * scale, border, scale)
            made[scale] = Planes(stack.enter_context(lent(size.values)), size, padding)
        made[1].put(0, values)
        yield made
