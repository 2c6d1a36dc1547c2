"""A lazy result that napari never waits for: its source is seen until a part is computed.

napari computes what it draws in the thread of its window, which would stand still meanwhile. While
napari draws, and only then, a lazy result answers at once. It gives parts that have been computed,
and the source's own pixels where they have not, which a thread then computes. To everybody else it
is a dask array like any other and gives what is asked for.

Belongs here: that array, and how a layer knows that napari draws. Drawing again when parts have
come is the window's matter, the parts are ``lazy_parts.py``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import accumulate, pairwise, product
from threading import local
from typing import TYPE_CHECKING, Any

import dask.array as da
import numpy as np
from numpy.typing import NDArray

from napari_autolut._compat import slicing_owner
from napari_autolut.layers.lazy_parts import MAX_BYTES, LazyParts

if TYPE_CHECKING:
    from napari.layers import Layer

Place = range | int
"""Which positions of an axis; of an index alone, which leaves no axis."""

PLAIN = (int, np.integer, slice)
"""What napari indexes with."""

_drawing = local()


@contextmanager
def drawing() -> Iterator[None]:
    """Say that napari draws, in this thread."""
    _drawing.on = True
    try:
        yield
    finally:
        _drawing.on = False


def created_at_once(data: Any, meta: dict[str, Any], kind: str) -> Layer:
    """Create a layer whose lazy results know when napari draws them, which it does at once."""
    from napari.layers import Layer

    with drawing():
        layer = Layer.create(data, meta, kind)
    owner = slicing_owner(layer)
    usual = owner.dask_optimized_slicing

    @contextmanager
    def slicing() -> Iterator[Any]:
        with drawing(), usual() as given:
            yield given

    owner.dask_optimized_slicing = slicing
    return layer


class LazyResult(da.Array):
    """A dask array with a source that stands for it while napari draws.

    Where the source's pixels lie follows from both shapes, as a result covers its source exactly.
    """

    source: Any
    parts: LazyParts

    @classmethod
    def of(cls, result: da.Array, source: Any) -> LazyResult:
        """Wrap a result.

        Parameters
        ----------
        result : dask.array.Array
            What is to be computed.
        source : array_like
            With the same axes, such as the array that it was made of.
        """
        made: LazyResult = cls(result.dask, result.name, result.chunks, meta=result._meta)
        made.source, made.parts = getattr(source, "origin", source), LazyParts(result)
        return made

    def __getitem__(self, index: Any) -> Any:
        """Index as ever; while napari draws, into what answers at once."""
        if getattr(_drawing, "on", False):
            return Seen(self, tuple(range(length) for length in self.shape))[index]
        return super().__getitem__(index)  # type: ignore[no-untyped-call]


class Seen:
    """A part of a lazy result as napari draws it, an array to read from at once."""

    def __init__(self, result: LazyResult, places: tuple[Place, ...]) -> None:
        self._result, self._places = result, places
        self.shape = tuple(len(place) for place in places if isinstance(place, range))
        self.ndim, self.dtype = len(self.shape), result.dtype

    def __getitem__(self, index: Any) -> Any:
        """Index again, by whole numbers and slices."""
        asked = list(index if isinstance(index, tuple) else (index,))
        if len(asked) > self.ndim or not all(isinstance(each, PLAIN) for each in asked):
            return np.asarray(self)[index]
        return Seen(
            self._result,
            tuple(
                place[asked.pop(0)] if isinstance(place, range) and asked else place
                for place in self._places
            ),
        )

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """Read; see ``numpy.ndarray.__array__``."""
        spans = [place if isinstance(place, range) else range(place, place + 1)
                 for place in self._places]  # fmt: skip
        values = self._values(spans)
        values = values[tuple(slice(None) if isinstance(place, range) else 0
                              for place in self._places)]  # fmt: skip
        return np.asarray(values, dtype)

    def _values(self, spans: list[range]) -> NDArray[Any]:
        """The pixels of a part with all axes."""
        result = self._result
        cuts = [list(_cuts(span, sides)) for span, sides in zip(spans, result.chunks, strict=True)]
        numbers = [tuple(number for number, *_ in cut) for cut in cuts]
        usual = all(numbers) and all(span.step > 0 for span in spans) and not self._large(numbers)
        found = result.parts.ask(product(*numbers)) if usual else None
        if found is None:  # also where computing failed, which this raises in the window
            return np.asarray(da.Array.__getitem__(result, tuple(map(_as_slice, spans))))
        complete = len(found) == math.prod(map(len, numbers))
        values = np.empty(tuple(map(len, spans)), self.dtype) if complete else self._nearest(spans)
        for cut in product(*cuts):
            part = found.get(tuple(number for number, *_ in cut))
            if part is not None:
                values[tuple(to for _, to, _ in cut)] = part[tuple(at for *_, at in cut)]
        return values

    def _large(self, numbers: list[tuple[int, ...]]) -> bool:
        """Whether parts are more than can be kept."""
        sizes = (
            sum(sides[number] for number in each)
            for each, sides in zip(numbers, self._result.chunks, strict=True)
        )
        size: int = math.prod(sizes) * self.dtype.itemsize
        return size > MAX_BYTES

    def _nearest(self, spans: list[range]) -> NDArray[Any]:
        """The source's pixels nearest to a part."""
        source, shape = self._result.source, self._result.shape
        places = [
            (2 * np.asarray(span) + 1) * before // (2 * after)
            for span, before, after in zip(spans, source.shape, shape, strict=True)
        ]
        cut = tuple(slice(int(place[0]), int(place[-1]) + 1) for place in places)
        values = np.asarray(source[cut])
        for axis, place in enumerate(places):
            if len(place) != values.shape[axis]:
                values = np.take(values, place - place[0], axis)
        return np.array(values, self.dtype)


def _cuts(span: range, sides: tuple[int, ...]) -> Iterator[tuple[int, slice, slice]]:
    """Which chunks of an axis a stretch meets: number, place in the stretch, place in the chunk."""
    for number, (start, stop) in enumerate(pairwise(accumulate(sides, initial=0))):
        first = max(0, -(-(start - span.start) // span.step))
        last = min(len(span), -(-(stop - span.start) // span.step))
        if first < last:
            at = span[first:last]
            yield number, slice(first, last), slice(at[0] - start, at[-1] + 1 - start, span.step)


def _as_slice(span: range) -> slice:
    return slice(span.start, None if span.stop < 0 else span.stop, span.step)
