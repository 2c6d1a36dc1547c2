"""Numbers as they stand in texts and tags of microscopes, which may hold anything.

Belongs here: reading them. What they mean is in the files of dialects and makers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

NUMBER = r"([-+]?(?:\d+(?:[.,]\d*)?|\.\d+)(?:[eE][-+]?\d+)?)(?!\d|[.,]\d)"
"""A number, as a group of a regular expression; none with marks of thousands."""

MAX_DIGITS = 10
"""Longer numbers count nothing that a file can hold."""

EVEN = 0.1
"""Share by which distances may differ: a stage and a clock are not exact."""

UNEVEN = {
    "Z": "its slices do not lie evenly; the distance is their mean",
    "T": "its frames were not taken evenly; the interval is their mean",
}

WITH_COMMA = re.compile(r"[-+]?\d+,\d+(?:[eE][-+]?\d+)?")
"""A number as programs write it that ask the system how."""


def positive(text: object) -> float:
    """Read a number that can be a size, else 0."""
    value = finite(text)
    return value if value is not None and value > 0 else 0.0


def amount(text: object) -> float:
    """Read a number that is a size, whatever its sign, else 0."""
    return abs(finite(text) or 0.0)


def finite(text: object) -> float | None:
    """Read a number, None where there is none; some programs write it with a comma."""
    if isinstance(text, str) and WITH_COMMA.fullmatch(text.strip()):
        text = text.replace(",", ".")
    try:
        value = float(text)  # type: ignore[arg-type]
    except (OverflowError, TypeError, ValueError):
        return None
    return value if math.isfinite(value) else None


def whole_number(text: str) -> int | None:
    """A number of a few digits, None where there is none."""
    return int(text) if text.isdecimal() and len(text) < MAX_DIGITS else None


class Step(float):
    """Mean distance of places or times, which knows whether they lie evenly."""

    even = True


def mean_step(values: Any, factor: float = 1.0) -> Step:
    """Mean distance of values that rise or fall throughout, times a factor; 0 where they do not."""
    steps = np.diff(np.asarray(() if values is None else values, np.float64))
    one_way = steps.size and bool((steps > 0).all() or (steps < 0).all())
    step = Step(abs(steps.mean()) * factor if one_way else 0.0)
    step.even = not step or bool(np.ptp(steps) <= EVEN * abs(steps.mean()))
    return step


def uneven_words(sizes: Mapping[str, float]) -> tuple[str, ...]:
    """What there is to say of sizes that are means of uneven distances."""
    uneven = {axis for axis, size in sizes.items() if isinstance(size, Step) and not size.even}
    return tuple(words for axis, words in UNEVEN.items() if axis in uneven)


def negative_words(sizes: Mapping[str, float]) -> tuple[str, ...]:
    """What there is to say of sizes by axis of which some are below 0."""
    axes = " and ".join(axis.lower() for axis, size in sizes.items() if size < 0)
    return (f"its pixel size along {axes} is below 0; its amount was taken",) if axes else ()


def squared(sizes: dict[str, float]) -> tuple[str, ...]:
    """Give pixels of which one side alone is known two, and say so: nearly all are square."""
    for known, other in ("XY", "YX"):
        if known in sizes and other not in sizes:
            sizes[other] = sizes[known]
            return (f"its pixel size along {other.lower()} is not said; they were taken as square",)
    return ()
