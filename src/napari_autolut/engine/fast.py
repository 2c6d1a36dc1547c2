"""The fast engine: the reference's arithmetic on rows, in vector code, on several threads.

Belongs here: the order in which nodes run, and where their rows go. The kernel is ``kernels.py``;
what is computed is ``reference.py``, whose bits this engine gives.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from napari_autolut.engine import Plane, Sink
from napari_autolut.engine import Planes as Stack
from napari_autolut.engine.bands import in_bands
from napari_autolut.engine.coring_rows import core_rows
from napari_autolut.engine.kernels import Rule, Taps, View, node_rows, scratch_for
from napari_autolut.engine.memory import lent
from napari_autolut.engine.plan import NodePlan, Part, plan_model
from napari_autolut.engine.planes import Planes, planes_of, whole_vectors
from napari_autolut.engine.rounded_sums import rounded_sums
from napari_autolut.engine.threads import thread_count
from napari_autolut.model import LutModel

STREAMED = 2**18
"""Values of the result that are handed over together, few enough to stay in the caches."""

Rows = tuple[int, int]
"""The first row, and the one after the last."""


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
    plan = plan_model(model)
    with planes_of(plan, values, model.padding) as by_scale:
        for number, node in enumerate(plan.nodes, 1):
            source = by_scale[node.scale]
            shared = partial(in_bands, height=height * node.scale,
                             width=images * width * node.scale, workers=workers)  # fmt: skip
            if number < len(plan.nodes):
                target = by_scale[node.scale * node.rule.upscale]
                shared(partial(_inner_rows, node, source, target, images))
                target.extend_columns(node.planes)
            else:
                core = partial(_core, by_scale[1], model)
                shared(partial(_last_rows, node, source, images, core, sink))


def _inner_rows(
    node: NodePlan, source: Planes, target: Planes, images: int, first: int, last: int
) -> None:
    """Compute a band of a node whose channels are read by others."""
    run = _Runner(node, source)
    for image in range(images):
        run(image, target.view(image, node.first_plane), (first, last))
    target.extend_rows(node.planes, first * node.rule.upscale, last * node.rule.upscale)


def _last_rows(
    node: NodePlan, source: Planes, images: int, core: Sink, sink: Sink, first: int, last: int
) -> None:
    """Compute a band of the last node and hand it over, a few rows at a time."""
    run, upscale = _Runner(node, source), node.rule.upscale
    width = source.view(0, 0).width
    pitch = whole_vectors(width) * upscale
    together = max(1, min(last - first, STREAMED // (images * pitch * upscale)))
    step = together * upscale * pitch
    with lent(images * node.channels * step) as memory:
        shape = images, node.channels, together * upscale, pitch
        values = memory[: images * node.channels * step].reshape(shape)
        for top in range(first, last, together):
            bottom = min(top + together, last)
            for image in range(images):
                start = image * node.channels * step - top * upscale * pitch
                run(image, View(memory, start, pitch, step, width * upscale), (top, bottom))
            rows = (bottom - top) * upscale
            result = values[:, 0, :rows, : width * upscale]
            core(top * upscale, result)
            sink(top * upscale, result)


def _core(source: Planes, model: LutModel, first: int, results: Stack) -> None:
    """Core rows of every image in place."""
    for image, values in enumerate(results if model.coring else ()):
        core_rows(values, source.view(image, 0), first, model.scale, model.coring)


class _Runner:
    """Runs a node on bands, for one thread."""

    def __init__(self, node: NodePlan, source: Planes) -> None:
        self._node, self._source = node, source
        self._taps = Taps(source.offsets(node.taps.taps), *node.taps[1:])

    def __call__(self, image: int, target: View, rows: Rows) -> None:
        """Compute rows of all channels of an image."""
        source, rule = self._source.view(image, 0), self._node.rule
        for part in self._node.parts:
            out = target._replace(start=target.start + part.first_channel * target.step)
            run = partial(_run, part, source, rows)
            if self._node.rounding:
                channels = len(part.shape.columns) // rule.upscale**2
                rounded_sums(run, self._taps, rule, out, rows, channels, self._node.rounding)
            else:
                run(self._taps, rule, out)


def _run(part: Part, source: View, rows: Rows, taps: Taps, rule: Rule, target: View) -> None:
    scratch = scratch_for(part.shape)
    node_rows(taps, part.tables, rule, source, target, scratch, rows, part.shape)
