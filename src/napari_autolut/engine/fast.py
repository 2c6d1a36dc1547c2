"""The fast engine: the reference's arithmetic on rows, in vector code, on several threads.

Belongs here: the order in which nodes run, and where their rows go. The kernels are ``kernels.py``;
what is computed is ``reference.py``, whose bits this engine gives.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from napari_autolut.engine import Plane, Sink
from napari_autolut.engine import Planes as Stack
from napari_autolut.engine.kernels import Rule, Taps, View, core_rows, keep_rows, node_rows
from napari_autolut.engine.plan import ModelPlan, NodePlan, Part, plan_model
from napari_autolut.engine.planes import Planes, lent, planes_of, scratch_for, whole_vectors
from napari_autolut.engine.rounded_sums import rounded_sums
from napari_autolut.engine.threads import in_bands, thread_count
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
            work = _Work(node, source, source.placed(node.taps), images)
            shared = partial(in_bands, height=height * node.scale,
                             width=images * width * node.scale, workers=workers)  # fmt: skip
            if target is None or node is plan.nodes[-1]:
                shared(partial(_last_rows, work, partial(_core, by_scale[1], model, height), sink))
            else:
                shared(partial(_inner_rows, work, target))
                target.extend_columns(node.planes)


class _Work(NamedTuple):
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
    scratch = scratch_for(part.shape)
    node_rows(taps, part.tables, rule, source, target, scratch, rows, part.shape)


def _inner_rows(work: _Work, target: Planes, first: int, last: int) -> None:
    """Compute a band of a node whose channels are read by others."""
    node, upscale = work.node, work.node.rule.upscale
    for image in range(work.images):
        work.run(image, target.view(image, node.planes.start), (first, last))
    target.extend_rows(node.planes, first * upscale, last * upscale)


def _last_rows(work: _Work, core: Sink, sink: Sink, first: int, last: int) -> None:
    """Compute a band of the last node and hand it over, a few rows at a time."""
    node, images, upscale = work.node, work.images, work.node.rule.upscale
    width = work.source.view(0, 0).width
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
                work.run(image, view, (top, bottom))
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
