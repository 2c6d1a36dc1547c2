"""Where the pixels of a DICOM file lie in the patient, and how large they are.

Belongs here: sizes and places in millimetres. Pixels and times are ``reading.py``.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

UPRIGHT = (1, 0, 0, 0, 1, 0)
"""Directions of rows and columns where x and y are the patient's."""

SAME_DIRECTION = 1e-3

SPACINGS = ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing")

TWO_DIMENSIONS, CENTIMETRES = 1, 3
"""Numbers of DICOM for what a region of an ultrasound image is, and for its unit."""

EVEN = 0.01
"""Share by which distances of slices may differ: they are written with few digits."""


def sizes(found: Any) -> dict[str, float]:
    """Sizes of a pixel along z, y and x, as far as they are known.

    Slices lie where their positions say; their thickness is another number.
    """
    of_frame = _part(_frame_groups(found, 0), "PixelMeasuresSequence")
    measures = (_shared(found, "PixelMeasuresSequence"), of_frame, found)
    spacing = values(measures, *SPACINGS) or _of_regions(found)
    depth = values(measures, "SpacingBetweenSlices", "SliceThickness")
    if not in_order(found):
        depth = []
    elif (steps := _steps(found)).size:
        depth = [steps.mean()]
    every = {"Z": depth[:1], "Y": spacing[:1], "X": spacing[-1:]}
    numbers = {axis: abs(float(each[0])) for axis, each in every.items() if each}
    return {axis: size for axis, size in numbers.items() if 0 < size < math.inf}


def _of_regions(found: Any) -> list[float]:
    """Millimetres between rows and between columns of an ultrasound image.

    Each of its regions has sizes of its own, such as of a second image beside the first one; they
    count where they are alike. Those that are no plane of tissue (spectra, curves) do not.
    """
    regions = found.get("SequenceOfUltrasoundRegions") or ()
    planes = [each for each in regions if each.get("RegionSpatialFormat") == TWO_DIMENSIONS]
    if not planes or any(
        each.get(f"PhysicalUnits{axis}Direction") != CENTIMETRES for each in planes for axis in "XY"
    ):
        return []
    steps = np.abs([[float(each.get(f"PhysicalDelta{a}") or 0) for a in "YX"] for each in planes])
    alike = bool((np.ptp(steps, axis=0) <= EVEN * steps.mean(axis=0)).all())
    return [10 * float(step) for step in steps[0]] if alike else []


def aspect(found: Any) -> dict[str, float]:
    """How much higher than wide pixels of unknown size are; nothing where they are square."""
    parts = [float(part) for part in values((found,), "PixelAspectRatio")]
    if len(parts) != 2 or min(parts) <= 0 or parts[0] == parts[1]:
        return {}
    return {"Y": parts[0] / parts[1], "X": 1.0}


def is_of_detector(found: Any) -> bool:
    """Whether sizes are those on a detector behind the patient, and no others are known."""
    return "PixelSpacing" not in found and "ImagerPixelSpacing" in found


def frame_axes(found: Any, count: int) -> dict[str, int]:
    """How the frames of a file lie: slices, or volumes and times where places come again.

    Parameters
    ----------
    found : pydicom.Dataset
        The file.
    count : int
        Of its frames.

    Returns
    -------
    dict of str to int
        Lengths of the axes Z and T, in the order of the frames.
    """
    places = _places(found)
    if len(places) != count or count < 2:
        return {"Z": count}
    slices = len(np.unique(places, axis=0))
    times = count // slices
    if times > 1 and times * slices == count:
        if (places.reshape(times, slices, 3) == places[:slices]).all():
            return {"T": times, "Z": slices}
        if (places.reshape(slices, times, 3) == places[::times, None]).all():
            return {"Z": slices, "T": times}
    return {"Z": count}


def in_order(found: Any) -> bool:
    """Whether slices follow one another in one direction, as far as the file says."""
    steps = _steps(found)
    return bool((steps > 0).all() or (steps < 0).all())


def lie_evenly(found: Any) -> bool:
    """Whether slices are as far apart as one another, as far as the file says."""
    steps = np.abs(_steps(found))
    return not steps.size or bool(np.ptp(steps) <= EVEN * steps.mean())


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
    first = values(_first_frame_or_file(found), "ImagePositionPatient")
    if len(first) != 3 or not np.isfinite(np.asarray(first, float)).all():
        return {}, ()
    orientation = values(
        (_shared(found, "PlaneOrientationSequence"), *_first_frame_or_file(found)),
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
        places = _places(found)
        axes = frame_axes(found, len(places))
        every = axes["T"] if next(iter(axes)) == "Z" and "T" in axes else 1
        moved = np.diff(places[::every][: axes["Z"]], axis=0)
        directions = np.sign(moved[:, 2]) + (moved[:, 2] == 0)
        return np.asarray(np.linalg.norm(moved, axis=1) * directions)
    return np.diff(np.asarray(offsets, float))


def _places(found: Any) -> NDArray[np.float64]:
    """Where the first pixel of each frame lies, (frames, 3); empty where not all say so."""
    count = len(found.get("PerFrameFunctionalGroupsSequence") or ())
    places = [values(_frame(found, number), "ImagePositionPatient") for number in range(count)]
    if any(len(each) != 3 for each in places):
        return np.empty((0, 3))
    return np.asarray(places, float).reshape(-1, 3)


def _shared(found: Any, name: str) -> Any:
    """What is the same of all frames; an empty data set where it is not said."""
    return _part((found.get("SharedFunctionalGroupsSequence") or [{}])[0], name)


def _frame(found: Any, number: int) -> list[Any]:
    groups = _frame_groups(found, number)
    return [_part(groups, name) for name in ("PlanePositionSequence", "PlaneOrientationSequence")]


def _frame_groups(found: Any, number: int) -> Any:
    frames = found.get("PerFrameFunctionalGroupsSequence") or ()
    return frames[number] if number < len(frames) else {}


def _part(groups: Any, name: str) -> Any:
    return (groups.get(name) or [{}])[0]


def _first_frame_or_file(found: Any) -> list[Any]:
    return [*_frame(found, 0), found]
