"""Texts and numbers that people, files and other programs hand over: of a kind and of a sane size.

Belongs here: what any field asks of a value. The limits of a field are said where the field is;
sentences about a wrong argument are ``arguments.py``.
"""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

MAX_TEXT = 4096
"""Characters of a text or path; systems take no longer path."""

MAX_WHOLE = 10**18
"""Whole numbers are smaller: nothing that counts is larger, and seeds must not be."""


def is_text(value: Any) -> bool:
    """Whether something is a text of at most `MAX_TEXT` characters."""
    return isinstance(value, str) and len(value) <= MAX_TEXT


def is_whole(value: Any) -> bool:
    """Whether something is a whole number, of Python or numpy, with at most 18 digits.

    Examples
    --------
    >>> [is_whole(each) for each in (3, True, 3.0, 10**18)]
    [True, False, False, False]
    """
    return (
        isinstance(value, Integral) and not isinstance(value, bool) and abs(int(value)) < MAX_WHOLE
    )


def is_number(value: Any) -> bool:
    """Whether something is a real number, of Python or numpy; whole ones as in :func:`is_whole`.

    Whether it is finite is a question of its field's limits.

    Examples
    --------
    >>> [is_number(each) for each in (3, 0.5, float("nan"), True, "3", 10**18)]
    [True, True, True, False, False, False]
    """
    return is_whole(value) if isinstance(value, Integral) else isinstance(value, Real)
