"""The fast engine: the reference's arithmetic on rows, in vector code, on several threads.

Belongs here: the planes that nodes read and write, where each lies in memory and what is beyond its
edges. So do the order in which nodes run, and where their rows go. The kernels are ``kernels.py``,
threads ``threads.py``; what is computed is ``reference.py``, whose bits this engine gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache, partial
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from napari_autolut.compilation.values import LANES
from napari_autolut.engine import Plane, Planes, Sink
from napari_autolut.engine.kernels import Rule, View, finish_rows, node_rows, scratch_for
from napari_autolut.engine.plan import ModelPlan, NodePlan, Part, plan_model
from napari_autolut.engine.rounded_sums import rounded_sums
from napari_autolut.engine.sampling_steps import SLACK
from napari_autolut.engine.square_steps import FIRST_NUMBER, NUMBERS_OF_PLANE
from napari_autolut.engine.taps import Taps
from napari_autolut.engine.threads import lent, shared_bands, thread_count
from napari_autolut.model import SQUARE_SIDE, LutModel, Padding
from napari_autolut.util.boxes import next_multiple

Floats = NDArray[np.float32]
Places = NDArray[np.int64]

STREAMED = 2**20
"""Values of the result that are handed over together: few enough for the caches that cores share,
and so many that what Python does in between, out of cold memory, is hardly seen."""

_plans: WeakKeyDictionary[LutModel, ModelPlan] = WeakKeyDictionary()
"""Models laid out, as long as they live."""


def upscale_plane(model: LutModel, plane: Plane, *, threads: int | None = None) -> Plane:
    """Run a model on one plane.

    Parameters
    ----------
    model : LutModel
        The look-ups to do.
    plane : ndarray of float32, shape (H, W)
        Values in [0, 255]; H and W are at least 1.
    threads : int, optional
        How many to use; by default :func:`napari_autolut.engine.threads.thread_count`.

    Returns
    -------
    ndarray of float32, shape (H * r, W * r)
        Values in [0, 255], the same bits as the reference engine's.
    """
    result: Plane = upscale_planes(model, plane[None], threads=threads)[0]
    return result


def upscale_planes(model: LutModel, planes: Planes, *, threads: int | None = None) -> Planes:
    """:func:`upscale_plane` for (N, H, W) planes together: threads are told of work once."""
    count, height, width = planes.shape
    result = np.empty((count, height * model.scale, width * model.scale), np.float32)

    def put(first: int, rows: Planes) -> None:
        result[:, first : first + rows.shape[1]] = rows

    upscale_rows(model, planes, put, threads=threads)
    return result


def upscale_rows(
    model: LutModel, planes: Planes, sink: Sink, *, threads: int | None = None
) -> None:
    """:func:`upscale_planes` a few rows at a time, while they are in the processor's caches."""
    values = np.asarray(planes, np.float32)
    images, height, width = values.shape
    workers = threads or thread_count()
    plan = _plans.get(model) or _plans.setdefault(model, plan_model(model))
    with planes_of(plan, values, model.padding) as by_scale:
        for node in plan.nodes:
            source = by_scale[node.scale]
            placed = _PlacedNode(node, source, source.placed(node.taps), images)
            size = height * node.scale, images * width * node.scale
            if node is plan.nodes[-1]:
                sources = [by_scale[1].view(image, 0) for image in range(images)]
                finish = partial(finish_rows, model, sources, height)
                in_bands(partial(_last_rows, placed, finish, sink), *size, workers)
            else:
                target = by_scale[node.scale * node.rule.upscale]
                in_bands(partial(_inner_rows, placed, target), *size, workers)
                target.extend_columns(node.planes)


class _PlacedNode(NamedTuple):
    """A node, the planes that it reads, and its taps on them."""

    node: NodePlan
    source: PlaneBuffer
    taps: Taps
    images: int

    def run(self, image: int, target: View, rows: tuple[int, int]) -> None:
        """Compute rows of all channels of an image, from the first to before the last."""
        source, rule = self.source.view(image, 0), self.node.rule
        for part in self.node.parts:
            out = target._replace(start=target.start + part.first_channel * target.channel_stride)
            run = partial(_run, part, source, rows)
            if self.node.rounding:
                channels = len(part.shape.columns) // rule.upscale**2
                rounded_sums(run, self.taps, rule, out, rows, channels, self.node.rounding)
            else:
                run(self.taps, rule, out)


