"""Vector code written as arithmetic: values whose operators emit LLVM instructions.

Belongs here: what the intrinsics of the engine, of pixels and of the training package are made of.
Plain numba loops over a table's columns do not become vector code (aliasing, 64-bit promotion), so
the inner steps are written for whole vectors. LLVM lowers them to whatever the processor has (AVX2,
AVX-512, NEON).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from types import SimpleNamespace
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

FLOAT, INT, LONG = ir.FloatType(), ir.IntType(32), ir.IntType(64)

LANES = 16
"""Pixels handled by one vector; row buffers are padded to a multiple of it."""

Number = int | float


def _instruction(name: str) -> Callable[[Value, Value | Number], Value]:
    """What emits an instruction of two values, whose name for floats has an ``f`` in front."""

    def emit(one: Value, other: Value | Number) -> Value:
        values = [value.ir for value in alike(one, other)]
        prefix = "f" if one.kind == FLOAT else ""
        return Value(one.builder, getattr(one.builder, prefix + name)(*values))

    return emit


def _comparison(how: str) -> Callable[[Value, Value | Number], Value]:
    """What emits a comparison of two values, of integers with their sign."""

    def emit(one: Value, other: Value | Number) -> Value:
        compare = one.builder.fcmp_ordered if one.kind == FLOAT else one.builder.icmp_signed
        return Value(one.builder, compare(how, *(value.ir for value in alike(one, other))))

    return emit


_sum, _product = _instruction("add"), _instruction("mul")


class Value:
    """A number, a vector of numbers, or an address, while code is emitted.

    Operators emit an instruction each. A number that is known here becomes a constant of the other
    side's type, and a single value beside a vector fills one. Integers to which 0 is added, or that
    are multiplied by 0 or 1, emit nothing: every instruction is one that has to be compiled.
    """

    def __init__(self, builder: Any, emitted: Any) -> None:
        self.builder, self.ir = builder, emitted

    @property
    def count(self) -> int | None:
        """Lanes of a vector; None of a single value."""
        return getattr(self.ir.type, "count", None)

    @property
    def kind(self) -> Any:
        """What a vector, an array or a number holds."""
        kind = self.ir.type
        return getattr(kind, "element", None) or getattr(kind, "pointee", kind)

    def __add__(self, other: Any) -> Value:
        return self if isinstance(other, int) and other == 0 else _sum(self, other)

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, int) and other in (0, 1):
            return self if other else 0
        return _product(self, other)

    __radd__, __rmul__ = __add__, __mul__
    __sub__, __truediv__, __floordiv__ = map(_instruction, ("sub", "div", "sdiv"))
    __and__, __or__, __xor__ = map(_instruction, ("and_", "or_", "xor"))
    __lt__, __le__, __gt__ = map(_comparison, ("<", "<=", ">"))
    __eq__, __ne__ = map(_comparison, ("==", "!="))  # type: ignore[assignment]

    def __getitem__(self, offset: Value | int) -> Value:
        """One element of an array."""
        return Value(self.builder, self.builder.load(self.at(offset).ir))

    def at(self, offset: Value | int) -> Value:
        """The address of an element of an array."""
        place = offset.ir if isinstance(offset, Value) else LONG(offset)
        return Value(self.builder, self.builder.gep(self.ir, [place]))

    def cast(self, kind: ir.Type) -> Value:
        """The same bits or address as another type."""
        return Value(self.builder, self.builder.bitcast(self.ir, kind))

    def vector(self, offset: Value | int, count: int = LANES) -> Value:
        """A vector of an array that starts at any element."""
        place = self.at(offset).cast(ir.VectorType(self.kind, count).as_pointer())
        return Value(self.builder, self.builder.load(place.ir, align=1))

    def put(self, value: Value, offset: Value | int) -> None:
        """Write a value, or a vector that starts at any element, into an array."""
        place = self.at(offset).cast(value.ir.type.as_pointer())
        self.builder.store(value.ir, place.ir, align=1)

    def lane(self, number: int) -> Value:
        """One value of a vector."""
        return Value(self.builder, self.builder.extract_element(self.ir, INT(number)))

    def as_float(self) -> Value:
        """Integers as floats."""
        if self.kind == FLOAT:
            return self
        return Value(self.builder, self.builder.sitofp(self.ir, self._of(FLOAT)))

    def as_int(self, kind: ir.IntType = INT) -> Value:
        """Floats without what is behind the point; integers, none of them negative, of any size."""
        if self.kind == FLOAT:
            convert = self.builder.fptosi
        else:
            convert = self.builder.trunc if kind.width < self.kind.width else self.builder.zext
        return Value(self.builder, convert(self.ir, self._of(kind)))

    def _of(self, kind: ir.Type) -> ir.Type:
        return kind if self.count is None else ir.VectorType(kind, self.count)


class Variable:
    """A value that changes while code runs, kept in a register."""

    def __init__(self, first: Value) -> None:
        self._builder = first.builder
        self._place = cgutils.alloca_once(first.builder, first.ir.type)
        self.value = first

    @property
    def value(self) -> Value:
        """What it is now."""
        return Value(self._builder, self._builder.load(self._place))

    @value.setter
    def value(self, new: Value) -> None:
        self._builder.store(new.ir, self._place)


def alike(*values: Value | Number) -> list[Value]:
    """Values of one type: of that of a vector, or of the first that is no known number."""
    given = [value for value in values if isinstance(value, Value)]
    model = next((value for value in given if value.count), given[0])

    def like_model(value: Value | Number) -> Value:
        if not isinstance(value, Value):
            return constant(model.builder, value, model.kind, model.count)
        return splat(value, model.count) if model.count and not value.count else value

    return [like_model(value) for value in values]


# --- functions that emit --------------------------------------------------------------------------


def step(
    emit: Callable[..., Any] | None = None, *, result: Callable[..., Any] = lambda *_: types.void
) -> Any:
    """Make a function that emits instructions one that kernels call with the same arguments.

    ``emit(builder, *arguments)`` gets a :class:`Value` for a number and for an array, which is its
    address; the members of a NamedTuple by their names; and the length of a tuple that holds
    nothing (:func:`napari_autolut.engine.shapes.static`). If it gives a value, or a list of them
    for a tuple, ``result`` gives their type from those of the arguments.
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


# --- values ---------------------------------------------------------------------------------------


def constant(
    builder: Any, number: Number, kind: ir.Type = FLOAT, count: int | None = LANES
) -> Value:
    """A known number, in every lane of a vector if there is a count."""
    if count is None:
        return Value(builder, ir.Constant(kind, number))
    return Value(builder, ir.Constant(ir.VectorType(kind, count), [number] * count))


def splat(value: Value, count: int = LANES) -> Value:
    """A vector that holds one value in every lane."""
    vector = ir.VectorType(value.ir.type, count)
    undefined = ir.Constant(vector, ir.Undefined)
    first = Value(value.builder, value.builder.insert_element(undefined, value.ir, INT(0)))
    return pick(first, [0] * count)


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


def pick(values: Value, lanes: Sequence[int]) -> Value:
    """Reorder or choose lanes; ``lanes`` are known when compiling."""
    return picked(values, Value(values.builder, ir.Constant(values.ir.type, ir.Undefined)), lanes)


def picked(first: Value, second: Value, lanes: Sequence[int]) -> Value:
    """Choose lanes of two vectors, the second of which counts on from the first."""
    order = ir.Constant(ir.VectorType(INT, len(lanes)), list(lanes))
    return Value(first.builder, first.builder.shuffle_vector(first.ir, second.ir, order))


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
