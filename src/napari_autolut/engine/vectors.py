"""Building blocks for vector code: loads, stores and shuffles as LLVM instructions.

Belongs here: what the intrinsics of the engine's ``*simd.py`` and of the training package are made
of.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils
from numba.np import arrayobj

FLOAT, INT = ir.FloatType(), ir.IntType(32)


def data(context: Any, builder: Any, kind: Any, value: Any) -> Any:
    """Address of a numba array's first element."""
    return arrayobj.make_array(kind)(context, builder, value).data


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


def declare(builder: Any, name: str, vector: ir.VectorType, function: ir.FunctionType) -> Any:
    """LLVM's own function for a vector of floats; llvmlite only knows the names for scalars."""
    return cgutils.get_or_insert_function(
        builder.module, function, f"llvm.{name}.v{vector.count}f32"
    )


def constant(kind: ir.Type, value: float, count: int) -> Any:
    """A vector that holds one known number in every lane."""
    return ir.Constant(ir.VectorType(kind, count), [value] * count)


def clipped(builder: Any, values: Any, low: Any, high: Any) -> Any:
    """Values of a vector no lower and no higher than those of two others; NaN stays."""
    raised = builder.select(builder.fcmp_ordered("<", values, low), low, values)
    return builder.select(builder.fcmp_ordered(">", raised, high), high, raised)


def rounded(builder: Any, values: Any) -> Any:
    """The nearest whole numbers, halves to even."""
    vector = values.type
    rint = declare(builder, "rint", vector, ir.FunctionType(vector, [vector]))
    return builder.call(rint, [values])


def as_float(builder: Any, values: Any) -> Any:
    """Table values as floats."""
    if isinstance(values.type.element, ir.FloatType):
        return values
    return builder.sitofp(values, ir.VectorType(FLOAT, values.type.count))


def pick(builder: Any, values: Any, lanes: list[int]) -> Any:
    """Reorder or choose lanes; ``lanes`` are known when compiling."""
    mask = ir.Constant(ir.VectorType(INT, len(lanes)), lanes)
    return builder.shuffle_vector(values, ir.Constant(values.type, ir.Undefined), mask)


def table_rows(builder: Any, table: Any, starts: list[Any], columns: int) -> Any:
    """Rows of a table, each from its start on, one behind the other in one vector."""
    kind, count = table.type.pointee, len(starts)
    if count == 1:
        return load(builder, table, starts[0], ir.VectorType(kind, columns))
    bits = 32 if isinstance(kind, ir.FloatType) else kind.width
    row = ir.IntType(bits * columns)
    rows = ir.Constant(ir.VectorType(row, count), ir.Undefined)
    for lane, start in enumerate(starts):
        pointer = builder.bitcast(builder.gep(table, [start]), row.as_pointer())
        rows = builder.insert_element(rows, builder.load(pointer, align=1), INT(lane))
    return builder.bitcast(rows, ir.VectorType(kind, columns * count))
