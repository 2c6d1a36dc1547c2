"""Images of a file that holds several: what each is, and which of them are meant.

Belongs here: what is known of an image before its pixels are read, and the choice. Finding them is
for the readers of each format.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from napari_autolut.io.image_file import ImageFileError
from napari_autolut.util.text import first_names, shortened

Role = Literal["image", "thumbnail", "label", "overview", "mask"]
"""What an image is for. Slide scanners add a label and an overview of the slide, cameras a
thumbnail; all but images are left out unless they are asked for."""

LISTED = 12
"""How many images a sentence lists."""


@dataclass(frozen=True)
class SeriesInfo:
    """One image of a file, before its pixels are read.

    Parameters
    ----------
    index : int
        Its number in the file, from 0.
    lengths : mapping of str to int
        Length of each axis, rows ``Y`` and columns ``X`` among them.
    dtype : numpy.dtype
        Of its pixels in the file.
    name : str, default ""
        What the file calls it.
    role : {"image", "thumbnail", "label", "overview", "mask"}, default "image"
        What it is for.
    """

    index: int
    lengths: Mapping[str, int]
    dtype: np.dtype[Any]
    name: str = ""
    role: Role = "image"

    @property
    def nbytes(self) -> int:
        """Bytes of its pixels, decoded."""
        return math.prod(self.lengths.values()) * self.dtype.itemsize

    def __str__(self) -> str:
        others = [f"{axis} {n}" for axis, n in self.lengths.items() if axis not in "YXS" and n > 1]
        role = [] if self.role in ("image", self.name.lower()) else [self.role]
        size = f"{self.lengths['X']} x {self.lengths['Y']}"
        words = ", ".join([*([shortened(self.name)] if self.name else []), *role, size, *others])
        return f"{self.index} ({words})"


def chosen_series(
    path: str | os.PathLike[str], series: Sequence[SeriesInfo], wanted: int | None = None
) -> list[SeriesInfo]:
    """Choose among the images of a file.

    Parameters
    ----------
    path : str or path-like
        The file, for the message.
    series : sequence of SeriesInfo
        All that it holds.
    wanted : int, optional
        Number of the one that is asked for; by default all that are neither thumbnail, label,
        overview nor mask, or simply all where there is nothing else.

    Returns
    -------
    list of SeriesInfo
        At least one.

    Raises
    ------
    ImageFileError
        If there is none of that number.
    """
    if wanted is None:
        return [each for each in series if each.role == "image"] or list(series)
    found = [each for each in series if each.index == wanted]
    if not found:
        problem = f"found no series {wanted}, expected one of {listed(series)}"
        raise ImageFileError(path, problem)
    return found


def left_out(series: Sequence[SeriesInfo], chosen: Sequence[SeriesInfo]) -> str:
    """Say which images of a file are left out, and how to get them; empty if none."""
    others = [each for each in series if each not in chosen]
    return f"left out: series {listed(others)}; --series chooses one" if others else ""


def damaged(series: Sequence[SeriesInfo], errors: Mapping[int, ImageFileError]) -> str:
    """Say which images of a file are left out for they cannot be read, and why.

    Parameters
    ----------
    series : sequence of SeriesInfo
        Those that were to be read.
    errors : mapping of int to ImageFileError
        Why some cannot be, by their numbers; of all of them, the first one is raised.

    Returns
    -------
    str
        Part of a sentence; empty where all can be read.
    """
    lost = [each.name or str(each) for each in series if each.index in errors]
    if not lost:
        return ""
    first = next(iter(errors.values()))
    if len(lost) == len(series):
        raise first
    return f"left out, damaged: {first_names(lost)} ({first.problem})"


def listed(series: Sequence[SeriesInfo]) -> str:
    """List images with number, name and size."""
    words = [str(each) for each in series[:LISTED]]
    more = [f"and {len(series) - LISTED} more"] if len(series) > LISTED else []
    return ", ".join([*words, *more])