def _run(
    part: Part, source: View, rows: tuple[int, int], taps: Taps, rule: Rule, target: View
) -> None:
    with lent(FIRST_NUMBER + NUMBERS_OF_PLANE * len(taps.planes)) as samples:
        scratch = scratch_for(part.shape)._replace(samples=samples)
        node_rows(taps, part.tables, rule, source, target, scratch, rows)


def _inner_rows(placed: _PlacedNode, target: PlaneBuffer, first: int, last: int) -> None:
    """Compute a band of a node whose channels are read by others."""
    node, upscale = placed.node, placed.node.rule.upscale
    for image in range(placed.images):
        placed.run(image, target.view(image, node.planes.start), (first, last))
    target.extend_rows(node.planes, first * upscale, last * upscale)


def _last_rows(placed: _PlacedNode, finish: Sink, sink: Sink, first: int, last: int) -> None:
    """Compute a band of the last node and hand it over, a few rows at a time."""
    node, images, upscale = placed.node, placed.images, placed.node.rule.upscale
    width = placed.source.view(0, 0).width
    row_stride = next_multiple(width, LANES) * upscale
    streamed = STREAMED // (images * row_stride * upscale) // SQUARE_SIDE * SQUARE_SIDE
    together = min(last - first, max(SQUARE_SIDE, streamed))
    channel_stride = together * upscale * row_stride
    with lent(images * node.channels * channel_stride) as memory:
        shape = images, node.channels, together * upscale, row_stride
        values = memory[: images * node.channels * channel_stride].reshape(shape)
        for top in range(first, last, together):
            bottom = min(top + together, last)
            for image in range(images):
                start = image * node.channels * channel_stride - top * upscale * row_stride
                view = View(memory, start, row_stride, channel_stride, width * upscale)
                placed.run(image, view, (top, bottom))
            result = values[:, 0, : (bottom - top) * upscale]
            finish(top * upscale, result)
            sink(top * upscale, result[..., : width * upscale])


def in_bands(work: Callable[[int, int], None], height: int, width: int, workers: int) -> None:
    """Run ``work(first row, last row)`` for all rows, ``width`` pixels each, on several threads.

    Raises
    ------
    MemoryError
        If the system has no room for a thread.
    """
    with shared_bands(work, height, width, workers) as bands:
        for band in bands:
            work(*band)


# --- planes ---------------------------------------------------------------------------------------


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
        return next_multiple(self.border, LANES)

    @property
    def row_stride(self) -> int:
        """Values of a row: kernels write whole vectors of pixels, or of their blocks."""
        beyond = LANES * self.scale if self.scale > 1 else 0
        return self.left + next_multiple(self.width + max(self.border, beyond), LANES)

    @property
    def rows(self) -> int:
        """Rows with those of the border."""
        return self.height + 2 * self.border

    @property
    def values(self) -> int:
        """Values of all planes, and some that are read but never matter."""
        return self.images * self.planes * self.rows * self.row_stride + self.row_stride + SLACK


class PlaneBuffer:
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
        memory[used.size : size.values] = 0
        self._rows = _beyond(size.height, size.border, size.border, padding)
        self._columns = _beyond(size.width, size.border, self._left, padding)

    def placed(self, taps: Taps) -> Taps:
        """Taps whose (plane, row, column) offsets become distances from a pixel of plane 0."""
        strides = np.array([self._plane_stride, self._row_stride, 1])
        return taps._replace(offsets=taps.offsets @ strides, planes=taps.planes @ strides)

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
def planes_of(
    plan: ModelPlan, values: Floats, padding: Padding
) -> Iterator[dict[int, PlaneBuffer]]:
    """Memory for everything that a model's nodes read of (images, H, W) values, by scale."""
    images, height, width = values.shape
    with ExitStack() as stack:
        made = {}
        for scale, (planes, border) in plan.read.items():
            size = Size(images, planes, height * scale, width * scale, border, scale)
            made[scale] = PlaneBuffer(stack.enter_context(lent(size.values)), size, padding)
        made[1].put(0, values)
        yield made
