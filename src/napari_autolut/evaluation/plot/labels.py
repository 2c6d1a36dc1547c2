"""Where names go in a drawing, so that they cover neither each other nor what they name.

Belongs here: boxes of text and the choice among places. Marks are in ``drawing.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from napari_autolut.evaluation.plot.drawing import Anchor, Line, Text, text_width

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""

GAP = 9.0
FAR = tuple(22.0 + 16 * step for step in range(12))
"""How far above or below a crowded point its name may go; a thin line then leads to it."""


@dataclass(frozen=True)
class Place:
    """One line of text somewhere; ``led`` if it is so far off that a line should lead to it."""

    text: Text
    led: bool = False

    @property
    def box(self) -> Box:
        """Page that the text covers."""
        line = self.text
        width = text_width(line.text, line.size)
        left = line.x - {"start": 0.0, "middle": width / 2, "end": width}[line.anchor]
        return left, line.y - 0.8 * line.size, left + width, line.y + 0.25 * line.size


@dataclass(frozen=True)
class Label:
    """A name, what it belongs to, and where it may stand, the best place first."""

    x: float
    y: float
    places: tuple[Place, ...]


def beside(text: str, x: float, y: float, size: float, colour: str) -> Label:
    """Name of a point: to its right, its left, above or below it, or farther off."""
    middle = y + 0.35 * size
    near: list[tuple[float, float, Anchor]] = [
        (x + GAP, middle, "start"),
        (x - GAP, middle, "end"),
        (x, y - GAP, "middle"),
        (x, y + GAP + 0.8 * size, "middle"),
    ]
    far: list[tuple[float, float, Anchor]] = [
        (x + side * GAP, middle + sign * away, "start" if side > 0 else "end")
        for away in FAR
        for sign in (-1, 1)
        for side in (1, -1)
    ]
    places = [Place(Text(px, py, text, size, colour, anchor)) for px, py, anchor in near]
    places += [Place(Text(px, py, text, size, colour, a), led=True) for px, py, a in far]
    return Label(x, y, tuple(places))


def on_line(text: str, sides: tuple[float, float], y: float, size: float, colour: str) -> Label:
    """Name of a level line: above or below it, at its right end or its left."""
    above, below = y - 5, y + 4 + 0.8 * size
    ends: list[tuple[float, float, Anchor]] = [
        (sides[1] - 4, above, "end"),
        (sides[1] - 4, below, "end"),
        (sides[0] + 6, above, "start"),
        (sides[0] + 6, below, "start"),
    ]
    places = [Place(Text(x, at, text, size, colour, anchor)) for x, at, anchor in ends]
    return Label(sides[1], y, tuple(places))


def placed(labels: Sequence[Label], panel: Box, taken: Sequence[Box]) -> list[Place]:
    """Choose for each label its best place within the panel that nothing else covers.

    Where none is free, the first one is taken: a crowded drawing shows every name.
    """
    covered = list(taken)
    chosen = []
    for label in labels:
        free = (
            place
            for place in label.places
            if _inside(place.box, panel) and not any(_meet(place.box, box) for box in covered)
        )
        place = next(free, label.places[0])
        covered.append(place.box)
        chosen.append(place)
    return chosen


def leader(label: Label, place: Place, colour: str) -> Iterator[Line]:
    """Line from what is named to a name that stands apart from it."""
    if place.led:
        left, top, right, bottom = place.box
        end = min(max(label.x, left), right), min(max(label.y, top), bottom)
        yield Line(label.x, label.y, *end, colour, 0.8)


def _inside(box: Box, panel: Box) -> bool:
    return panel[0] <= box[0] and panel[1] <= box[1] and box[2] <= panel[2] and box[3] <= panel[3]


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
