"""The fast engine: the reference's arithmetic on rows, in vector code, on several threads.

Belongs here: which nodes read what, where they put their rows, and in which order they run. The
kernels are ``node_rows.py`` and ``whole.py``; what is computed is ``reference.py``, whose bits this
engine gives.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from napari_autolut.engine import Plane, Planes, Sink
from napari_autolut.engine.borders import is_whole
from napari_autolut.engine.chain import Chain
from napari_autolut.engine.node_rows import SPAN, filtered_rows, sampled_rows
from napari_autolut.engine.plan import NodePlan, plan_model
from napari_autolut.engine.planes import Read, Room
from napari_autolut.engine.simd import LANES, static
from napari_autolut.engine.threads import thread_count
from napari_autolut.engine.whole import WholeBand, WholeRead
from napari_autolut.engine.whole_plan import whole_plan
from napari_autolut.model.graph import LutModel

Rows = Callable[[Room, int, int], None]
"""Puts rows of one node into a room: of a band, from its first to its last, in one go or more."""

Begin = Callable[[], Rows]
"""What a band begins with."""

STREAMED = 2**18
"""Values of the result that are handed over together, few enough to stay in the caches."""

WORDS = (1, 2, 4, 8)
"""Bytes that are read in one go: rows of a table so short are added up for some pixels at once."""


def upscale_plane(model: LutModel, plane: Plane, *, threads: int | None = None) -> Plane:
    """Run a model on one plane.

    Parameters
    ----------
    model : the look-ups to do
    plane : (H, W) float32 in [0, 255], H and W at least 1
    threads : how many to use; by default `thread_count` of ``limits.py``

    Returns
    -------
    (H * r, W * r) float32 in [0, 255], the same bits as the reference engine's
    """
    result: Plane = upscale_planes(model, plane[None], threads=threads)[0]
    return result


def upscale_planes(model: LutModel, planes: Planes, *, threads: int | None = None) -> Planes:
    """:func:`upscale_plane` for (N, H, W) planes together: threads are told of work once."""
    workers = threads or thread_count()
    result = Room.new((len(planes), 1, *_enlarged(planes, model.scale)), workers)
    _run(model, planes, partial(_fill, result), workers)
    return np.asarray(result.values[:, 0])


def upscale_rows(
    model: LutModel, planes: Planes, sink: Sink, *, threads: int | None = None
) -> None:
    """:func:`upscale_planes` a few rows at a time, while they are in the processor's caches."""
    factor = plan_model(model)[-1].upscale
    width = planes.shape[2] * model.scale
    together = max(1, STREAMED // (len(planes) * width * factor))

    def hand_over(begin: Begin, first: int, last: int) -> None:
        rows = begin()
        with Room.lent((len(planes), together * factor, width)) as room:
            for top in range(first, last, together):
                bottom = min(top + together, last)
                rows(room.below(top * factor), top, bottom)
                sink(top * factor, room.values[:, 0, : (bottom - top) * factor])

    _run(model, planes, hand_over, threads or thread_count())


def _run(
    model: LutModel,
    planes: Planes,
    finish: Callable[[Begin, int, int], None],
    workers: int,
) -> None:
    """Run all nodes on (N, H, W) planes; ``finish`` chooses where bands of the last are put."""
    # A copy is always contiguous and writable, so that kernels are compiled for one kind of array.
    signals = [np.array(planes, np.float32, order="C")[:, None]]
    plans = plan_model(model)
    sizes = [_enlarged(planes, scale) for scale in model.signal_scales]
    reads = _reads(model, signals[0][:, 0], sizes)
    chain = Chain(len(planes), workers)
    for number, (plan, read) in enumerate(zip(plans, reads, strict=True), 1):
        begin = _rows_of(plan, read, model)
        if number == len(plans):
            following, work = None, partial(finish, begin)
        else:
            following, room = reads[number], None
            if model.padding == "edge" and plan.upscale == 1:
                room = following.room(number, plan.channels, workers)
            if room is None:
                shape = len(planes), plan.channels, *sizes[number]
                following, room = None, Room.new(shape, workers)
            signals.append(room.values)
            work = partial(_fill, room, begin)
        chain.make_way(read)
        read.complete(signals, model.padding, workers)
        chain.add(number, read, work, following)
    chain.run()
    for read in reads:
        read.done()


def _fill(room: Room, begin: Begin, first: int, last: int) -> None:
    begin()(room, first, last)


def _enlarged(planes: Planes, scale: int) -> tuple[int, ...]:
    return tuple(side * scale for side in planes.shape[1:])


def _reads(model: LutModel, planes: Planes, sizes: list[tuple[int, ...]]) -> list[Read | WholeRead]:
    """What each node reads: bytes, where its inputs are whole numbers and it has a short cut."""
    short_cuts = [whole_plan(node) for node in model.nodes]
    whole = any(short_cuts) and model.rounding in ("none", "stage") and all(map(is_whole, planes))
    reads: list[Read | WholeRead] = []
    for plan, short_cut in zip(plan_model(model), short_cuts, strict=True):
        size = sizes[plan.signals[0].node]
        if whole and short_cut:
            reads.append(WholeRead(short_cut, plan, len(planes), size))
        else:
            reads.append(Read(plan, len(planes), size, LANES, SPAN))
        whole = whole and model.rounding == "stage"
    return reads


def _rows_of(node: NodePlan, read: Read | WholeRead, model: LutModel) -> Begin:
    """What puts rows of one node's (planes, channels, H * r, W * r) into a room."""
    if isinstance(read, WholeRead):
        return partial(WholeBand, read, node, model)
    height, width = read.size
    offsets = node.tap_offsets(height + 2 * node.border, read.pitch)
    tables = node.values, node.grid_sizes, node.first_rows, node.scales, node.reaches
    rounding = ("none", "stage", "running", "branch").index(model.rounding)
    numbers = np.float32(node.divisor), np.float32(node.bias), rounding
    sizes = height, width, read.pitch, node.border
    kinds = node.columns, node.upscale, node.inputs, node.rotations, pixels_together(node)
    kind = [static(number) for number in kinds]

    if node.filters is not None:
        run, weights = filtered_rows, node.filters.weights
        taps: tuple[Any, ...] = weights.reshape(-1), node.filters.bounds
        others = *taps, *tables, *numbers, *sizes, *kind, static(weights.shape[1])
    else:
        run, taps = sampled_rows, (node.tap_weights, node.tap_bounds, node.keep)
        others = *taps, *tables, node.turned, *numbers, *sizes, *kind

    def rows(room: Room, first: int, last: int) -> None:
        run(
            len(room.values), read.flat, read.apart, room.flat, room.start, room.apart,
            room.pitch, room.step, first, last, offsets, *others,
        )  # fmt: skip

    return lambda: rows


def pixels_together(node: NodePlan) -> int:
    """Pixels that are looked up together: some, where a table's rows are short."""
    return LANES // node.columns if node.columns * node.values.itemsize in WORDS else 1
