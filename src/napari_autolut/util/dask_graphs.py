"""The graphs of dask arrays, as far as reading a part of one is to be quick.

Belongs here: the same array with a graph that costs less. Nothing is computed.
"""

from __future__ import annotations

from typing import Any

MANY_LAYERS = 50
"""Layers of a graph from which on they are joined: few, such as those of files, are quick."""


def flat(array: Any) -> Any:
    """Give the same array with a graph of one layer, if it is of dask and has many.

    A stack of a thousand delayed images has two thousand layers, all of which dask looks through
    for each part that is read: a tenth of a second each time, in which other threads wait for
    Python. Joined they take 2 ms to look through.

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
