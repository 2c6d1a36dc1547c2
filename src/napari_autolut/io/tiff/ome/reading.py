"""OME-XML as it is read: sizes, channels, position and history of one image.

Belongs here: from XML to the fields of ``ImageFile``. How XML is written, with all that this leaves
aside, is ``writing.py``.
"""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

from napari_autolut.io.image_file import Channel, ImageFile
from napari_autolut.io.provenance import JSON_KEY, NAMESPACE, History, history_from_json
from napari_autolut.io.tiff.numbers import (
    amount,
    finite,
    negative_words,
    positive,
    squared,
    uneven_words,
)
from napari_autolut.io.tiff.ome.parsing import ome_tag, parsed
from napari_autolut.io.tiff.ome.planes import (
    interval_of_planes,
    origin_of_planes,
    spacing_of_planes,
)
from napari_autolut.io.units import converted, known_unit, seconds_of

XML, NUMBER = "ome xml", "ome image"
"""Keys of ``ImageFile.metadata`` for the source's XML and the number of the image in it."""

ELSEWHERE_LOST = {
    "Instrument": "the instrument",
    "AcquisitionDate": "the acquisition date",
    "Experimenter": "the experimenter",
    "DeltaT": "times of planes",
    "ExposureTime": "exposure times",
}
"""What OME-XML says that no other file has a place for, by the name of its element or attribute."""


def describe_ome(xml: str, number: int, name: str = "") -> dict[str, Any]:
    """Read the fields of `ImageFile` for one image.

    Parameters
    ----------
    xml : str
        OME-XML.
    number : int
        Which image, where its name does not tell.
    name : str, default ""
        Name of the image.

    Returns
    -------
    dict of str to object
        Sizes, unit, position, channels, history, and the XML itself, from which the rest is
        written again.

    Raises
    ------
    ValueError
        If it is no OME-XML.
    """
    root, _ = parsed(xml)
    images = root.findall(ome_tag("Image"))
    if not images:
        return {"flavour": "ome"}
    named = [n for n, image in enumerate(images) if name and image.get("Name") == name]
    here = [n for n, image in enumerate(images) if _has_pixels(image)] or [*range(len(images))]
    number = named[0] if len(named) == 1 else here[min(number, len(here) - 1)]
    if images[number].find(ome_tag("Pixels")) is None:
        return {"flavour": "ome"}
    fields = described_image(root, images[number])
    return {
        **fields,
        "flavour": "ome",
        "history": _history(root, images[number]),
        "metadata": {XML: xml, NUMBER: number},
    }


def described_image(root: ElementTree.Element, image: ElementTree.Element) -> dict[str, Any]:
    """Read the fields of `ImageFile` from an image of parsed OME-XML that has pixels.

    Parameters
    ----------
    root : Element
        All of the XML.
    image : Element
        The image in it.

    Returns
    -------
    dict of str to object
        Sizes, unit, position, channels, and what is to be said of them.
    """
    pixels = image.find(ome_tag("Pixels"))
    if pixels is None:
        raise ValueError("its OME-XML has an image without pixels")
    said = {axis: finite(pixels.get(f"PhysicalSize{axis}")) or 0.0 for axis in "XYZ"}
    sizes, unit = _sizes(pixels)
    square = squared(sizes)
    if "Z" not in sizes and unit and (spacing := spacing_of_planes(pixels, unit)):
        sizes["Z"] = spacing
    increment = positive(pixels.get("TimeIncrement"))
    factor = seconds_of(pixels.get("TimeIncrementUnit", "s")) or 0.0
    if interval := increment * factor or interval_of_planes(pixels):
        sizes["T"] = interval
    return {
        "pixel_size": sizes,
        "unit": unit,
        "origin": origin_of_planes(pixels, unit),
        "channels": tuple(_channel(each) for each in pixels.findall(ome_tag("Channel"))),
        "not_kept": ("regions of interest",) if _has_regions(root, image) else (),
        "remarks": (*negative_words(said), *uneven_words(sizes), *square),
    }


