"""Building blocks for vector code: loads, stores and shuffles as LLVM instructions.

Belongs here: what the intrinsics of the engine, of pixels and of the training package are made of.
Plain numba loops over a table's columns do not become vector code (aliasing, 64-bit promotion), so
the inner steps are written for whole vectors. LLVM lowers them to whatever the processor has (AVX2,
AVX-512, NEON).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce, wraps
from math import prod
from types import SimpleNamespace
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

FLOAT, INT, LONG = ir.FloatType(), ir.IntType(32), ir.IntType(64)

LANES = 16
"""Pixels handled by one vector; row buffers are padded to a multiple of it."""


def step(emit: Callable[..., None]) -> Any:
    """Make a function that emits instructions one that kernels call with the same arguments.

    ``emit(builder, *arguments)`` gets an array's address, the members of a NamedTuple by their
    names, the length of a tuple that holds nothing (:func:`napari_autolut.engine.shapes.static`),
    and numbers as they are.
    """

    @intrinsic  # type: ignore[untyped-decorator]
    @wraps(emit)
    def emitted(typingctx: Any, *kinds: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            emit(builder, *unpacked_all(context, builder, signature, values))
            return context.get_dummy_value()

        return types.void(*kinds), codegen

    return emitted


def unpacked_all(context: Any, builder: Any, signature: Any, values: Any) -> list[Any]:
    """What a step is given of its arguments."""
    given = zip(signature.args, values, strict=True)
    return [_unpacked(context.data_model_manager, builder, *each) for each in given]


def _unpacked(models: Any, builder: Any, kind: Any, value: Any) -> Any:
    if isinstance(kind, types.Array):
        return models.lookup(kind).get(builder, value, "data")
    if isinstance(kind, types.UniTuple) and kind.dtype == types.none:
        return kind.count
    if isinstance(kind, types.BaseNamedTuple):
        parts = (builder.extract_value(value, place) for place in range(len(kind.fields)))
        members = (_unpacked(models, builder, *each) for each in zip(kind, parts, strict=True))
        return SimpleNamespace(**dict(zip(kind.fields, members, strict=True)))
    return value


def index(builder: Any, *terms: Any) -> Any:
    """The sum of integers, known ones or not, and of products that are given as tuples.

    What is known is added up here, since every instruction is one that has to be compiled.
    """
    known, unknown = 0, []
    for term in terms:
        factors = term if isinstance(term, tuple) else (term,)
        times = prod(each for each in factors if isinstance(each, int))
        others = [each for each in factors if not isinstance(each, int)]
        if not others:
            known += times
        elif times:
            unknown.append(reduce(builder.mul, others if times == 1 else [*others, LONG(times)]))
    if known or not unknown:
        unknown.append(LONG(known))
    return reduce(builder.add, unknown)


def at(builder: Any, pointer: Any, offset: Any) -> Any:
    """One element of an array."""
    return builder.load(builder.gep(pointer, [offset]))


def address(builder: Any, pointer: Any, offset: Any, vector: ir.VectorType) -> Any:
    """Address of a vector that starts at an element; loads and stores there are unaligned."""
    return builder.bitcast(builder.gep(pointer, [offset]), vector.as_pointer())


def load(builder: Any, pointer: Any, offset: Any, vector: ir.VectorType) -> Any:
    """Read a vector that starts at any element."""
    return builder.load(address(builder, pointer, offset, vector), align=1)


def store(builder: Any, value: Any, pointer: Any, offset: Any) -> None:
    """Write a vector that starts at any element."""
    builder.store(value, address(builder, pointer, offset, value.type), align=1)


def splat(builder: Any, value: Any, count: int) -> Any:
    """A vector that holds one value in every lane."""
    vector = ir.VectorType(value.type, count)
    first = builder.insert_element(ir.Constant(vector, ir.Undefined), value, INT(0))
    return builder.shuffle_vector(first, first, ir.Constant(ir.VectorType(INT, count), None))


def call(builder: Any, name: str, *vectors: Any) -> Any:
    """LLVM's own function for vectors of floats; llvmlite only knows the names for scalars."""
    kind = vectors[0].type
    function = ir.FunctionType(kind, [kind] * len(vectors))
    full_name = f"llvm.{name}.v{kind.count}f32"
    return builder.call(
        cgutils.get_or_insert_function(builder.module, function, full_name), vectors
    )


def constant(kind: ir.Type, value: float, count: int) -> Any:
    """A vector that holds one known number in every lane."""
    return ir.Constant(ir.VectorType(kind, count), [value] * count)


def clipped(builder: Any, values: Any, low: Any, high: Any) -> Any:
    """Values of a vector no lower and no higher than those of two others; NaN becomes the lower."""
    raised = builder.select(builder.fcmp_ordered(">", values, low), values, low)
    return builder.select(builder.fcmp_ordered(">", raised, high), high, raised)


def in_levels(builder: Any, values: Any) -> Any:
    """Values of a vector within [0, 255]; NaN becomes 0: no later step has to look for it."""
    low, high = (constant(FLOAT, level, values.type.count) for level in (0.0, 255.0))
    return clipped(builder, values, low, high)


def rounded(builder: Any, values: Any) -> Any:
    """The nearest whole numbers, halves to even."""
    return call(builder, "rint", values)


def as_float(builder: Any, values: Any) -> Any:
    """Table values as floats."""
    if isinstance(values.type.element, ir.FloatType):
        return values
    return builder.sitofp(values, ir.VectorType(FLOAT, values.type.count))


def pick(builder: Any, values: Any, lanes: list[int]) -> Any:
    """Reorder or choose lanes; ``lanes`` are known when compiling."""
    return picked(builder, values, ir.Constant(values.type, ir.Undefined), lanes)


def picked(builder: Any, first: Any, second: Any, lanes: list[int]) -> Any:
    """Choose lanes of two vectors, the second of which counts on from the first."""
    return builder.shuffle_vector(first, second, ir.Constant(ir.VectorType(INT, len(lanes)), lanes))


def joined(builder: Any, vectors: list[Any]) -> Any:
    """Several vectors of one size, a power of two of them, one behind the other."""
    while len(vectors) > 1:
        lanes = list(range(2 * vectors[0].type.count))
        pairs = zip(vectors[::2], vectors[1::2], strict=True)
        vectors = [picked(builder, *pair, lanes) for pair in pairs]
    return vectors[0]


def every_other(builder: Any, vectors: list[Any], first: int) -> list[Any]:
    """Lanes 0, 2, 4... of vectors that lie one behind the other, or 1, 3, 5...; half as many."""
    lanes = list(range(first, 2 * vectors[0].type.count, 2))
    pairs = zip(vectors[::2], vectors[1::2], strict=True)
    return [picked(builder, *pair, lanes) for pair in pairs]


def table_rows(builder: Any, table: Any, starts: list[Any], columns: int) -> Any:
    """Rows of a table, each from its start on, one behind the other in one vector."""
    kind = table.type.pointee
    bits = (32 if isinstance(kind, ir.FloatType) else kind.width) * columns
    if len(starts) == 1 or bits > 64:
        vector = ir.VectorType(kind, columns)
        return joined(builder, [load(builder, table, start, vector) for start in starts])
    row = ir.IntType(bits)
    rows = ir.Constant(ir.VectorType(row, len(starts)), ir.Undefined)
    for lane, start in enumerate(starts):
        pointer = builder.bitcast(builder.gep(table, [start]), row.as_pointer())
        rows = builder.insert_element(rows, builder.load(pointer, align=1), INT(lane))
    return builder.bitcast(rows, ir.VectorType(kind, columns * len(starts)))
