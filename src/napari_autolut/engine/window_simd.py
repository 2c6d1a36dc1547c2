"""Vector instructions for sampling: weighted sums over windows, and AdaRL's mixture of two.

Belongs here: from planes to the inputs of look-ups. The look-ups are ``simd.py``.
"""

from __future__ import annotations

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
) -> Any:
    """``out[at:at+LANES] = sum(weights[t] * source[base+offsets[t]:][:LANES])`` over the taps."""
    signature = types.void(out, at, source, base, offsets, weights, start, stop)

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        total = _window_sum(context, builder, sig, args, 6)
        store(builder, total, data(context, builder, sig.args[0], args[0]), args[1])
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
) -> Any:
    """AdaRL: ``keep`` of the :func:`weighted_sum` over the last taps, and the rest of the first."""
    signature = types.void(
        out, at, source, base, offsets, weights, start, stop, start_before, stop_before, keep
    )

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        now, before = (_window_sum(context, builder, sig, args, first) for first in (6, 8))
        rest = builder.fsub(ir.Constant(FLOAT, 1.0), args[10])
        kept = builder.fmul(splat(builder, args[10], LANES), before)
        mixed = builder.fadd(kept, builder.fmul(splat(builder, rest, LANES), now))
        store(builder, mixed, data(context, builder, sig.args[0], args[0]), args[1])
        return context.get_dummy_value()

    return signature, codegen


def _window_sum(context: Any, builder: Any, sig: Any, args: Any, first: int) -> Any:
    """The vector of :func:`weighted_sum` over the taps from argument ``first`` to the next one."""
    source, offsets, weights = (data(context, builder, sig.args[i], args[i]) for i in (2, 4, 5))
    base, start, stop = args[3], args[first], args[first + 1]
    vector = ir.VectorType(FLOAT, LANES)
    fma = declare(builder, "fma", vector, ir.FunctionType(vector, [vector] * 3))
    total = cgutils.alloca_once_value(builder, constant(FLOAT, 0.0, LANES))
    # The stack slot lives in the entry block: clear it each time this code runs.
    builder.store(constant(FLOAT, 0.0, LANES), total)
    with cgutils.for_range_slice(builder, start, stop, start.type(1)) as (tap, _):
        offset = builder.load(builder.gep(offsets, [tap]))
        weight = builder.load(builder.gep(weights, [tap]))
        values = load(builder, source, builder.add(base, offset), vector)
        fused = [splat(builder, weight, LANES), values, builder.load(total)]
        builder.store(builder.call(fma, fused), total)
    return builder.load(total)
