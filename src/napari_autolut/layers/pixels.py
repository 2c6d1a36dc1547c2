"""A layer's pixels: in memory as numpy, in chunks as dask, whatever package holds them.

Belongs here: looking at what a layer holds, without reading it. Which part is worked on, is
``task.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from napari_autolut.util.dask_graphs import flat

FINGERPRINT_VALUES = 4096
"""Of how many values, in a quarter of a millisecond."""


def layer_array(data: Any) -> Any:
    """Give a level of a layer as a numpy array where it is in memory, as dask where it has chunks.

    Parameters
    ----------
    data : array_like
        Numpy, dask, zarr, xarray, or what else can be sliced like an array; it is not read.

    Returns
    -------
    numpy.ndarray, dask.array.Array or array_like
        The last where it is neither known to be in memory nor in chunks, such as an HDF5 data set
        in one piece.
    """
    if isinstance(data, np.ndarray):
        return data
    if hasattr(data, "dask"):
        return _read_apart(data)
    variable = getattr(data, "variable", None)  # what an xarray.DataArray keeps its pixels in
    if getattr(data, "chunks", None) is None:
        return np.asarray(data) if getattr(variable, "_in_memory", False) else data
    import dask.array

    if variable is not None and hasattr(data.data, "dask"):
        return _read_apart(data.data)
    return _read_apart(dask.array.from_array(data))


def _read_apart(data: Any) -> Any:
    import dask.array

    from napari_autolut.layers.read_apart import ReadApart

    apart = isinstance(data, ReadApart) or not isinstance(data, dask.array.Array)
    return data if apart else ReadApart.of(flat(data))


def same_pixels(one: Any, other: Any) -> bool:
    """Whether two of these arrays are of the same pixels; dask names its arrays by them."""
    name = getattr(one, "name", None) if hasattr(one, "dask") else None
    return one is other or (name is not None and name == getattr(other, "name", None))


def fingerprint(array: Any) -> bytes:
    """Some values of an array, spread over it at random: changed ones tell of changed pixels.

    Those of a camera's next frame are seen, and what few pixels hardly change is not. Empty where
    the pixels are not in memory, and take time to read.
    """
    if not isinstance(array, np.ndarray) or isinstance(array, np.memmap) or not array.size:
        return b""
    draw = np.random.default_rng(0).integers
    return array[tuple(draw(0, side, FINGERPRINT_VALUES) for side in array.shape)].tobytes()


def is_lazy(layer: Any) -> bool:
    """Whether an image layer's pixels come in chunks, and so may be larger than memory."""
    finest = layer.data[0] if layer.multiscale else layer.data
    return getattr(finest, "chunks", None) is not None
