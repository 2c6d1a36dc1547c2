"""What an OME-Zarr image says of itself: axes, levels, places, channels.

Belongs here: from the JSON of OME-Zarr 0.4 and 0.5 to the fields of ``ImageFile``, checked by
yaozarrs' models of the specification. The way back is ``describing.py``, pixels are ``pixels.py``.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from napari_autolut.io.image_file import Channel, ImageFileError
from napari_autolut.io.tiff.numbers import negative_words
from napari_autolut.io.units import MICRONS, known_unit, seconds_of
from napari_autolut.util.optional import zarr_models

UNITS = {
    "nm": "nanometer",
    "µm": "micrometer",
    "mm": "millimeter",
    "cm": "centimeter",
    "m": "meter",
}
"""Ours, and as OME-Zarr spells them; other writers' spellings are read by ``io/units.py``."""

OTHER_LETTERS = "QRHEAPI"
"""For axes that are neither time, channel nor space, as tifffile names such."""


@dataclass(frozen=True)
class Layout:
    """What is said of an image.

    Parameters
    ----------
    axes : str
        Letters as those of ``ImageFile``.
    pixel_size, origin : mapping of str to float
        Of the first level, by axis.
    unit : str, optional
        Of space.
    channels : tuple of Channel
        Empty where nothing is said.
    levels : tuple of str
        Names of the arrays, largest first.
    not_kept : tuple of str
        What is said that no result will have.
    name : str
        What the image is called.
    level_sizes : tuple of tuple of float
        Size of a pixel of each level along each axis, in the file's own units.
    remarks : tuple of str
        What there is to say of it.
    """

    axes: str
    pixel_size: Mapping[str, float]
    origin: Mapping[str, float]
    unit: str | None
    channels: tuple[Channel, ...]
    levels: tuple[str, ...]
    not_kept: tuple[str, ...] = ()
    name: str = ""
    level_sizes: tuple[tuple[float, ...], ...] = ()
    remarks: tuple[str, ...] = ()


def parsed(path: Path, ome: Mapping[str, Any], zarr_version: int) -> Layout:
    """Understand the OME attributes of a group.

    Raises
    ------
    ImageFileError
        If they are not those of an OME-Zarr image of a version that is known, with what is wrong.
    """
    listed = ome.get("multiscales")
    scales = listed if isinstance(listed, list) else []
    first = scales[0] if scales else None
    if not isinstance(first, dict):
        raise ImageFileError(path, "found multiscales that hold no image; copy the Zarr again")
    version = str(first.get("version") or ome.get("version"))
    known = "0.5" if zarr_version == 3 else "0.4"
    if version not in ("0.4", "0.5") and not (version == "None" and "axes" in first):
        remedy = "expected 0.1 to 0.4 in Zarr 2 or 0.5 in Zarr 3; convert it"
        raise ImageFileError(path, f"found OME-Zarr {version} in Zarr {zarr_version}, {remedy}")
    checked = _checked(path, {"multiscales": [first], "version": known}, known)
    scale = checked.multiscales[0]
    letters = _letters([(axis.name, axis.type) for axis in scale.axes])
    places = [_places(scale, each) for each in scale.datasets]
    sizes, origins = places[0]
    if not all(map(math.isfinite, (*sizes, *origins))):
        said = ", ".join(f"{number:g}" for number in (*sizes, *origins))
        problem = f"found scales and translations of {said}, expected finite numbers"
        raise ImageFileError(path, f"{problem}; copy the Zarr again")
    units = {letter: axis.unit for letter, axis in zip(letters, scale.axes, strict=True)}
    pixel_size, origin, unit, not_kept = _in_one_unit(letters, sizes, origins, units)
    if len(scales) > 1:
        not_kept += (f"{len(scales) - 1} of its {len(scales)} multiscales, which are other images",)
    channels, levels = _channels(ome.get("omero")), tuple(each.path for each in scale.datasets)
    name = scale.name if any(map(str.isalnum, scale.name or "")) else ""
    of_levels = tuple(tuple(map(abs, each)) for each, _ in places)
    return Layout(
        axes=letters,
        pixel_size=pixel_size,
        origin=origin,
        unit=unit,
        channels=channels,
        levels=levels,
        not_kept=not_kept,
        name=name,
        level_sizes=of_levels,
        remarks=negative_words(dict(zip(letters, sizes, strict=True))),
    )


def _checked(path: Path, ome: dict[str, Any], version: str) -> Any:
    """The specification's own model of the attributes."""
    models = zarr_models()
    image = (models.v05 if version == "0.5" else models.v04).Image
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of units that are only recommended
            return image.model_validate(ome)
    except (ValueError, RecursionError) as error:
        raise ImageFileError(
            path, f"found no valid OME-Zarr {version}: {_first_problem(error)}"
        ) from error


