"""The value by which a TIFF marks pixels without data, as GDAL and programs of profilers write it.

Belongs here: that tag alone. Pixels are decoded in ``reading.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from tifffile import TiffPage

from napari_autolut.io.file_pixels import FilePixels
from napari_autolut.util.samples import small_parts
from napari_autolut.util.text import counted

Pixels = NDArray[Any] | FilePixels

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


def nodata_as_nan(data: Pixels, page: TiffPage) -> tuple[Pixels, dict[str, Any]]:
    """Make floats that are no data NaN, and say so; integers cannot be, which is said, too.

    Parameters
    ----------
    data : ndarray or FilePixels
        Decoded pixels; those in memory are changed in place.
    page : TiffPage
        The first page of the image.

    Returns
    -------
    data : ndarray or FilePixels
        With NaN.
    fields : dict of str to object
        Arguments of `ImageFile`; none where no pixel is marked.
    """
    value = nodata_value(page)
    if value is None:
        return data, {}
    if data.dtype.kind != "f":
        return data, {"not_kept": (f"the mark that {value:g} is no data",)}
    mark = data.dtype.type(value)
    count = sum(int(np.count_nonzero(part == mark)) for part in small_parts(data, PIXELS_AT_ONCE))
    if not count:
        return data, {}
    remark = {"remarks": (f"{counted(count, 'pixel')} without data ({value:g}) taken as NaN",)}
    if isinstance(data, FilePixels):
        return data.with_nan(value), remark
    for part in small_parts(data, PIXELS_AT_ONCE):
        part[part == mark] = np.nan
    return data, remark
