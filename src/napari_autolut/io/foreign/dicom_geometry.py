"""Where the pixels of a DICOM file lie in the patient, and how large they are.

Belongs here: sizes and places in millimetres. Pixels and times are ``dicom.py``.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

UPRIGHT = (1, 0, 0, 0, 1, 0)
"""Directions of rows and columns where x and y are the patient's."""

SAME_DIRECTION = 1e-3

EVEN = 0.01
"""Share by which distances of slices may differ: they are written with few digits."""


def sizes(found: Any) -> dict[str, float]:
    """Sizes of a pixel along z, y and x, as far as they are known.

    Slices lie where their positions say; their thickness is another number.
    """
    measures = (_shared(found, "PixelMeasuresSequence"), found)
    spacing = values(measures, "PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing")
    depth = values(measures, "SpacingBetweenSlices", "SliceThickness")
    steps = np.abs(_steps(found))
    if steps.size and np.ptp(steps) <= EVEN * steps.mean():
        depth = [steps.mean()]
    every = {"Z": depth[:1], "Y": spacing[:1], "X": spacing[-1:]}
    numbers = {axis: abs(float(each[0])) for axis, each in every.items() if each}
    return {axis: size for axis, size in numbers.items() if 0 < size < math.inf}


def place(found: Any, axes: str) -> tuple[dict[str, float], tuple[str, ...]]:
    """Say where the centre of the first pixel lies, and what of that no result will have.

    Parameters
    ----------
    found : pydicom.Dataset
        The file.
    axes : str
        Of the image.

    Returns
    -------
    origin : dict of str to float
        By axis; empty where nothing is said, or the image lies obliquely or backwards.
    not_kept : tuple of str
        Words for a sentence.
    """
    first = values(_frame_or_file(found, 0), "ImagePositionPatient")
    if len(first) != 3 or not np.isfinite(np.asarray(first, float)).all():
        return {}, ()
    orientation = values(
        (_shared(found, "PlaneOrientationSequence"), *_frame_or_file(found, 0)),
        "ImageOrientationPatient",
    )
    directions = np.asarray(orientation if len(orientation) == 6 else UPRIGHT, float)
    upright = np.abs(directions - UPRIGHT).max() < SAME_DIRECTION
    if not upright or (_steps(found) <= 0).any():
        return {}, ("the place in the patient",)
    origin = {axis: float(at) for axis, at in zip("XYZ", first, strict=True) if axis in axes}
    return origin, () if "Z" in axes else ("the slice's place along z",)


def values(places: Any, *names: str) -> list[Any]:
    """Values of the first name that some data set has, as a list; empty where none has.

    Parameters
    ----------
    places : iterable of pydicom.Dataset
        Where they may be, the likeliest first.
    *names : str
        Names of elements, the likeliest first.

    Returns
    -------
    list
        As pydicom gives them.
    """
    for each in places:
        for name in names:
            value = each.get(name)
            if value is not None and value != "":
                return [value] if isinstance(value, str | float | int) else list(value)
    return []


def _steps(found: Any) -> NDArray[np.float64]:
    """Distances from each slice to the next, along z where they are parallel to it."""
    offsets = values((found,), "GridFrameOffsetVector")
    if not offsets:
        count = len(found.get("PerFrameFunctionalGroupsSequence") or ())
        places = [values(_frame(found, n), "ImagePositionPatient") for n in range(count)]
        if any(len(each) != 3 for each in places):
            return np.empty(0)
        moved = np.diff(np.asarray(places, float).reshape(-1, 3), axis=0)
        directions = np.sign(moved[:, 2]) + (moved[:, 2] == 0)
        return np.asarray(np.linalg.norm(moved, axis=1) * directions)
    return np.diff(np.asarray(offsets, float))


def _shared(found: Any, name: str) -> Any:
    """What is the same of all frames; an empty data set where it is not said."""
    groups = (found.get("SharedFunctionalGroupsSequence") or [{}])[0]
    return (groups.get(name) or [{}])[0]


def _frame(found: Any, number: int) -> list[Any]:
    frames = found.get("PerFrameFunctionalGroupsSequence") or ()
    if number >= len(frames):
        return []
    names = ("PlanePositionSequence", "PlaneOrientationSequence")
    return [(frames[number].get(name) or [{}])[0] for name in names]


def _frame_or_file(found: Any, number: int) -> list[Any]:
    return [*_frame(found, number), found]
