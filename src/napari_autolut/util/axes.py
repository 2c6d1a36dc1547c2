"""The number of an axis, as a caller gives it.

Belongs here: that one check. What axes mean is ``arrays/image.py``.
"""

from __future__ import annotations

import operator


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
        raise TypeError(f"{name}: found {axis!r}, expected an integer") from None
    if not -ndim <= number < ndim:
        raise ValueError(f"{name}: found {axis}, expected {-ndim} to {ndim - 1}")
    return number % ndim
