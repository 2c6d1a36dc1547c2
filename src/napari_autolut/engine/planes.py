"""The planes that nodes read and write, with a border around each of them.

Belongs here: where every plane lies in memory, and what lies beyond an image's edges. All planes of
one scale, of several images, are of one size and in one piece of memory, so that a tap is one
distance from its pixel in all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import numpy as np
from numpy.typing import NDArray

from napari_autolut.engine.kernels import View
from napari_autolut.engine.memory import lent
from napari_autolut.engine.plan import ModelPlan
from napari_autolut.engine.sampling_steps import SLACK
from napari_autolut.engine.vectors import LANES
from napari_autolut.model.graph import Padding

Floats = NDArray[np.float32]


def whole_vectors(count: int) -> int:
    """The next multiple of the vector length."""
    return -(-count // LANES) * LANES


class Planes:
    """All planes of one scale: (images, planes, H, W) with a border, in one piece of memory."""

    def __init__(
        self, memory: Floats, shape: tuple[int, int, int, int], border: int, padding: Padding
    ) -> None:
        images, planes, height, width = shape
        self._flat, self._border, self._size = memory, border, (height, width)
        self._left = whole_vectors(border)
        self.pitch = self._left + whole_vectors(width + border)
        self.step = (height + 2 * border) * self.pitch
        self._planes = planes
        bordered = memory[: images * planes * self.step]
        self._bordered = bordered.reshape(images, planes, height + 2 * border, self.pitch)
        self._around = [
            np.pad(np.arange(side), border, mode=padding)  # type: ignore[call-overload]
            for side in (height, width)
        ]

    @staticmethod
    def count(shape: tuple[int, int, int, int], border: int) -> int:
        """How many values they take."""
        images, planes, height, width = shape
        pitch = whole_vectors(border) + whole_vectors(width + border)
        return images * planes * (height + 2 * border) * pitch + SLACK

    def offsets(self, taps: NDArray[np.int64]) -> NDArray[np.int64]:
        """(plane, row, column) taps as distances from a pixel of plane 0."""
        distances: NDArray[np.int64] = taps @ np.array([self.step, self.pitch, 1])
        return distances

    def view(self, image: int, plane: int) -> View:
        """The planes of an image from one on."""
        first = (image * self._planes + plane) * self.step
        start = first + self._border * self.pitch + self._left
        return View(self._flat, start, self.pitch, self.step, self._size[1])

    def put(self, plane: int, values: Floats) -> None:
        """Copy (images, H, W) values to one plane of each image."""
        height, width = self._size
        rows = slice(self._border, self._border + height)
        self._bordered[:, plane, rows, self._left : self._left + width] = values
        self.extend(slice(plane, plane + 1), 0, height)

    def extend(self, planes: slice, first: int, last: int) -> None:
        """Put what lies beyond the edges around some rows of planes."""
        border, left, (height, width) = self._border, self._left, self._size
        if border == 0:
            return
        of_planes = self._bordered[:, planes]
        above, beside = self._around
        rows = of_planes[:, :, border + first : border + last]
        rows[..., left - border : left] = rows[..., left + beside[:border]]
        rows[..., left + width : left + width + border] = rows[..., left + beside[-border:]]
        if first == 0:
            of_planes[:, :, :border] = of_planes[:, :, border + above[:border]]
        if last == height:
            of_planes[:, :, border + height :] = of_planes[:, :, border + above[-border:]]


@contextmanager
def planes_of(
    plan: ModelPlan, values: Floats, padding: Padding
) -> Iterator[dict[int, Planes]]:
    """Memory for everything that a model's nodes read of (images, H, W) values, by scale."""
    images, height, width = values.shape
    with ExitStack() as stack:
        made = {}
        for scale in {node.scale for node in plan.nodes}:
            shape = images, plan.planes[scale], height * scale, width * scale
            border = plan.border(scale)
            memory = stack.enter_context(lent(Planes.count(shape, border)))
            made[scale] = Planes(memory, shape, border, padding)
        made[1].put(0, values)
        yield made
