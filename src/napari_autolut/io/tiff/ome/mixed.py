"""OME-XML of an image that has channels of colours beside grey ones, as several images.

Belongs here: the description brought into a form that arrays can have: the grey channels together,
and each channel of colours as an image of its own. Which text counts is ``files.py``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from copy import deepcopy
from xml.etree import ElementTree

Element = ElementTree.Element

MAX_ELEMENTS = 10**5
"""Elements of an image that is taken apart, in all of its parts; each plane gets one."""

OF_CHANNELS = ("}Channel", "}TiffData", "}Plane")
"""What a part has of the whole image's; the schema has them in this order, before all else."""

COLOURS = "colours"
"""Added to the image's name where a channel of colours has none."""


def split_by_samples(root: Element) -> str | None:
    """Take apart images whose channels differ in their samples.

    Parameters
    ----------
    root : Element
        OME-XML; changed.

    Returns
    -------
    str or None
        The new text; None where there is no such image, or its numbers make no sense.
    """
    found = False
    try:
        for at, image in reversed([*enumerate(root)]):
            pixels = image.find("{*}Pixels")
            if pixels is None or len(set(_samples(pixels))) < 2:
                continue
            parts = _parts(image, pixels)
            root.remove(image)
            for part in reversed(parts):
                root.insert(at, part)
            found = True
    except (KeyError, ValueError):
        return None
    return ElementTree.tostring(root, "unicode") if found else None


def _samples(pixels: Element) -> list[int]:
    """Samples of each channel."""
    return [int(each.get("SamplesPerPixel", 1)) for each in pixels.iterfind("{*}Channel")]


def _parts(image: Element, pixels: Element) -> list[Element]:
    samples = _samples(pixels)
    if any(count < 1 for count in samples) or sum(samples) != int(pixels.attrib["SizeC"]):
        raise ValueError("channels do not make up the image")
    grey = [number for number, count in enumerate(samples) if count == 1]
    groups = [grey, *([number] for number, count in enumerate(samples) if count > 1)]
    places = _places(pixels, samples)
    if len(groups) * (len(pixels) + len(places)) > MAX_ELEMENTS:
        raise ValueError("too many planes")
    return [_part(image, number, group, places) for number, group in enumerate(groups) if group]


def _places(pixels: Element, samples: Sequence[int]) -> dict[tuple[int, ...], Element]:
    """Where the plane at each position along Z, C and T lies; C counts channels, not samples."""
    order = pixels.attrib["DimensionOrder"][:1:-1]
    lengths = {axis: int(pixels.attrib[f"Size{axis}"]) for axis in "ZT"} | {"C": len(samples)}
    shape = [lengths[axis] for axis in order]
    total = math.prod(shape)
    blocks = pixels.findall("{*}TiffData")
    firsts = [int(block.get("FirstC", 0)) for block in blocks]
    if max(firsts, default=0) >= len(samples):  # of samples, as some programs count them
        starts = [sum(samples[:number]) for number in range(len(samples))]
        firsts = [starts.index(first) for first in firsts]
    places, listed = {}, 0
    for block, channel in zip(blocks, firsts, strict=True):
        at = {axis: int(block.get(f"First{axis}", 0)) for axis in "ZT"} | {"C": channel}
        if any(not 0 <= at[axis] < length for axis, length in zip(order, shape, strict=True)):
            raise ValueError("a place outside the image")
        first = 0
        for axis, length in zip(order, shape, strict=True):
            first = first * length + at[axis]
        count = int(block.get("PlaneCount", 1 if "IFD" in block.attrib else total))
        count = min(count, total - first)
        if (listed := listed + count) > MAX_ELEMENTS:
            raise ValueError("too many planes")
        for number in range(count):
            place, rest = {}, first + number
            for axis, length in zip(reversed(order), reversed(shape), strict=True):
                rest, place[axis] = divmod(rest, length)
            page = deepcopy(block)
            page.attrib |= {"IFD": str(int(block.get("IFD", 0)) + number), "PlaneCount": "1"}
            places[tuple(place[axis] for axis in "ZCT")] = page
    return places


def _part(
    whole: Element, number: int, group: Sequence[int], places: dict[tuple[int, ...], Element]
) -> Element:
    """The image with some of its channels."""
    image = deepcopy(whole)
    pixels = image.find("{*}Pixels")
    assert pixels is not None
    channels = pixels.findall("{*}Channel")
    kept = [channels[channel] for channel in group]
    for element in (image, pixels):
        element.set("ID", f"{element.get('ID', 'Image:0')}-{number}")
    if number:
        words = (whole.get("Name", ""), kept[0].get("Name") or COLOURS)
        image.set("Name", " ".join(filter(None, words)))
    samples = sum(int(each.get("SamplesPerPixel", 1)) for each in kept)
    pixels.set("SizeC", str(samples))
    new = {channel: str(at) for at, channel in enumerate(group)}
    pages = [(at, page) for at, page in places.items() if at[1] in new]
    for (z, c, t), page in pages:
        page.attrib |= {"FirstZ": str(z), "FirstC": new[c], "FirstT": str(t)}
    planes = [each for each in pixels.findall("{*}Plane") if int(each.attrib["TheC"]) in new]
    for plane in planes:
        plane.set("TheC", new[int(plane.attrib["TheC"])])
    others = [each for each in pixels if not each.tag.endswith(OF_CHANNELS)]
    pixels[:] = [*kept, *(page for _, page in pages), *planes, *others]
    return image
