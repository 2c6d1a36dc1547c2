"""The value by which a TIFF marks pixels without data, as GDAL and programs of profilers write it.

Belongs here: that tag alone. Pixels are decoded in ``reading.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from tifffile import TiffPage

TAG = 42113


def marked(page: TiffPage) -> float | None:
    """The value that stands for no data; None where a page names no finite one."""
    try:
        value = float(str(page.tags.valueof(TAG) or ""))
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def without_data(data: NDArray[Any], page: TiffPage) -> tuple[NDArray[Any], dict[str, Any]]:
    """Make floats that are no data NaN, and say so; integers cannot be, which is said, too.

    Parameters
    ----------
    data : ndarray
        Decoded pixels.
    page : TiffPage
        The first page of the image.

    Returns
    -------
    data : ndarray
        With NaN.
    fields : dict of str to object
        Arguments of `ImageFile`; none where no pixel is marked.
    """
    value = marked(page)
    if value is None:
        return data, {}
    if data.dtype.kind != "f":
        return data, {"not_kept": (f"the mark that {value:g} is no data",)}
    is_marked = data == data.dtype.type(value)
    count = int(np.count_nonzero(is_marked))
    if not count:
        return data, {}
    made = data if data.flags.writeable else data.copy()
    made[is_marked] = np.nan
    return made, {"remarks": (f"{count:,} pixels without data ({value:g}) are NaN",)}
