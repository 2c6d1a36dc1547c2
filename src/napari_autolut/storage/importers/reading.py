"""Single ``.npy`` files of the published layouts, read without pickle and checked.

Belongs here: from one file to one checked array, table, set of windows or residual. Which files
make a model is ``filenames.py``; what the model computes is in the builders beside this file.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from io import BytesIO
from pathlib import Path
from tokenize import TokenError
from typing import Any, Literal

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from napari_autolut.model import MAX_COLUMNS, MAX_WINDOW, Table
from napari_autolut.storage.importers.softmax import softmax
from napari_autolut.storage.tensor_file import ModelFileError

GRID_SIZES = (17, 9, 5, 3, 2)
"""Nodes per axis for sampling intervals of 2**4 to 2**8, for files whose names do not say."""

BAD_HEADER = (
    ValueError,
    TypeError,
    EOFError,
    SyntaxError,
    TokenError,
    OverflowError,
    RecursionError,
    MemoryError,
)
"""What a header ends in that is none: numpy reads it as an expression of Python's."""

MAX_BYTES = 2**28
"""Of a file; the largest published table has some MB."""

HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
"""By version. The third one is for names of fields, which no table has."""


def interval_grid_size(exponent: int) -> int:
    """Grid size L of a table sampled every ``2 ** exponent`` values; the last node lies at 256."""
    return int(2 ** (8 - exponent)) + 1


def read_array(path: Path) -> NDArray[Any]:
    """Read an array without ever unpickling, and without trusting the size in its header.

    Raises
    ------
    ModelFileError
        If the file is missing, not a ``.npy`` file, truncated, or holds Python objects.
    """
    expected = "a whole .npy file of plain numbers"
    try:
        if path.exists() and not path.is_file():
            raise ModelFileError(path, "file", "a folder or device", expected)
        if (size := path.stat().st_size) > MAX_BYTES:
            raise ModelFileError(path, "file size", f"{size} bytes", f"at most {MAX_BYTES}")
        content = path.read_bytes()
        if not content.startswith(npy.MAGIC_PREFIX):
            raise ModelFileError(path, "file", "something else than a .npy file", expected)
        return _array(content)
    except ModelFileError:
        raise
    except OSError as error:
        raise ModelFileError(path, "file", error.strerror or error, expected) from error
    except BAD_HEADER as error:
        reason = str(error).partition("\n")[0][:100] or type(error).__name__
        raise ModelFileError(path, "file", f"unreadable content ({reason})", expected) from error


def _array(content: bytes) -> NDArray[Any]:
    """The array of a whole file; one whose header promises more is refused before allocating."""
    stream = BytesIO(content)
    version = npy.read_magic(stream)
    if version not in HEADERS:
        raise ValueError(f"version {version} of the format")
    shape, fortran_order, dtype = HEADERS[version](stream)
    if dtype.kind not in "iuf":  # those without any bytes may be as many as one likes
        raise ValueError("Python objects" if dtype.hasobject else f"values of type {dtype}")
    if min(shape, default=1) < 0:
        raise ValueError(f"a shape of {shape}")
    order: Literal["C", "F"] = "F" if fortran_order else "C"
    return np.ndarray(shape, dtype, content, stream.tell(), order=order).copy(order)


def read_rows(path: Path, columns: int | None) -> NDArray[np.int8]:
    """Table values as (rows, columns) int8; the layouts write (rows, columns), (rows, 1, r, r) ...

    Parameters
    ----------
    path : Path
        A table file.
    columns : int or None
        Outputs in a row where that is known; a flat array needs it.

    Raises
    ------
    ModelFileError
        If the values are not int8, or do not make rows of that many columns.
    """
    values = read_array(path)
    if values.dtype != np.int8:
        raise ModelFileError(path, "dtype", values.dtype, "int8 table values")
    width = math.prod(values.shape[1:]) if values.ndim > 1 else columns or 0
    known = columns in (None, width) and 1 <= width <= MAX_COLUMNS
    if not known or values.ndim == 0 or values.size % width:
        outputs = "outputs" if columns is None else columns
        raise ModelFileError(path, "table shape", values.shape, f"(rows, {outputs})")
    return values.reshape(-1, width)


def read_table(
    path: Path,
    *,
    grid_sizes: Collection[int] = GRID_SIZES,
    inputs: int = 4,
    columns: int | None = None,
) -> Table:
    """Read a table whose number of rows is ``L ** inputs`` for one of the grid sizes L.

    Raises
    ------
    ModelFileError
        If the values are not int8 or the shape fits none of the grid sizes.
    """
    values = read_rows(path, columns)
    for size in grid_sizes:
        if len(values) == size**inputs:
            return Table(values, size, inputs)
    rows = " or ".join(str(size**inputs) for size in grid_sizes)
    found = f"{values.shape} ({len(values)} rows)"
    raise ModelFileError(path, "table shape", found, f"{rows} rows of {columns or 'r * r'} outputs")


def read_windows(path: Path) -> NDArray[np.float32]:
    """AutoSample windows (4, K, K) from the learned logits (4, 1, K, K): softmax over the window.

    Raises
    ------
    ModelFileError
        If the logits are not finite floats of that shape.
    """
    logits = _floats(path, "sampler logits")
    side = logits.shape[-1] if logits.ndim else 0
    square = logits.shape in ((4, 1, side, side), (4, side, side))
    if not (square and 1 <= side <= MAX_WINDOW):
        expected = f"(4, 1, K, K) with K from 1 to {MAX_WINDOW}"
        raise ModelFileError(path, "sampler shape", logits.shape, expected)
    return softmax(logits.reshape(4, -1)).reshape(4, side, side)


def read_residual(path: Path) -> NDArray[np.float32]:
    """AdaRL weights (4,) in [0, 1] of the inputs a b c d, from the learned (2, 2), clamped.

    Raises
    ------
    ModelFileError
        If the weights are not finite floats of that shape.
    """
    weights = _floats(path, "residual weights")
    if weights.shape not in ((2, 2), (4,)):
        raise ModelFileError(path, "residual shape", weights.shape, "(2, 2)")
    return np.clip(weights.reshape(4), np.float32(0), np.float32(1))


def _floats(path: Path, what: str) -> NDArray[np.float32]:
    values = read_array(path)
    if values.dtype.kind != "f":
        raise ModelFileError(path, "dtype", values.dtype, f"{what} as float32")
    if not (np.abs(values) <= np.finfo(np.float32).max).all():
        raise ModelFileError(path, what, "NaN or infinity", "finite numbers")
    return values.astype(np.float32)
