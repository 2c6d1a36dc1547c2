"""The planes that nodes read and write, with a border around each of them.

Belongs here: where every plane lies in memory, and what lies beyond an image's edges. All planes of
one scale, of several images, are of one size and in one piece of memory, so that a tap is one
distance from its pixel in all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.engine.kernels import Taps, View
from napari_autolut.engine.memory import lent
from napari_autolut.engine.plan import ModelPlan
from napari_autolut.engine.sampling_steps import SLACK
from napari_autolut.engine.vectors import LANES
from napari_autolut.model import Padding

Floats = NDArray[np.float32]
Places = NDArray[np.int64]


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
        self._plane_stride = size.rows * size.row_stride
        used = memory[: size.images * size.planes * self._plane_stride]
        self._bordered = used.reshape(size.images, size.planes, size.rows, size.row_stride)
        # Kernels read a little further than they need. Whatever the memory held before may be taken
        # for numbers so close to 0 that a processor takes a hundred times as long to add them.
        self._bordered[..., : size.left - size.border] = 0
        self._bordered[..., size.left + size.width + size.border :] = 0
        memory[used.size : size.values] = 0
        self._rows = _beyond(size.height, size.border, size.border, padding)
        self._columns = _beyond(size.width, size.border, size.left, padding)

    def placed(self, taps: Taps) -> Taps:
        """Taps whose (plane, row, column) offsets become distances from a pixel of plane 0."""
        return taps._replace(
            offsets=taps.offsets @ np.array([self._plane_stride, self._size.row_stride, 1])
        )

    def view(self, image: int, plane: int) -> View:
        """The planes of an image from one on."""
        size = self._size
        first = (image * size.planes + plane) * self._plane_stride
        start = first + size.border * size.row_stride + size.left
        return View(self._flat, start, size.row_stride, self._plane_stride, size.width)

    def put(self, plane: int, values: Floats) -> None:
        """Copy (images, H, W) values to one plane of each image."""
        size, only = self._size, slice(plane, plane + 1)
        rows = slice(size.border, size.border + size.height)
        self._bordered[:, plane, rows, size.left : size.left + size.width] = values
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
        for scale in {node.scale for node in plan.nodes}:
            shape = images, plan.planes[scale], height * scale, width * scale
            size = Size(*shape, plan.border(scale), scale)
            made[scale] = Planes(stack.enter_context(lent(size.values)), size, padding)
        made[1].put(0, values)
        yield made
