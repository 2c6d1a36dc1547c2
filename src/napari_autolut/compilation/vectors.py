"""Steps of vector code that kernels call, their loops, and functions of vectors.

Belongs here: what more than one room's steps are made of. Operators are in ``values.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, wraps
from types import SimpleNamespace
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from napari_autolut.compilation.values import (
    FLOAT,
    INT,
    LONG,
    Number,
    Value,
    alike,
    picked,
)


def step(
    emit: Callable[..., Any] | None = None, *, result: Callable[..., Any] = lambda *_: types.void
) -> Any:
    """Make a function that emits instructions one that kernels call with the same arguments.

    ``emit(builder, *arguments)`` gets a :class:`Value` for a number and for an array, which is its
    address. It gets the members of a NamedTuple by their names, and the length of a tuple that
    holds nothing (:func:`static`). If it gives a value, or a list of them for a tuple, ``result``
    gives their type from those of the arguments.
    """
    if emit is None:
        return lambda emit: step(emit, result=result)

    @intrinsic  # type: ignore[untyped-decorator]
    @wraps(emit)
    def emitted(typingctx: Any, *kinds: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            models = context.data_model_manager
            given = zip(signature.args, values, strict=True)
            made = emit(builder, *(_unpacked(models, builder, *each) for each in given))
            if isinstance(made, list):
                return context.make_tuple(builder, signature.return_type, [v.ir for v in made])
            return context.get_dummy_value() if made is None else made.ir

        return result(*kinds)(*kinds), codegen

    return emitted


def _unpacked(models: Any, builder: Any, kind: Any, value: Any) -> Any:
    if isinstance(kind, types.Array):
        return Value(builder, models.lookup(kind).get(builder, value, "data"))
    if isinstance(kind, types.UniTuple) and kind.dtype == types.none:
        return kind.count
    if isinstance(kind, types.BaseTuple):
        parts = (builder.extract_value(value, place) for place in range(len(kind)))
        members = [_unpacked(models, builder, *each) for each in zip(kind, parts, strict=True)]
        names = getattr(kind, "fields", None)
        return SimpleNamespace(**dict(zip(names, members, strict=True))) if names else members
    return Value(builder, value)


@contextmanager
def loop(builder: Any, end: Value | int, by: int = 1, start: Value | int = 0) -> Iterator[Value]:
    """Go over integers from ``start`` to before ``end``."""
    bounds = (each.ir if isinstance(each, Value) else LONG(each) for each in (start, end))
    with cgutils.for_range_slice(builder, *bounds, LONG(by)) as (number, _):
        yield Value(builder, number)


@contextmanager
def when(condition: Value, *, likely: bool | None = None) -> Iterator[None]:
    """Run what is emitted inside only if a condition holds."""
    with condition.builder.if_then(condition.ir, likely=likely):
        yield


@cache
def static(size: int) -> tuple[None, ...]:
    """A tuple whose length tells a kernel a size at compile time, and that holds nothing."""
    return (None,) * size


def where(condition: Value, one: Value | Number, other: Value | Number) -> Value:
    """One value where a condition holds, else another."""
    chosen, rest = alike(one, other)
    builder = condition.builder
    return Value(builder, builder.select(condition.ir, chosen.ir, rest.ir))


def call(name: str, *vectors: Value) -> Value:
    """LLVM's own function for vectors of floats; llvmlite only knows the names for scalars."""
    builder, kind = vectors[0].builder, vectors[0].ir.type
    function = cgutils.get_or_insert_function(
        builder.module,
        ir.FunctionType(kind, [kind] * len(vectors)),
        f"llvm.{name}.v{kind.count}f32",
    )
    return Value(builder, builder.call(function, [vector.ir for vector in vectors]))


def clipped(values: Value, low: Value | float, high: Value | float) -> Value:
    """Values of a vector no lower and no higher than two limits; NaN becomes the lower."""
    raised = where(values > low, values, low)
    return where(raised > high, high, raised)


def in_levels(values: Value) -> Value:
    """Values of a vector within [0, 255]; NaN becomes 0: no later step has to look for it."""
    return clipped(values, 0.0, 255.0)


def rounded(values: Value) -> Value:
    """The nearest whole numbers, halves to even."""
    return call("rint", values)


def joined(vectors: list[Value]) -> Value:
    """Several vectors of one size, a power of two of them, one behind the other."""
    while len(vectors) > 1:
        lanes = range(2 * (vectors[0].count or 1))
        pairs = zip(vectors[::2], vectors[1::2], strict=True)
        vectors = [picked(*pair, lanes) for pair in pairs]
    return vectors[0]


def every_other(vectors: Sequence[Value], first: int) -> list[Value]:
    """Lanes 0, 2, 4... of vectors that lie one behind the other, or 1, 3, 5...; half as many."""
    lanes = range(first, 2 * (vectors[0].count or 1), 2)
    return [picked(*pair, lanes) for pair in zip(vectors[::2], vectors[1::2], strict=True)]


def table_rows(table: Value, starts: list[Value], columns: int) -> Value:
    """Rows of a table, each from its start on, one behind the other in one vector."""
    bits = (32 if table.kind == FLOAT else table.kind.width) * columns
    if len(starts) == 1 or bits > 64:
        return joined([table.vector(start, columns) for start in starts])
    row, builder = ir.IntType(bits), table.builder
    rows = ir.Constant(ir.VectorType(row, len(starts)), ir.Undefined)
    for lane, start in enumerate(starts):
        place = table.at(start).cast(row.as_pointer())
        rows = builder.insert_element(rows, builder.load(place.ir, align=1), INT(lane))
    return Value(builder, rows).cast(ir.VectorType(table.kind, columns * len(starts)))
