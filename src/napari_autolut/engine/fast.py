"""The fast engine: the reference's arithmetic on rows, in vector code, on several threads.

Belongs here: the order in which nodes run, how their rows are shared out to threads, and where they
go. The kernels are ``kernels.py``, how many threads there are ``threads.py``; what is computed is
``reference.py``, whose bits this engine gives.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache, partial
from itertools import pairwise
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from napari_autolut.engine import Plane, Sink
from napari_autolut.engine import Planes as Stack
from napari_autolut.engine.kernels import Rule, View, core_rows, keep_rows, node_rows
from napari_autolut.engine.plan import ModelPlan, NodePlan, Part, plan_model
from napari_autolut.engine.planes import Planes, lent, planes_of, scratch_for, whole_vectors
from napari_autolut.engine.rounded_sums import rounded_sums
from napari_autolut.engine.taps import Taps
from napari_autolut.engine.threads import thread_count
from napari_autolut.model import LutModel
from napari_autolut.util.keys_cubic import BICUBIC_RADIUS, phases

STREAMED = 2**18
"""Values of the result that are handed over together, few enough to stay in the caches."""

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


def upscale_planes(model: LutModel, planes: Stack, *, threads: int | None = None) -> Stack:
    """:func:`upscale_plane` for (N, H, W) planes together: threads are told of work once."""
    count, height, width = planes.shape
    result = np.empty((count, height * model.scale, width * model.scale), np.float32)

    def put(first: int, rows: Stack) -> None:
        result[:, first : first + rows.shape[1]] = rows

    upscale_rows(model, planes, put, threads=threads)
    return result


def upscale_rows(model: LutModel, planes: Stack, sink: Sink, *, threads: int | None = None) -> None:
    """:func:`upscale_planes` a few rows at a time, while they are in the processor's caches."""
    values = np.asarray(planes, np.float32)
    images, height, width = values.shape
    workers = threads or thread_count()
    plan = _plans.get(model) or _plans.setdefault(model, plan_model(model))
    with planes_of(plan, values, model.padding) as by_scale:
        for node in plan.nodes:
            source, target = by_scale[node.scale], by_scale.get(node.scale * node.rule.upscale)
            placed = _PlacedNode(node, source, source.placed(node.taps), images)
            shared = partial(in_bands, height=height * node.scale,
                             width=images * width * node.scale, workers=workers)  # fmt: skip
            if target is None or node is plan.nodes[-1]:
                shared(
                    partial(_last_rows, placed, partial(_core, by_scale[1], model, height), sink)
                )
            else:
                shared(partial(_inner_rows, placed, target))
                target.extend_columns(node.planes)


class _PlacedNode(NamedTuple):
    """A node, the planes that it reads, and its taps on them."""

    node: NodePlan
    source: Planes
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
    node_rows(taps, part.tables, rule, source, target, scratch_for(part.shape), rows)


def _inner_rows(placed: _PlacedNode, target: Planes, first: int, last: int) -> None:
    """Compute a band of a node whose channels are read by others."""
    node, upscale = placed.node, placed.node.rule.upscale
    for image in range(placed.images):
        placed.run(image, target.view(image, node.planes.start), (first, last))
    target.extend_rows(node.planes, first * upscale, last * upscale)


def _last_rows(placed: _PlacedNode, core: Sink, sink: Sink, first: int, last: int) -> None:
    """Compute a band of the last node and hand it over, a few rows at a time."""
    node, images, upscale = placed.node, placed.images, placed.node.rule.upscale
    width = placed.source.view(0, 0).width
    row_stride = whole_vectors(width) * upscale
    together = max(1, min(last - first, STREAMED // (images * row_stride * upscale)))
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
            result = values[:, 0, : (bottom - top) * upscale, : width * upscale]
            core(top * upscale, result)
            sink(top * upscale, result)


def _core(source: Planes, model: LutModel, height: int, first: int, results: Stack) -> None:
    """Core rows of every image, and keep what has no noise, in place."""
    views = [source.view(image, 0) for image in range(len(results))]
    if model.coring:
        _, count, width = results.shape
        rows = (first + count - 1) // model.scale - first // model.scale + 2 * BICUBIC_RADIUS + 1
        threshold = np.float32(model.coring) * np.float32(model.coring)
        with lent(rows * width) as memory:
            wide = memory[: rows * width].reshape(rows, width)
            for values, view in zip(results, views, strict=True):
                core_rows(values, wide, view, first, threshold, phases(model.scale))
    if model.noise_floor:
        for values, view in zip(results, views, strict=True):
            keep_rows(values, view, first, height, np.float32(model.noise_floor))


# --- threads --------------------------------------------------------------------------------------

PIXELS_PER_BAND = 4096
"""Fewer are not worth handing to another thread."""

BANDS_PER_WORKER = 4
"""So many that no thread waits long for another one at the end."""

BandWork = Callable[[int, int], None]
"""Computes rows from the first to before the last."""


def in_bands(work: BandWork, height: int, width: int, workers: int) -> None:
    """Run ``work(first row, last row)`` for all rows, ``width`` pixels each, on several threads.

    The caller's thread is one of them, so that nothing waits for threads that others keep busy. An
    error of one thread stops all.

    Raises
    ------
    MemoryError
        If the system has no room for a thread.
    """
    max_bands = BANDS_PER_WORKER * workers if workers > 1 else 1
    count = max(1, min(max_bands, height, height * width // PIXELS_PER_BAND))
    bands = deque(pairwise(height * i // count for i in range(count + 1)))

    def take_bands() -> None:
        while True:
            try:
                band = bands.popleft()
            except IndexError:
                return
            try:
                work(*band)
            except BaseException:
                bands.clear()
                raise

    others: list[Future[None]] = []
    try:
        for _ in range(min(workers, count) - 1):
            others.append(_in_pool(take_bands, workers))
        take_bands()
    except MemoryError:
        bands.clear()
        raise
    finally:
        begun = [each for each in others if not each.cancel()]
        errors = [error for each in begun if (error := each.exception())]
    if errors:
        raise errors[0]


def _in_pool(work: Callable[[], None], workers: int) -> Future[None]:
    """Have another thread do some work, too."""
    try:
        return _pool(workers - 1, os.getpid()).submit(work)
    except RuntimeError as error:  # what Python calls a thread that cannot be started
        raise MemoryError(str(error)) from error


@cache
def _pool(workers: int, process: int) -> ThreadPoolExecutor:
    """One pool a process, since threads do not survive a fork."""
    return ThreadPoolExecutor(workers, f"autolut-{process}")
