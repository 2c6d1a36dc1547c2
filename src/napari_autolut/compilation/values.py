"""Values whose operators emit LLVM instructions, so that vector code is written as arithmetic.

Belongs here: numbers, vectors and addresses, and how they are made alike. Plain numba loops over a
table's columns do not become vector code (aliasing, 64-bit promotion), so the inner steps are
written for whole vectors. LLVM lowers them to whatever the processor has (AVX2, AVX-512, NEON).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir
from numba.core import cgutils

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


def pick(values: Value, lanes: Sequence[int]) -> Value:
    """Reorder or choose lanes; ``lanes`` are known when compiling."""
    return picked(values, Value(values.builder, ir.Constant(values.ir.type, ir.Undefined)), lanes)


def picked(first: Value, second: Value, lanes: Sequence[int]) -> Value:
    """Choose lanes of two vectors, the second of which counts on from the first."""
    order = ir.Constant(ir.VectorType(INT, len(lanes)), list(lanes))
    return Value(first.builder, first.builder.shuffle_vector(first.ir, second.ir, order))
