"""Dask arrays that are read in any thread without disturbing napari.

While napari draws a dask layer, dask tells napari's cache of whatever is computed, in every thread
of the process. That cache fails, with all of napari, where two threads compute at once.

Belongs here: an array whose own reading nobody is told of. When napari draws our results is
``lazy_result.py``.
"""

from __future__ import annotations

from typing import Any, Self

import dask.array as da


class ReadApart(da.Array):
    """A dask array that computes without dask's global callbacks, and so do parts of it.

    ``origin`` is the array itself, for napari's own thread.
    """

    origin: da.Array

    @classmethod
    def of(cls, array: da.Array) -> Self:
        """Give the same array, to be read apart."""
        made: Self = cls(array.dask, array.name, array.chunks, meta=array._meta)
        made.origin = array
        return made

    def __getitem__(self, index: Any) -> Any:
        """Index as ever."""
        part = super().__getitem__(index)  # type: ignore[no-untyped-call]
        return self if part is self else ReadApart.of(part)

    def compute(self, **kwargs: Any) -> Any:
        """Compute as ever, but for callbacks."""
        kwargs = {"callbacks": (), **kwargs}
        return super().compute(**kwargs)  # type: ignore[no-untyped-call]