def _first_problem(error: Exception) -> str:
    """The first of a validation's errors on one line, with where it is."""
    listed = getattr(error, "errors", None)
    if listed is None:
        return str(error)
    first = listed()[0]
    where = ".".join(str(part) for part in first["loc"])
    words = " ".join(str(first["msg"]).split())
    return f"{where}: {words[:200]}"


def _letters(axes: Sequence[tuple[str, str | None]]) -> str:
    """A letter for each axis, by its type and then by its name."""
    space = [number for number, (_, kind) in enumerate(axes) if kind == "space"]
    letters: dict[int, str] = {}
    named = {axes[number][0].lower(): number for number in space}
    if set(named) <= set("zyx"):
        letters |= {number: name.upper() for name, number in named.items()}
    else:
        letters |= dict(zip(reversed(space), "XYZ", strict=False))
    for number, (_, kind) in enumerate(axes):
        if kind in ("time", "channel"):
            letters[number] = kind[0].upper()
    free = iter(letter for letter in OTHER_LETTERS if letter not in letters.values())
    return "".join(letters.get(number) or next(free) for number in range(len(axes)))


def _places(scale: Any, level: Any) -> tuple[list[float], list[float]]:
    """Size of a pixel and place of the first one, along each axis of a level."""
    sizes, origins = [1.0] * scale.ndim, [0.0] * scale.ndim
    transforms = [*level.coordinateTransformations]
    transforms += scale.coordinateTransformations or []
    for transform in transforms:
        if transform.type == "scale":
            factors = transform.scale
            sizes = [size * factor for size, factor in zip(sizes, factors, strict=True)]
            origins = [origin * factor for origin, factor in zip(origins, factors, strict=True)]
        else:
            shifts = transform.translation
            origins = [origin + shift for origin, shift in zip(origins, shifts, strict=True)]
    return sizes, origins


def _in_one_unit(
    letters: str, sizes: Sequence[float], origins: Sequence[float], units: Mapping[str, str | None]
) -> tuple[dict[str, float], dict[str, float], str | None, tuple[str, ...]]:
    """Sizes and origins in one unit of space and in seconds, and what has none of these.

    Where no axis of space has a unit, the numbers are kept without one.
    """
    known = {axis: known_unit(units[axis]) for axis in letters if axis in "ZYX"}
    named = {unit for unit, _ in known.values() if unit}
    unit = named.pop() if len(named) == 1 else "µm" if named else None
    pixel_size, origin, not_kept = {}, {}, []
    for axis, size, first in zip(letters, sizes, origins, strict=True):
        factor: float | None = 1.0
        if axis == "T" and units[axis]:
            factor = seconds_of(units[axis])
        elif axis in known and unit:
            own, times = known[axis]
            factor = times * (MICRONS[own] / MICRONS[unit] if own != unit else 1.0) if own else None
        if factor is None:
            if units[axis] or size != 1:  # which writers put down that know of none
                not_kept.append(f"the size along {axis.lower()}, in {units[axis] or 'no unit'}")
            continue
        if axis in "TZYX" and size:
            pixel_size[axis] = abs(size) * factor
        elif axis in "TZYX":
            not_kept.append(f"the size along {axis.lower()}, which is 0")
        if first and size > 0:  # the other way round, its first pixel lies at the other end
            origin[axis] = first * factor
    if not units.get("T") and pixel_size.get("T") == 1:
        del pixel_size["T"]
    return pixel_size, origin, unit, tuple(not_kept)


def _channels(omero: Any) -> tuple[Channel, ...]:
    """What is said of channels, as far as it makes sense: it only tells how they are shown."""
    listed = omero.get("channels") if isinstance(omero, dict) else None
    if not isinstance(listed, list):
        return ()
    return tuple(_channel(each if isinstance(each, dict) else {}) for each in listed)


def _channel(said: Mapping[str, Any]) -> Channel:
    label, colour, window = said.get("label"), str(said.get("color", "")), said.get("window")
    digits = colour.lstrip("#").upper()
    valid = len(digits) in (6, 8) and not set(digits) - set("0123456789ABCDEF")
    return Channel(
        label if isinstance(label, str) else "",
        digits[:6] if valid else None,  # opacity may come after
        _ends(window, "start", "end"),
        shown=said.get("active") is not False,
        limits=_ends(window, "min", "max"),
    )


def _ends(window: Any, low: str, high: str) -> tuple[float, float] | None:
    """Two ends of a window, where they are numbers in order."""
    given = [window.get(end) for end in (low, high)] if isinstance(window, dict) else []
    ends = [float(end) for end in given if isinstance(end, int | float) and math.isfinite(end)]
    return (ends[0], ends[1]) if len(ends) == 2 and ends[0] < ends[1] else None
