"""OME-Zarr folders (0.1 to 0.5): what they say, their pixels read where indexed, and writing.

Lives here: the format alone; zarr and yaozarrs, the extra ``zarr``, are imported when it is used.
Not here: what is computed and in which order (``batch``), and layers of napari (``layers``).
"""

from napari_autolut.io.zarr.folder import check_outside_zarr, is_zarr
from napari_autolut.io.zarr.missing_chunks import EMPTY, MISSING_VARIABLE, missing_as_empty

__all__ = [
    "EMPTY",
    "MISSING_VARIABLE",
    "check_outside_zarr",
    "is_zarr",
    "missing_as_empty",
]
