"""Denoising of dask arrays, block by block with the halo of each.

Belongs here: chunks. A block is computed by the same code as a numpy plane.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dask.array as da
import numpy as np
from dask.array.overlap import overlap, trim_overlap
from dask.delayed import delayed
from numpy.typing import NDArray

from napari_autolut.engine import plane_engine
from napari_autolut.noise.planes import Denoiser, denoised_plane

LONGEST_CHUNK = 2048
"""Rows and columns of a block at most; smaller chunks stay as they are where they can."""


def denoise_lazily(
    planes: da.Array, axis: int | None, denoisers: Sequence[Denoiser | None], engine: str
) -> da.Array:
    """Make the graph of a denoised image with rows and columns last; computes nothing.

    Chunks are one plane each, and in planes as they are, but for those that are smaller than a halo
    or do not begin where a denoiser's squares do.
    """
    used = [each for each in denoisers if each is not None]
    halo = max((each.halo for each in used), default=0)
    square = max((each.square for each in used), default=1)
    chunks = tuple((1,) * length for length in planes.shape[:-2]) + tuple(
        _chunks(planes.chunks[each], halo, square) for each in (-2, -1)
    )
    source = planes.rechunk(chunks)
    depth = {planes.ndim - 2: halo, planes.ndim - 1: halo}
    wide = overlap(source, depth, "none", allow_rechunk=False)
    clean = da.map_blocks(
        _block,
        wide,
        delayed(list(denoisers), traverse=False),
        dtype=planes.dtype,
        meta=np.empty((0,) * planes.ndim, planes.dtype),
        axis=axis,
        engine=engine,
    )
    result: da.Array = trim_overlap(clean, depth, "none")
    return result


def _chunks(chunks: tuple[int, ...], halo: int, square: int) -> tuple[int, ...]:
    """Chunks of one spatial axis that begin at squares and can lend neighbours a halo."""
    length = sum(chunks)
    step = max(square, min(LONGEST_CHUNK, max(chunks)))
    step = -(-max(step, halo) // square) * square
    if length < 2 * step:
        return (length,)
    count = length // step
    return (step,) * (count - 1) + (length - step * (count - 1),)


def _block(
    block: NDArray[Any],
    denoisers: Sequence[Denoiser | None],
    *,
    axis: int | None,
    engine: str,
    block_id: tuple[int, ...],
) -> NDArray[Any]:
    """One plane's chunk with its halo."""
    # Dask computes several blocks at once; more threads inside each would only queue.
    single = plane_engine(engine, threads=1)
    denoiser = denoisers[block_id[axis] if axis is not None else 0]
    plane = block.reshape(block.shape[-2:])
    return denoised_plane(plane, denoiser, single).reshape(block.shape)
