"""What people and programs call axes, and the letter of each.

Belongs here: names in words, as layers of napari have them. Letters that a file format fixes are
that format's matter.
"""

from __future__ import annotations

from collections.abc import Sequence

NAMES = {
    "T": ("t", "time", "times", "timepoint", "timepoints", "frame", "frames"),
    "C": ("c", "ch", "channel", "channels"),
    "Z": ("z", "slice", "slices", "depth"),
    "Y": ("y", "row", "rows", "height"),
    "X": ("x", "column", "columns", "col", "cols", "width"),
}

LETTERS = {name: letter for letter, names in NAMES.items() for name in names}

LEADING = ("", "Z", "TZ", "TCZ")
"""Axes before rows and columns whose names say nothing, by their number."""


def axis_letter(label: object) -> str:
    """The letter of an axis that has a name; empty where the name says nothing."""
    return LETTERS.get(str(label).strip().lower(), "")


def axis_letters(labels: Sequence[object]) -> str:
    """Letters of all axes: of each by its name, else by where it stands.

    Parameters
    ----------
    labels : sequence of object
        Names in the order of the axes, colours left out.

    Returns
    -------
    str
        One of ``TCZYX`` for each, in the order of ``labels``; rows and columns are the last two but
        where both are named.

    Raises
    ------
    ValueError
        If there are more axes than letters.

    Examples
    --------
    >>> axis_letters(["time", "axis -3", "Y", "x"]), axis_letters(["y", "x", "z"])
    ('TZYX', 'YXZ')
    >>> axis_letters(["trial", "row", "column"]), axis_letters(["", "channel", "", ""])
    ('ZYX', 'TCYX')
    """
    if len(labels) > 2 + len(LEADING[-1]):
        raise ValueError(f"found {len(labels)} axes, and a file holds up to 5")
    named = [axis_letter(label) for label in labels]
    if not {"Y", "X"} <= set(named):
        named = [letter if letter in "TCZ" else "" for letter in named[:-2]] + ["Y", "X"]
    count = len(named) - 2
    if len(set(filter(None, named))) < len([*filter(None, named)]):
        return LEADING[count] + "YX"
    usual = [letter for letter in LEADING[count] + "ZTC" if letter not in named]
    free = iter(dict.fromkeys(usual))
    return "".join(letter or next(free) for letter in named)
