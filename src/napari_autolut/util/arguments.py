"""Arguments of the public functions that are wrong in kind: one sentence that names them.

Belongs here: axes, counts, switches and paths as a caller gives them. Images, and what axes mean,
are ``arrays/image.py``.
"""

from __future__ import annotations

import operator
import os
from pathlib import Path
from typing import Any

import numpy as np

from napari_autolut.util.plain_values import is_whole
from napari_autolut.util.text import quoted


def checked_axis(axis: int, ndim: int, name: str) -> int:
    """Count an axis from 0, and refuse one that an array does not have.

    Parameters
    ----------
    axis : int
        As a caller gives it; negative ones count from the end.
    ndim : int
        Number of axes of the array.
    name : str
        What the caller calls it, for the message.

    Raises
    ------
    TypeError
        If it is no integer.
    ValueError
        If there is no such axis.

    Examples
    --------
    >>> checked_axis(-1, 3, "channel_axis")
    2
    """
    try:
        number = operator.index(axis)
    except TypeError:
        number = None
    if number is None or isinstance(axis, bool):
        raise TypeError(f"{name}: found {quoted(axis)}, expected an integer")
    if not -ndim <= number < ndim:
        raise ValueError(f"{name}: found {axis}, expected {-ndim} to {ndim - 1}")
    return number % ndim


def checked_count(value: Any, name: str) -> int:
    """Refuse what is no whole number from 0 on.

    Raises
    ------
    TypeError
        If it is no whole number.
    ValueError
        If it is below 0.
    """
    if not is_whole(value):
        raise TypeError(f"{name}: found {quoted(value)}, expected a whole number")
    if value < 0:
        raise ValueError(f"{name}: found {value}, expected a whole number from 0")
    return int(value)


def checked_flag(value: Any, name: str) -> bool:
    """Refuse what is neither True nor False: the text "no", too, is true for Python.

    Raises
    ------
    TypeError
        If it is neither.
    """
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name}: found {quoted(value)}, expected True or False")
    return bool(value)


def checked_path(value: Any, name: str) -> Path:
    """Take text or a path; an empty one would be the current folder.

    Raises
    ------
    TypeError
        If it is neither, or empty.
    """
    if not isinstance(value, str | os.PathLike) or not os.fspath(value):
        raise TypeError(f"{name}: found {quoted(value)}, expected a path")
    return Path(value)
