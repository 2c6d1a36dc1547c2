"""The fast engine: the reference's arithmetic on rows, in vector code, on several threads.

Belongs here: which nodes read what, where they put their rows, and in which order they run. The
kernels are ``node_rows.py`` and ``whole.py``; what is computed is ``reference.py``, whose bits this
engine gives.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from napari_autolut.engine import Plane, Sink
from napari_autolut.engine.bands import in_pieces
from napari_autolut.engine.borders import is_whole
from napari_autolut.engine.chain import Chain
from napari_autolut.engine.limits import thread_count
from napari_autolut.engine.node_rows import SPAN, filtered_rows, sampled_rows
from napari_autolut.engine.plan import NodePlan, plan_model
from napari_autolut.engine.planes import Read, Room
from napari_autolut.engine.simd import LANES, static
from napari_autolut.engine.whole import WholeRead, whole_band, whole_plan
from napari_autolut.model import LutModel

Rows = Callable[[Room, int, int], None]

STREAMED = 2**18
"""Values of the result that are handed over together, few enough to stay in the caches."""


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
    workers = threads or thread_count()
    result = Room.new(1, _enlarged(plane, model.scale), workers)

    def fill(rows: Rows, first: int, last: int) -> None:
        rows(result, first, last)

    _run(model, plane, fill, workers)
    return np.asarray(result.values[0])


def upscale_rows(model: LutModel, plane: Plane, sink: Sink, *, threads: int | None = None) -> None:
    """:func:`upscale_plane` a few rows at a time, while they are in the processor's caches."""
    factor = plan_model(model)[-1].upscale
    width = plane.shape[1] * model.scale

    def hand_over(rows: Rows, first: int, last: int) -> None:
        with Room.lent(1, first * factor, last * factor, width) as room:
            rows(room, first, last)
            sink(first * factor, room.values[0])

    _run(model, plane, hand_over, threads or thread_count(), max(1, STREAMED // (width * factor)))


def _run(
    model: LutModel,
    plane: Plane,
    finish: Callable[[Rows, int, int], None],
    workers: int,
    rows_together: int = 0,
) -> None:
    """Run all nodes; ``finish`` chooses where rows of the last one are put.

    It gets a few rows at a time, ``rows_together`` where that makes no more work.
    """
    # A copy is always contiguous and writable, so that kernels are compiled for one kind of array.
    signals = [np.array(plane, np.float32, order="C")[None]]
    plans = plan_model(model)
    sizes = [_enlarged(plane, scale) for scale in model.signal_scales]
    reads = _reads(model, signals[0][0], sizes)
    chain = Chain(workers)
    for number, (plan, read) in enumerate(zip(plans, reads, strict=True), 1):
        rows = _rows_of(plan, read, model)
        if number == len(plans):
            following, together = None, 0 if read.repeated else rows_together
            work = in_pieces(partial(finish, rows), together)
        else:
            following, room = reads[number], None
            if model.padding == "edge" and plan.upscale == 1:
                room = following.room(number, plan.channels, workers)
            if room is None:
                following, room = None, Room.new(plan.channels, sizes[number], workers)
            signals.append(room.values)
            work = partial(rows, room)
        chain.make_way(read)
        read.complete(signals, model.padding, workers)
        chain.add(number, read, work, following)
    chain.run()
    for read in reads:
        read.done()


def _enlarged(plane: Plane, scale: int) -> tuple[int, ...]:
    return tuple(side * scale for side in plane.shape)


def _reads(model: LutModel, plane: Plane, sizes: list[tuple[int, ...]]) -> list[Read | WholeRead]:
    """What each node reads: bytes, where its inputs are whole numbers and it has a short cut."""
    short_cuts = [whole_plan(node) for node in model.nodes]
    whole = any(short_cuts) and model.rounding in ("none", "stage") and bool(is_whole(plane))
    reads: list[Read | WholeRead] = []
    for plan, short_cut in zip(plan_model(model), short_cuts, strict=True):
        size = sizes[plan.signals[0].node]
        if whole and short_cut:
            reads.append(WholeRead(short_cut, plan, size))
        else:
            reads.append(Read(plan, size, LANES, SPAN))
        whole = whole and model.rounding == "stage"
    return reads


def _rows_of(node: NodePlan, read: Read | WholeRead, model: LutModel) -> Rows:
    """What puts rows of one node's (channels, H * r, W * r) into a room."""
    if isinstance(read, WholeRead):
        return partial(whole_band, read, node, model)
    height, width = read.size
    offsets = node.tap_offsets(height + 2 * node.border, read.pitch)
    tables = node.values, node.grid_sizes, node.first_rows, node.scales, node.reaches
    rounding = ("none", "stage", "running", "branch").index(model.rounding)
    numbers = np.float32(node.divisor), np.float32(node.bias), rounding
    sizes = height, width, read.pitch, node.border
    kind = [static(n) for n in (node.columns, node.upscale, node.inputs, node.rotations)]

    def rows(room: Room, first: int, last: int) -> None:
        place = room.flat, room.start, room.pitch, room.plane, first, last
        if node.filters is not None:
            taps = node.filters.weights.reshape(-1), node.filters.bounds
            filtered_rows(read.flat(), offsets, *taps, *tables, *numbers, *place, *sizes, *kind)
        else:
            windows = node.tap_weights, node.tap_bounds, node.keep
            sampled_rows(
                read.flat(), offsets, *windows, *tables, node.turned, *numbers, *place, *sizes,
                *kind,
            )  # fmt: skip

    return rows
