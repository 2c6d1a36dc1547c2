"""The graphs of dask arrays, as far as reading a part of one is to be quick.

Belongs here: the same array with a graph that costs less, and that of pixels on disk. Nothing is
computed.
"""

from __future__ import annotations

from typing import Any

MANY_LAYERS = 50
"""Layers of a graph from which on they are joined: few, such as those of files, are quick."""


def flat(array: Any) -> Any:
    """Give the same array with a graph of one layer, if it is of dask and has many.

    A stack of a thousand delayed images has two thousand layers. Dask looks through all of them for
    each part that is read: a tenth of a second each time, in which other threads wait for Python.
    Joined they take 2 ms to look through.

    Parameters
    ----------
    array : array_like
        Of dask or anything else, which is given back as it is.
    """
    if not hasattr(array, "dask") or len(getattr(array.dask, "layers", ())) < MANY_LAYERS:
        return array
    import dask.array
    from dask.highlevelgraph import HighLevelGraph

    graph = HighLevelGraph({array.name: dict(array.dask)}, {array.name: set()})
    return dask.array.Array(graph, array.name, array.chunks, meta=array._meta)


def as_dask(pixels: Any, in_plane: int = 2, side: int = 1) -> Any:
    """Pixels on disk as a dask array, of whole chunks of theirs.

    To look at, a chunk is read as it is stored. What goes over all pixels takes several small ones
    together, for each costs dask a fraction of a millisecond.

    Parameters
    ----------
    pixels : array_like
        With ``chunks``, if it is stored in such; of dask it is given back as it is.
    in_plane : int, default 2
        How many of the last axes make up a plane.
    side : int, default 1
        Along these, chunks are joined to at most so many pixels.
    """
    import dask.array
    import numpy as np

    if isinstance(pixels, dask.array.Array):
        return pixels
    stored = getattr(pixels, "chunks", (1,) * pixels.ndim)  # memory, or a file, has none
    chunks = [
        own * max(1, side // own) if axis >= pixels.ndim - in_plane else own
        for axis, own in enumerate(stored)
    ]
    meta = np.empty((0,) * pixels.ndim, pixels.dtype)
    return dask.array.from_array(pixels, chunks=tuple(chunks), name=False, meta=meta)