def lost_outside_ome(image: ImageFile) -> tuple[str, ...]:
    """What is lost of OME-XML where an image is written as another kind of file.

    Parameters
    ----------
    image : ImageFile
        The image.

    Returns
    -------
    tuple of str
        Words for a sentence.
    """
    xml = str(image.metadata.get(XML, ""))
    said = {*re.findall(rf"\b({'|'.join(ELSEWHERE_LOST)})[\s=>]", xml)}
    words = tuple(word for name, word in ELSEWHERE_LOST.items() if name in said)
    coloured = any(each.emission or each.excitation for each in image.channels)
    return (*(("wavelengths of channels",) if coloured else ()), *words)


def lost_with_planes(image: ImageFile) -> tuple[str, ...]:
    """What is lost of OME-XML where other planes take the place of those that were recorded.

    Parameters
    ----------
    image : ImageFile
        The image.

    Returns
    -------
    tuple of str
        Words for a sentence.
    """
    of_planes = [ELSEWHERE_LOST[name] for name in ("DeltaT", "ExposureTime")]
    return tuple(word for word in lost_outside_ome(image) if word in of_planes)


def _has_pixels(image: ElementTree.Element) -> bool:
    """Whether pixels of an image are anywhere; others are described, but none of the series."""
    return image.find(f"{ome_tag('Pixels')}/{ome_tag('TiffData')}") is not None


def _has_regions(root: ElementTree.Element, image: ElementTree.Element) -> bool:
    """Whether regions are drawn on an image; those that no image refers to are on all of them."""
    if image.find(ome_tag("ROIRef")) is not None:
        return True
    referred = root.find(f"{ome_tag('Image')}/{ome_tag('ROIRef')}") is not None
    return not referred and root.find(ome_tag("ROI")) is not None


def colour_of(text: str | None) -> str | None:
    """Six hexadecimal digits of a Color attribute, which is red, green, blue, alpha in 32 bits."""
    try:
        return None if text is None else f"{(int(text) & 0xFFFFFFFF) >> 8:06X}"
    except ValueError:
        return None


def _sizes(pixels: ElementTree.Element) -> tuple[dict[str, float], str | None]:
    """Sizes in the unit of X; those in pixels, or in units that nobody knows, only if all are."""
    found = {}
    for axis in "XYZ":
        size = amount(pixels.get(f"PhysicalSize{axis}"))
        if size:
            unit, factor = known_unit(pixels.get(f"PhysicalSize{axis}Unit", "µm"))
            found[axis] = (size * factor, unit)
    units = [unit for _, unit in found.values() if unit is not None]
    if not units:
        return {axis: size for axis, (size, _) in found.items()}, None
    wanted = units[0]
    return {
        axis: converted(size, unit, wanted) for axis, (size, unit) in found.items() if unit
    }, wanted


def _channel(channel: ElementTree.Element) -> Channel:
    return Channel(
        name=channel.get("Name", ""),
        colour=colour_of(channel.get("Color")),
        emission=_wavelength(channel, "Emission"),
        excitation=_wavelength(channel, "Excitation"),
    )


def _wavelength(channel: ElementTree.Element, kind: str) -> float | None:
    value = positive(channel.get(f"{kind}Wavelength"))
    unit, factor = known_unit(channel.get(f"{kind}WavelengthUnit", "nm"))
    return converted(value * factor, unit, "nm") if value and unit else None


def _history(root: ElementTree.Element, image: ElementTree.Element) -> History:
    """Steps from the annotations that the image refers to, in the order of the references."""
    texts = {
        each.get("ID"): entry.text
        for each in root.iter(ome_tag("MapAnnotation"))
        if each.get("Namespace") == NAMESPACE
        for entry in each.iter(ome_tag("M"))
        if entry.get("K") == JSON_KEY
    }
    references = [each.get("ID") for each in image.findall(ome_tag("AnnotationRef"))]
    return tuple(
        step for each in references if each in texts for step in history_from_json(texts[each])
    )
