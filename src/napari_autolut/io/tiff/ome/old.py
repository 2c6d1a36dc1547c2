"""OME-XML of the schemas of 2003 to 2009, brought into the places of the current one.

Belongs here: what lay elsewhere, or had another name. That elements have the current namespace is
seen to before, in ``parsing.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

Element = ElementTree.Element

CHANNELS = ("LogicalChannel", "ChannelInfo")
"""A channel, in 2007 to 2009 and in 2003: a part of the image, not of its pixels."""

WAVES = {"EmWave": "EmissionWavelength", "ExWave": "ExcitationWavelength"}
"""Wavelengths of a channel, in nm: their names then, and now."""

TIMES = ("DeltaT", "ExposureTime")
"""Seconds of a plane, which had an element of their own."""


def modernise(root: Element, namespace: str) -> None:
    """Move sizes, channels and times to where the current schema has them.

    Parameters
    ----------
    root : Element
        With all elements in the current namespace; changed.
    namespace : str
        What stands before their names, with its braces.
    """
    for image in root.findall(f"{namespace}Image"):
        for pixels in image.findall(f"{namespace}Pixels"):
            _move_sizes(image, pixels, namespace)
            _move_channels(image, pixels, namespace)
            for plane in pixels.findall(f"{namespace}Plane"):
                for timing in plane.findall(f"{namespace}PlaneTiming"):
                    for name in TIMES:
                        if name in timing.attrib:
                            plane.attrib.setdefault(name, timing.attrib[name])


def _move_sizes(image: Element, pixels: Element, namespace: str) -> None:
    """Sizes in micrometres, and seconds between frames."""
    places = (pixels, image, *image.iter(f"{namespace}Dimensions"))
    for place in places:
        for axis in "XYZ":
            if size := place.get(f"PixelSize{axis}"):
                pixels.attrib.setdefault(f"PhysicalSize{axis}", size)
        for name in ("TimeIncrement", "PixelSizeT"):
            if interval := place.get(name):
                pixels.attrib.setdefault("TimeIncrement", interval)


def _move_channels(image: Element, pixels: Element, namespace: str) -> None:
    if pixels.find(f"{namespace}Channel") is not None:
        return
    for old in _old_channels(image, namespace):
        new = ElementTree.SubElement(pixels, f"{namespace}Channel")
        for name, value in old.attrib.items():
            new.set(WAVES.get(name, name), value)


def _old_channels(image: Element, namespace: str) -> Iterator[Element]:
    for name in CHANNELS:
        yield from image.findall(f"{namespace}{name}")
