"""Pages of an image that lie in other files of its set, which tifffile closes after a look.

Belongs here: opening those files again for as long as they are read, and reading images for which
tifffile would take the wrong file. Which files make up a set is ``ome/files.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tifffile import TiffFrame, TiffPage, TiffPageSeries


def lies_in_other_files(series: TiffPageSeries) -> bool:
    """Whether a page lies in another file than the one that was opened.

    tifffile then reads pixels that follow one another from the opened file, at the places where
    they are in the other one.
    """
    return any(page is not None and page.parent is not series.parent for page in series.pages)


def decoded_page_by_page(series: TiffPageSeries) -> NDArray[Any]:
    """Decode each page from its own file.

    Raises
    ------
    ValueError
        If pages are of different kinds.
    """
    result = np.zeros((len(series), *series.keyframe.shape), series.dtype)
    for target, page in zip(result, series.pages, strict=True):
        if page is None:
            continue
        with own_file(page):
            pixels = page.asarray(maxworkers=1)
        if pixels.shape != target.shape or pixels.dtype != target.dtype:
            found, expected = (f"{each.shape} of {each.dtype}" for each in (pixels, target))
            raise ValueError(f"found pixels {found} in a file of its set, expected {expected}")
        target[...] = pixels
    return result.reshape(series.shape)


@contextmanager
def own_file(page: TiffPage | TiffFrame) -> Iterator[None]:
    """Keep the file of a page open meanwhile."""
    file = page.parent.filehandle
    closed = file.closed
    if closed:
        file.open()
    try:
        yield
    finally:
        if closed:
            file.close()
