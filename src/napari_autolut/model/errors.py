"""What is wrong with a model, and the checks that say so.

Belongs here: the exception and the functions that raise it. What is checked is beside the types
that must hold it; errors of files are in ``storage``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.util.text import printable

MAX_TEXT = 200
"""Characters of what a broken file holds that an error shows."""


class ModelError(ValueError):
    """A model that cannot be used: which field is wrong, what it holds and what it should hold.

    Parameters
    ----------
    field : str
        The field that is wrong.
    found, expected : object
        What it holds, and what it should hold; shown on one line of bounded length.
    """

    def __init__(self, field: str, found: object, expected: object) -> None:
        super().__init__(field, found, expected)
        self.field, self.found, self.expected = field, found, expected

    def __str__(self) -> str:
        return f"{self.field}: found {_short(self.found)}, expected {_short(self.expected)}"


def require(condition: bool, field: str, found: object, expected: object) -> None:
    """Raise a ModelError unless the condition holds."""
    if not condition:
        raise ModelError(field, found, expected)


def require_within(field: str, number: float, lo: float, hi: float) -> None:
    """Raise a ModelError for a number, or NaN, by which float32 sums might overflow."""
    require(lo <= number <= hi, field, f"{number:g}", f"{lo:g} to {hi:g}")


def is_finite(array: NDArray[Any]) -> bool:
    """Whether no value is NaN or infinite."""
    return bool(np.isfinite(array).all())


def _short(value: object) -> str:
    text = printable(" ".join(str(value)[: 10 * MAX_TEXT].split()))
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}..."
