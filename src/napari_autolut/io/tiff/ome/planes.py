"""What OME-XML says of single planes: where they lie, when they were taken.

Belongs here: the place of the image, and distances that are given in no other way. Planes are
written in ``writing.py`` and ``elements.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from xml.etree import ElementTree

from napari_autolut.io.tiff.numbers import Step, finite, mean_step, whole_number
from napari_autolut.io.tiff.ome.parsing import ome_tag
from napari_autolut.io.units import converted, known_unit, seconds_of

Element = ElementTree.Element


PIXEL = "pixel"
"""OME's unit of lengths that have none."""


def origin_of_planes(pixels: Element, unit: str | None) -> dict[str, float]:
    """Read position and time of the first plane, where they are given in a unit, or in PIXEL.

    Parameters
    ----------
    pixels : Element
        Pixels of an image.
    unit : str or None
        Unit of the image; without one only what is in PIXEL, too, is known.

    Returns
    -------
    dict of str to float
        By axis, in ``unit``; of a series in time its beginning, in seconds.
    """
    plane = next((each for each in _along(pixels, "T") if each.get("TheT") == "0"), None)
    if plane is None:
        return {}
    places = {axis: _position(plane, axis, unit) for axis in "XYZ"}
    if pixels.get("SizeT") != "1":
        places["T"] = _seconds(plane)
    return {axis: place for axis, place in places.items() if place is not None}


def interval_of_planes(pixels: Element) -> Step:
    """Mean seconds between frames, from the times of their first planes; 0 where not all say."""
    return _step(pixels, "T", _seconds)


def spacing_of_planes(pixels: Element, unit: str) -> Step:
    """Mean distance of slices, from their positions; 0 where not all of the first stack say."""
    return _step(pixels, "Z", lambda plane: _position(plane, "Z", unit))


def _step(pixels: Element, axis: str, value: Callable[[Element], float | None]) -> Step:
    planes = {whole_number(each.get(f"The{axis}", "")): each for each in _along(pixels, axis)}
    count = whole_number(pixels.get(f"Size{axis}", "")) or 0
    if len(planes) < count:
        return Step(0)
    values = [value(planes[at]) if at in planes else None for at in range(count)]
    return Step(0) if None in values else mean_step(values)


def _along(pixels: Element, axis: str) -> Iterator[Element]:
    """Planes of the first channel that differ in one axis alone, in the order of the XML."""
    others = [each for each in "CZT" if each != axis]
    for plane in pixels.findall(ome_tag("Plane")):
        if all(plane.get(f"The{each}") == "0" for each in others):
            yield plane


def _seconds(plane: Element) -> float | None:
    factor, value = seconds_of(plane.get("DeltaTUnit", "s")), finite(plane.get("DeltaT"))
    return None if factor is None or value is None else value * factor


def _position(plane: Element, axis: str, unit: str | None) -> float | None:
    factor = unit_in(plane.get(f"Position{axis}Unit"), unit)
    value = finite(plane.get(f"Position{axis}"))
    return None if value is None or factor is None else value * factor


def unit_in(said: str | None, unit: str | None) -> float | None:
    """One unit, as OME-XML names it, in that of an image; None where they cannot be compared."""
    own, factor = known_unit(said)
    if own is None or unit is None:
        return 1.0 if unit is None and said == PIXEL else None
    return converted(factor, own, unit)
