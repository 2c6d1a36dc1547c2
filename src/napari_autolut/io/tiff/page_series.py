"""Images made of pages that tifffile does not put together so itself.

Belongs here: the one way to make one, for every version of tifffile. Which pages belong together
is ``contents.py``, and each program's own module.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from tifffile import TiffFrame, TiffPage, TiffPageSeries

KEPT = "YX"
"""Axes that every image has, however short they are."""


def page_series(
    pages: Sequence[TiffPage | TiffFrame | None],
    shape: Sequence[int],
    dtype: np.dtype[Any] | None,
    axes: str,
    *,
    kind: str,
    name: str | None = None,
) -> TiffPageSeries:
    """Make an image of pages, without its axes of length 1; from 2026.5 on tifffile keeps those.

    Parameters
    ----------
    pages : sequence of TiffPage, TiffFrame or None
        All of them alike; None where one is missing.
    shape : sequence of int
        Of the whole image.
    dtype : numpy.dtype
        Of its samples; None for that of the pages.
    axes : str
        A letter for each length.
    kind : str
        The program that wrote it, in tifffile's word.
    name : str, optional
        What it is called.

    Returns
    -------
    TiffPageSeries
        The image.
    """
    used = [each for each in zip(shape, axes, strict=True) if each[0] != 1 or each[1] in KEPT]
    lengths, letters = zip(*used, strict=True)
    return TiffPageSeries(pages, lengths, dtype, "".join(letters), kind=kind, name=name)
