"""The value by which a TIFF marks pixels without data, as GDAL and programs of profilers write it.

Belongs here: that tag alone. Pixels are decoded in ``reading.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tifffile import TiffPage

from napari_autolut.io.tiff.memmap import temporary_memmap
from napari_autolut.util.memmap import release

TAG = 42113

PIXELS_AT_ONCE = 2**22
"""How many pixels are compared together: of an image larger than memory not all are."""


def nodata_value(page: TiffPage) -> float | None:
    """The value that stands for no data; None where a page names no finite one."""
    try:
        value = float(str(page.tags.valueof(TAG) or ""))
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def nodata_as_nan(data: NDArray[Any], page: TiffPage) -> tuple[NDArray[Any], dict[str, Any]]:
    """Make floats that are no data NaN, and say so; integers cannot be, which is said, too.

    Parameters
    ----------
    data : ndarray
        Decoded pixels, in memory or mapped; changed in place where they may be.
    page : TiffPage
        The first page of the image.

    Returns
    -------
    data : ndarray
        With NaN; of a file that is mapped itself a copy in a temporary one.
    fields : dict of str to object
        Arguments of `ImageFile`; none where no pixel is marked.
    """
    value = nodata_value(page)
    if value is None:
        return data, {}
    if data.dtype.kind != "f":
        return data, {"not_kept": (f"the mark that {value:g} is no data",)}
    mark = data.dtype.type(value)
    count = sum(int(np.count_nonzero(part == mark)) for part in _parts(data))
    if not count:
        return data, {}
    made = data if data.flags.writeable else temporary_memmap(data.dtype, data.shape)
    for part, target in zip(_parts(data), _parts(made), strict=True):
        target[...] = np.where(part == mark, np.nan, part)
    return made, {"remarks": (f"{count:,} pixels without data ({value:g}) are NaN",)}


def _parts(data: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Views of some pixels at a time, of which those that are mapped are left to the disk."""
    if data.size <= PIXELS_AT_ONCE or not data.ndim:
        yield data
        release(data)
        return
    step = max(1, PIXELS_AT_ONCE * len(data) // data.size)
    for start in range(0, len(data), step):
        yield from _parts(data[start : start + step]) if step > 1 else _parts(data[start])
