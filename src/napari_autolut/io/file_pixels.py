"""Uncompressed pixels that stay in their file, and are read where they are indexed.

Belongs here: from an index to places in a file, and reading there. A file is read and not mapped
into memory: systems end a program without a word when a mapped file is cut short or its disk is
taken away. Which file, and what its pixels mean, is for readers of formats.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import DTypeLike, NDArray

from napari_autolut.io.open_file import OpenFile

READ_BYTES = 2**20
"""What lies between wanted pixels is read with them, up to so many bytes at once."""

BASIC = (int, np.integer, slice, type(None), type(...))

NOTHING = np.dtype("V0")
"""Of such an array only shape and strides are real: views of it say where pixels are in a file."""


class FilePixels(np.lib.mixins.NDArrayOperatorsMixin):
    """An array in a file, with as much of numpy's interface as readers and viewers need.

    As of a memory map, indexing and transposing give views; pixels are read, in the machine's byte
    order, when numpy asks for them.

    Parameters
    ----------
    file : OpenFile
        Where they are.
    dtype : numpy.dtype
        As it is stored.
    shape : sequence of int
        In the file, rows of the last axis in one piece.
    offset : int, default 0
        Where the pixels begin.
    """

    def __init__(
        self, file: OpenFile, dtype: np.dtype[Any], shape: Sequence[int], offset: int = 0
    ) -> None:
        self.file = file
        self._stored = np.dtype(dtype)
        self.dtype = self._stored.newbyteorder("=")
        sides = [*shape[1:], self._stored.itemsize]
        strides = [math.prod(sides[axis:]) for axis in range(len(shape))]
        self._places = as_strided(np.empty(1, NOTHING), tuple(shape), tuple(strides))
        self._first = offset - _address(self._places)
        self._nan: Any = None

    @property
    def shape(self) -> tuple[int, ...]:
        """Sides."""
        return self._places.shape

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return self._places.ndim

    @property
    def size(self) -> int:
        """Number of pixels."""
        return self._places.size

    @property
    def nbytes(self) -> int:
        """Bytes that all of it would take in memory."""
        return self.size * int(self._stored.itemsize)

    @property
    def name(self) -> str:
        """What tells these pixels from others."""
        known = os.fstat(self.file.stream.fileno())
        place = self.place_of(self._places), self.shape, self._places.strides
        return f"{self.file.path} {known.st_ino} {known.st_mtime_ns} {self._stored.str} {place}"

    def __len__(self) -> int:
        return len(self._places)

    def __repr__(self) -> str:
        return f"<{self.dtype} pixels of {self.file.path.name!r}, {self.shape}>"

    def __dask_tokenize__(self) -> str:
        return self.name

    def __reduce__(self) -> Any:
        """Copy or send the values, as of a memory map."""
        return np.array, (np.asarray(self),)

    def viewed(self, change: Callable[[NDArray[Any]], NDArray[Any]]) -> Self:
        """Give other axes, or some of the pixels, without reading; ValueError where it cannot be.

        ``change`` is called with an array that has these axes and no values.
        """
        view = self._other()
        view._places = change(self._places)
        lost = any(
            step == 0 and side > 1
            for side, step in zip(view.shape, view._places.strides, strict=True)
        )
        if lost:
            raise ValueError("these axes are no view of the file")
        return view

    def transpose(self, *axes: Any) -> Self:
        """Give the axes in another order, without reading."""
        return self.viewed(lambda places: places.transpose(*axes))

    def with_nan(self, mark: float) -> Self:
        """Give pixels of one value as NaN."""
        view = self._other()
        view._nan = self.dtype.type(mark)
        return view

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        """Read all of it.

        Raises
        ------
        ImageFileError
            If the file ends before.
        """
        values = self._read(self._places)
        if self._nan is not None:
            values[values == self._nan] = np.nan
        return values.astype(dtype or self.dtype, copy=False)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        read = [np.asarray(each) if isinstance(each, FilePixels) else each for each in inputs]
        return getattr(ufunc, method)(*read, **options)

    def __getitem__(self, index: Any) -> Any:
        """Give a view, as numpy does; single pixels and those of a list of indices are read."""
        parts = index if isinstance(index, tuple) else (index,)
        if not all(isinstance(each, BASIC) and not isinstance(each, bool) for each in parts):
            return np.asarray(self)[index]
        parts = parts if any(each is ... for each in parts) else (*parts, ...)
        view = self.viewed(lambda places: places[parts])
        return view if view.ndim else np.asarray(view)[()]

    def __setitem__(self, index: Any, values: Any) -> None:
        raise ValueError(f"{self.file.path}: its pixels are read-only")

    def __getattr__(self, name: str) -> Any:
        """Numpy's other methods, of pixels that are read."""
        if name.startswith("_") or not callable(getattr(np.ndarray, name, None)):
            raise AttributeError(name)
        return getattr(np.asarray(self), name)

    def _other(self) -> Self:
        """Another view of the same file."""
        view = object.__new__(type(self))
        vars(view).update(vars(self))
        return view

    def place_of(self, places: NDArray[Any]) -> int:
        """Where in the file the first pixel of a view lies."""
        return self._first + _address(places)

    # --- reading ------------------------------------------------------------------------------

    def _read(self, places: NDArray[Any]) -> NDArray[Any]:
        """The pixels at some places."""
        backwards = tuple(slice(None, None, -1 if step < 0 else None) for step in places.strides)
        forwards = places[(*backwards, ...)]
        order = np.argsort([-step for step in forwards.strides], kind="stable")
        sorted_places = forwards.transpose(order)
        values = np.empty(sorted_places.shape, self._stored)
        if values.size:
            self._fill(values, self.place_of(forwards), sorted_places.strides)
        in_order = values.transpose(np.argsort(order))[(*backwards, ...)]
        return in_order.astype(self.dtype, copy=False)

    def _fill(self, values: NDArray[Any], first: int, strides: Sequence[int]) -> None:
        """Read pixels whose strides in the file fall from axis to axis."""
        inner, nbytes = run_of(values.shape, strides, values.itemsize, READ_BYTES)
        outer = values.ndim - inner
        shape, steps = values.shape[outer:], strides[outer:]
        if outer:
            span = sum(step * (side - 1) for side, step in zip(values.shape, strides, strict=True))
            band = self.file.band(first, span + values.itemsize, strides[outer - 1])
            if band is not None:
                values[...] = as_strided(band.view(self._stored), values.shape, strides)
                return
        dense = nbytes == math.prod(shape) * values.itemsize
        between = np.empty(0 if dense else nbytes // values.itemsize, self._stored)
        for index in np.ndindex(*values.shape[:outer]):
            place = first + sum(map(int.__mul__, index, strides))
            target = values[(*index, ...)]
            read = target.reshape(-1) if dense else between
            self.file.read(place, read.view(np.uint8).data)
            if not dense:
                target[...] = as_strided(between, shape, steps)


def _address(places: NDArray[Any]) -> int:
    address: int = places.__array_interface__["data"][0]
    return address


def run_of(
    shape: Sequence[int], strides: Sequence[int], itemsize: int, with_gaps: int = 0
) -> tuple[int, int]:
    """Find what lies together in a file.

    Parameters
    ----------
    shape, strides : sequence of int
        Of pixels; strides fall from axis to axis.
    itemsize : int
        Bytes of a pixel.
    with_gaps : int, default 0
        Up to so many bytes may have others between them.

    Returns
    -------
    inner, nbytes : int
        How many of the last axes lie in one piece, and of how many bytes.
    """
    nbytes, wanted, inner = itemsize, itemsize, 0
    for side, step in zip(reversed(shape), reversed(strides), strict=True):
        wanted *= side
        whole = step * (side - 1) + nbytes
        if whole > max(wanted, with_gaps):
            break
        nbytes, inner = whole, inner + 1
    return inner, nbytes
