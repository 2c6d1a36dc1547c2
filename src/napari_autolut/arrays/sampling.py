"""A bounded sample of an image's pixels, spread over all its axes: for percentiles.

Belongs here: which pixels are read, of arrays in memory, in files and lazy ones. What is made of
them is ``value_range.py``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.util.memmap import release
from napari_autolut.util.samples import spans, spread

MAX_PLANES, PIECES, PIECE_SIDE = 32, 4, 256
"""What is looked at of an image: planes, and of large ones so many pieces along each side."""

MAX_CHUNKS, MAX_CHUNK_BYTES = 64, 2**27
"""How many chunks of a lazy array are computed at most, and of how many bytes together."""

MIN_CHUNKS = 4
"""So many are computed however large they are: one says nothing of the others."""

Index = tuple[int | slice, ...]


def sampled_pixels(image: Any, *, rgb: bool = False) -> NDArray[Any]:
    """Read finite pixels of an image, evenly spread over all its axes.

    Parameters
    ----------
    image : array_like of a real dtype, shape (..., H, W) or, with ``rgb``, (..., H, W, 3 or 4)
        No more than 32 planes are read, of large ones 16 pieces of 256 x 256 each. Of a
        dask array, no more than 64 chunks of 128 MiB together are computed, or 4 of any size; which
        ones depends on its shape and chunks alone.
    rgb : bool, default False
        The last axis holds colours. A fourth one is alpha: neither it nor what it hides is given.

    Returns
    -------
    numpy.ndarray, shape (N,)
        Of the image's dtype.
    """
    if len(image.shape) < 2 + rgb:
        return seen(np.asarray(image), rgb=rgb)
    pieces = list(_pieces(image.shape, rgb))
    read = _computed(image, pieces) if hasattr(image, "dask") else _read(image, pieces)
    return np.concatenate([seen(each, rgb=rgb) for each in read])


def seen(pixels: NDArray[Any], *, rgb: bool) -> NDArray[Any]:
    """Give intensities in one row: finite ones, and of colours those that alpha does not hide."""
    if rgb and pixels.shape[-1] == 4:
        pixels = pixels[..., :3][pixels[..., 3] != 0]
    flat = pixels.reshape(-1)
    return flat[np.isfinite(flat)] if flat.dtype.kind == "f" else flat


def _pieces(shape: Sequence[int], rgb: bool) -> Iterator[Index]:
    """Pieces of planes: indices of the leading axes, rows and columns."""
    leading, (height, width) = shape[: len(shape) - 2 - rgb], shape[len(shape) - 2 - rgb :][:2]
    count = math.prod(leading)
    for number in spread(count, MAX_PLANES):
        plane = tuple(int(at) for at in np.unravel_index(number, leading)) if leading else ()
        parts = (spans(length, PIECE_SIDE, PIECES) for length in (height, width))
        for rows, columns in product(*parts):
            yield (*plane, rows, columns)


def _read(image: Any, pieces: Sequence[Index]) -> Iterator[NDArray[Any]]:
    for index in pieces:
        yield np.asarray(image[index])
        if isinstance(image, np.ndarray):
            release(image)


def _computed(image: Any, pieces: Sequence[Index]) -> Iterator[NDArray[Any]]:
    """Compute the chunks that the pieces lie in, or an even choice of them where that is much."""
    from dask.base import compute

    chunks: dict[tuple[int, ...], list[Index]] = {}
    for index in pieces:
        for chunk, part in _by_chunk(image.chunks, index):
            chunks.setdefault(chunk, []).append(part)
    nbytes = {chunk: _chunk_nbytes(image, chunk) for chunk in chunks}
    chosen = _evenly(list(chunks), MAX_CHUNKS)
    average = sum(nbytes[each] for each in chosen) / len(chosen)
    affordable = max(MIN_CHUNKS, int(MAX_CHUNK_BYTES // max(1, average)))
    chosen = _evenly(chosen, affordable)
    together = sum(nbytes[each] for each in chosen) <= MAX_CHUNK_BYTES
    for group in [chosen] if together else [[each] for each in chosen]:
        yield from compute(*(image[part] for each in group for part in chunks[each]))


def _by_chunk(
    chunks: Sequence[Sequence[int]], index: Index
) -> Iterator[tuple[tuple[int, ...], Index]]:
    """Cut a piece at the borders of chunks: the number of each chunk, and the part in it."""
    for cells in product(*(_cells(sides, at) for sides, at in zip(chunks, index, strict=False))):
        yield tuple(number for number, _ in cells), tuple(part for _, part in cells)


def _cells(sides: Sequence[int], at: int | slice) -> list[tuple[int, int | slice]]:
    """The chunks along an axis that a place or a span lies in, and which part of it."""
    borders = list(pairwise(accumulate(sides, initial=0)))
    if isinstance(at, int):
        return [(n, at) for n, (first, stop) in enumerate(borders) if first <= at < stop]
    return [
        (number, slice(max(first, at.start), min(stop, at.stop)))
        for number, (first, stop) in enumerate(borders)
        if first < at.stop and at.start < stop
    ]


def _chunk_nbytes(image: Any, chunk: tuple[int, ...]) -> int:
    """Bytes of a chunk; those of axes behind it, which hold colours, are all in it."""
    sides = [image.chunks[axis][number] for axis, number in enumerate(chunk)]
    return int(math.prod([*sides, *image.shape[len(chunk) :]])) * int(image.dtype.itemsize)


def _evenly(items: list[Any], count: int) -> list[Any]:
    """Choose items from each part of a list, not always at the same place of a part."""
    if len(items) <= count:
        return items
    borders = np.linspace(0, len(items), count + 1).astype(int)
    draw = np.random.default_rng(0).integers
    return [items[draw(low, high)] for low, high in pairwise(borders)]
