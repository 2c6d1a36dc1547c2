"""Vector instructions for sampling: weighted sums over windows, and AdaRL's mixture of two.

Belongs here: from planes to the inputs of look-ups. The look-ups are ``simd.py``.
"""

from __future__ import annotations

from itertools import chain
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from napari_autolut.engine.simd import LANES
from napari_autolut.engine.vectors import FLOAT, constant, data, declare, load, splat, store


@intrinsic
def weighted_sum(
    typingctx: Any,
    out: Any,
    at: Any,
    source: Any,
    base: Any,
    offsets: Any,
    weights: Any,
    start: Any,
    stop: Any,
    together: Any,
) -> Any:
    """``out[at:at+n] = sum(weights[t] * source[base+offsets[t]:][:n])`` over the taps.

    n is as many times LANES as ``together`` is long: one sum alone would wait for each of its
    additions.
    """
    signature = types.void(out, at, source, base, offsets, weights, start, stop, together)
    count = len(together)

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        totals = _window_sums(context, builder, sig, args, 6, count)
        _store_all(builder, totals, data(context, builder, sig.args[0], args[0]), args[1])
        return context.get_dummy_value()

    return signature, codegen


@intrinsic
def mixed_sum(
    typingctx: Any,
    out: Any,
    at: Any,
    source: Any,
    base: Any,
    offsets: Any,
    weights: Any,
    start: Any,
    stop: Any,
    start_before: Any,
    stop_before: Any,
    keep: Any,
    together: Any,
) -> Any:
    """AdaRL: ``keep`` of the :func:`weighted_sum` over the last taps, and the rest of the first."""
    signature = types.void(
        out, at, source, base, offsets, weights, start, stop, start_before, stop_before, keep,
        together,
    )  # fmt: skip
    count = len(together)

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        now, before = (_window_sums(context, builder, sig, args, first, count) for first in (6, 8))
        rest = splat(builder, builder.fsub(ir.Constant(FLOAT, 1.0), args[10]), LANES)
        keep = splat(builder, args[10], LANES)
        mixed = [
            builder.fadd(builder.fmul(keep, old), builder.fmul(rest, new))
            for new, old in zip(now, before, strict=True)
        ]
        _store_all(builder, mixed, data(context, builder, sig.args[0], args[0]), args[1])
        return context.get_dummy_value()

    return signature, codegen


@intrinsic
def filtered_sums(
    typingctx: Any,
    out: Any,
    at: Any,
    step: Any,
    source: Any,
    base: Any,
    offsets: Any,
    weights: Any,
    start: Any,
    stop: Any,
    group: Any,
    together: Any,
) -> Any:
    """Sums over the same taps for a group of G filters, clipped to [0, 255].

    ``out[at + g*step:][:n] = sum(weights[t*G + g] * source[base+offsets[t]:][:n])`` for every g
    below G, the length of ``group``; n as in :func:`weighted_sum`. A pixel is read once for all.
    """
    signature = types.void(
        out, at, step, source, base, offsets, weights, start, stop, group, together
    )
    members, count = len(group), len(together)

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        target, *pointers = (data(context, builder, sig.args[i], args[i]) for i in (0, 3, 5, 6))
        _, at, step, _, base, _, _, start, stop, _, _ = args
        groups = _sums(builder, pointers, base, start, stop, members, count)
        zero, white = (constant(FLOAT, level, LANES) for level in (0.0, 255.0))
        for member, totals in enumerate(groups):
            clipped = []
            for value in totals:
                # Also of what is no number: rows of tables are found without another look.
                above = builder.select(builder.fcmp_ordered(">", value, zero), value, zero)
                below = builder.fcmp_ordered(">", above, white)
                clipped.append(builder.select(below, white, above))
            place = builder.add(at, builder.mul(step, step.type(member)))
            _store_all(builder, clipped, target, place)
        return context.get_dummy_value()

    return signature, codegen


def _window_sums(
    context: Any, builder: Any, sig: Any, args: Any, first: int, count: int
) -> list[Any]:
    """The vectors of :func:`weighted_sum` over the taps from argument ``first`` to the next one."""
    pointers = [data(context, builder, sig.args[i], args[i]) for i in (2, 4, 5)]
    (totals,) = _sums(builder, pointers, args[3], args[first], args[first + 1], 1, count)
    return totals


def _sums(
    builder: Any, pointers: list[Any], base: Any, start: Any, stop: Any, members: int, count: int
) -> list[list[Any]]:
    """``count`` vectors of sums over taps for each of ``members`` filters that share the taps.

    ``pointers`` are those of the source, the offsets and the weights, ``members`` at each tap.
    """
    source, offsets, weights = pointers
    vector = ir.VectorType(FLOAT, LANES)
    fma = declare(builder, "fma", vector, ir.FunctionType(vector, [vector] * 3))
    zero = constant(FLOAT, 0.0, LANES)
    totals = [
        [cgutils.alloca_once_value(builder, zero) for _ in range(count)] for _ in range(members)
    ]
    # The stack slots live in the entry block: clear them each time this code runs.
    for total in chain(*totals):
        builder.store(zero, total)
    with cgutils.for_range_slice(builder, start, stop, start.type(1)) as (tap, _):
        place = builder.add(base, builder.load(builder.gep(offsets, [tap])))
        values = [
            load(builder, source, builder.add(place, place.type(number * LANES)), vector)
            for number in range(count)
        ]
        first = builder.mul(tap, tap.type(members))
        for member, sums in enumerate(totals):
            weight = builder.load(builder.gep(weights, [builder.add(first, tap.type(member))]))
            factor = splat(builder, weight, LANES)
            for value, total in zip(values, sums, strict=True):
                builder.store(builder.call(fma, [factor, value, builder.load(total)]), total)
    return [[builder.load(total) for total in sums] for sums in totals]


def _store_all(builder: Any, vectors: list[Any], target: Any, at: Any) -> None:
    for number, values in enumerate(vectors):
        store(builder, values, target, builder.add(at, at.type(number * LANES)))
