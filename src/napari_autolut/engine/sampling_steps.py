"""Vector instructions for sampling: from planes to the inputs of look-ups.

Belongs here: weighted sums over windows and filters. A window is a filter without negative
weights; AdaRL's share of an earlier signal is in the weights. The look-ups are in
``lookup_steps.py``.
"""

from __future__ import annotations

from itertools import chain
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from napari_autolut.engine.compilation import WIDE_VECTORS
from napari_autolut.engine.shapes import MEMBERS
from napari_autolut.engine.vectors import (
    FLOAT,
    LANES,
    LONG,
    at,
    constant,
    declare,
    load,
    member,
    splat,
    store,
)

BLOCK = 256
"""Pixels of a row handled together, so that all that is known of them stays in the first-level
cache."""

ALONE = 4
"""Vectors summed at a time for one filter: one sum alone would wait for each of its additions."""

TOGETHER = 4 if WIDE_VECTORS else 1
"""Vectors summed at a time for each of several filters: the sums stay in registers."""

SLACK = (ALONE + 1) * LANES
"""Values behind the last pixel's window that may be read."""


@intrinsic
def sample(
    typingctx: Any, samples: Any, taps: Any, group: Any, plane: Any, here: Any, pixels: Any
) -> Any:
    """Inputs of a group's look-ups for some pixels of a row, clipped to [0, limit].

    Input j of the group's member m is at ``samples[(m * inputs + j) * BLOCK:]``. The first pixel is
    ``plane[here]``; all members read the same taps.
    """
    signature = types.void(samples, taps, group, plane, here, pixels)

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        target = context.make_array(sig.args[0])(context, builder, args[0]).data
        source = context.make_array(sig.args[3])(context, builder, args[3]).data
        offsets, weights, groups, bounds, limit = (
            member(context, builder, sig.args[1], args[1], name)
            for name in ("offsets", "weights", "groups", "bounds", "limit")
        )
        group, here, pixels = args[2], args[4], args[5]
        record = builder.mul(group, LONG(5))
        members, count = (at(builder, groups, builder.add(record, LONG(i))) for i in (0, 3))
        for size in MEMBERS:
            with (
                builder.if_then(builder.icmp_signed("==", members, LONG(size))),
                cgutils.for_range(builder, count) as j,
            ):
                place = builder.mul(builder.add(builder.mul(group, count), j.index), LONG(3))
                bound = [at(builder, bounds, builder.add(place, LONG(i))) for i in range(3)]
                vectors = ALONE if size == 1 else TOGETHER
                step = LONG(vectors * LANES)
                with cgutils.for_range_slice(builder, LONG(0), pixels, step) as (x, _):
                    sums = weighted_sums(
                        builder, (source, offsets, weights), builder.add(here, x), bound,
                        (size, vectors),
                    )  # fmt: skip
                    for number, values in enumerate(sums):
                        line = builder.add(builder.mul(LONG(number), count), j.index)
                        to = builder.add(builder.mul(line, LONG(BLOCK)), x)
                        for n, value in enumerate(values):
                            inside = _within(builder, value, limit)
                            store(builder, inside, target, builder.add(to, LONG(n * LANES)))
        return context.get_dummy_value()

    return signature, codegen


def weighted_sums(
    builder: Any, pointers: Any, base: Any, bounds: Any, counts: tuple[int, int]
) -> list[list[Any]]:
    """For each filter, the sums over its taps for some vectors of pixels, the first at ``base``.

    ``pointers`` are those of the source, the taps' offsets and their weights, one for each filter
    at every tap. ``bounds`` are the first tap, the one behind the last, and where weights begin;
    ``counts`` how many filters and how many vectors. A sum is fused product by product, in the
    order of the taps, as the reference does it.
    """
    source, offsets, weights = pointers
    start, stop, first_weight = bounds
    members, vectors = counts
    vector = ir.VectorType(FLOAT, LANES)
    fma = declare(builder, "fma", vector, ir.FunctionType(vector, [vector] * 3))
    zero = constant(FLOAT, 0.0, LANES)
    totals = [
        [cgutils.alloca_once_value(builder, zero) for _ in range(vectors)] for _ in range(members)
    ]
    # The stack slots live in the entry block: clear them each time this code runs.
    for total in chain(*totals):
        builder.store(zero, total)
    with cgutils.for_range_slice(builder, start, stop, start.type(1)) as (tap, _):
        place = builder.add(base, at(builder, offsets, tap))
        values = [
            load(builder, source, builder.add(place, place.type(number * LANES)), vector)
            for number in range(vectors)
        ]
        first = builder.add(first_weight, builder.mul(builder.sub(tap, start), LONG(members)))
        for number, sums in enumerate(totals):
            weight = at(builder, weights, builder.add(first, LONG(number)))
            factor = splat(builder, weight, LANES)
            for value, total in zip(values, sums, strict=True):
                builder.store(builder.call(fma, [factor, value, builder.load(total)]), total)
    return [[builder.load(total) for total in sums] for sums in totals]


def _within(builder: Any, values: Any, limit: Any) -> Any:
    """Values clipped to [0, limit], also what is no number: rows are found without another look."""
    zero, most = constant(FLOAT, 0.0, LANES), splat(builder, limit, LANES)
    above = builder.select(builder.fcmp_ordered(">", values, zero), values, zero)
    return builder.select(builder.fcmp_ordered(">", above, most), most, above)
