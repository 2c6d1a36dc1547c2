"""Pages of a TIFF in the order of their axes, where each says where it lies.

Belongs here: sorting, and the pages along an axis afterwards. What pages say is known to
``micromanager.py``, ``metaseries.py`` and ``volocity.py``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from tifffile import TiffPage, TiffPageSeries

Place = dict[str, int | str]
"""Where a page lies along each axis."""

LETTERS = {"time": "T", "z": "Z", "channel": "C"}
"""Axes of a recording, the outermost first, as a result has them."""

POSITION = "position"
"""The axis of places of the stage: each is an image of its own."""


class Arranged(NamedTuple):
    """Pages of an image in the order of their axes, and the name of its position."""

    pages: list[TiffPage]
    lengths: tuple[int, ...]
    axes: str
    name: str = ""


def arranged(pages: Sequence[TiffPage], places: Sequence[Place]) -> list[Arranged]:
    """Sort pages by what each says of its place.

    Parameters
    ----------
    pages : sequence of TiffPage
        Alike, in the file's order.
    places : sequence of mapping of str to int or str
        Where each lies along the axes, by their names in `LETTERS`, and along `POSITION`; empty
        where it does not say.

    Returns
    -------
    list of Arranged
        One for each position, in the file's order; none unless all pages say where they are, and
        each place is taken once.
    """
    by_position: dict[int | str, list[int]] = {}
    for number, place in enumerate(places):
        by_position.setdefault(place.get(POSITION, ""), []).append(number)
    found = []
    for position, numbers in by_position.items():
        name = f"Position {position}" if len(by_position) > 1 else ""
        one = _arranged([pages[n] for n in numbers], [places[n] for n in numbers])
        if one is None:
            return []
        found.append(one._replace(name=name))
    return found


def _arranged(pages: Sequence[TiffPage], places: Sequence[Place]) -> Arranged | None:
    names = [name for name in LETTERS if name in places[0]]
    if not names and len(pages) == 1:
        return Arranged([*pages], (), "")
    if not names or any(set(place) - {POSITION} != set(names) for place in places):
        return None
    along = [_in_order([place[name] for place in places]) for name in names]
    lengths = tuple(map(len, along))
    taken = {
        tuple(positions[place[name]] for name, positions in zip(names, along, strict=True)): page
        for place, page in zip(places, pages, strict=True)
    }
    if not len(taken) == len(pages) == math.prod(lengths):
        return None
    axes = "".join(LETTERS[name] for name in names)
    return Arranged([taken[at] for at in sorted(taken)], lengths, axes)


def first_of_channels(series: TiffPageSeries) -> list[TiffPage]:
    """The first page of each channel of an arranged image, if only of one; none of colours."""
    if "S" in series.axes:
        return []
    return pages_along(series, "C") or [series.keyframe.aspage()]


def pages_along(series: TiffPageSeries, axis: str) -> list[TiffPage]:
    """The first page of each position along an axis; none where there is no such axis."""
    if axis not in series.axes:
        return []
    at = series.axes.index(axis)
    behind = math.prod(series.shape[at + 1 : series.axes.index("Y")])
    first = series.pages[: behind * series.shape[at] : behind]
    return [page.aspage() for page in first if page is not None]


def _in_order(found: Sequence[int | str]) -> dict[int | str, int]:
    """Positions of the values of an axis: numbers in order, names as they come."""
    values = list(dict.fromkeys(found))
    if all(isinstance(value, int) for value in values):
        values.sort()
    return {value: at for at, value in enumerate(values)}
