"""Elements of OME-XML that say what an image is and what was done to it.

Belongs here: single elements. What is taken from the source's own XML, and the order of all, is
``writing.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree

import numpy as np

from napari_autolut.io.image_file import Channel, ImageFile
from napari_autolut.io.provenance import (
    JSON_KEY,
    NAMESPACE,
    PROGRAM,
    ProcessingStep,
    history_to_json,
)
from napari_autolut.io.tiff.numbers import positive
from napari_autolut.io.tiff.ome.parsing import ome_tag
from napari_autolut.io.tiff.ome.planes import PIXEL

Element = ElementTree.Element


def place_planes(pixels: Element, image: ImageFile) -> None:
    """Say where planes lie and when they were taken, unless all begins at 0."""
    if not any(image.origin.values()):
        return
    counts = {axis: image.lengths.get(axis, 1) for axis in "CZT"}
    for c, z, t in np.ndindex(*counts.values()):
        place = {"TheZ": str(z), "TheT": str(t), "TheC": str(c)}
        at: dict[str, str] = {}
        for axis in "XYZ":
            if axis in image.origin:
                step = z * image.pixel_size.get("Z", 0.0) if axis == "Z" else 0.0
                at |= {f"Position{axis}": repr(image.origin[axis] + step)}
                at |= {f"Position{axis}Unit": image.unit or PIXEL}
        interval = image.pixel_size.get("T", 0.0)
        if "T" in image.origin and (interval or not t):
            at |= {"DeltaT": repr(image.origin["T"] + t * interval), "DeltaTUnit": "s"}
        ElementTree.SubElement(pixels, ome_tag("Plane"), place | at)


def channel_attributes(channel: Channel) -> Mapping[str, str]:
    """Name, colour and wavelengths of a channel, as far as they are known."""
    attributes = {"Name": printable(channel.name)} if channel.name else {}
    if channel.colour is not None:
        rgba = int(channel.colour, 16) << 8 | 0xFF
        attributes["Color"] = str(rgba - 2**32 if rgba >= 2**31 else rgba)
    for kind, value in (("Emission", channel.emission), ("Excitation", channel.excitation)):
        if value:
            attributes |= {f"{kind}Wavelength": repr(value), f"{kind}WavelengthUnit": "nm"}
    return attributes


def set_bits(pixels: Element, image: ImageFile) -> None:
    """Say how many bits the values need where the source said so: a result may need more.

    Of a result whose pixels are not computed yet, that is not known.
    """
    data, said = image.data, pixels.get("SignificantBits")
    is_known = isinstance(data, np.ndarray) and (not image.history or any(data.strides))
    if said is None:
        return
    if is_known and data.dtype.kind in "ui":
        pixels.set("SignificantBits", str(max(int(said), int(data.max()).bit_length())))
    else:
        pixels.attrib.pop("SignificantBits")


def set_sizes(pixels: Element, image: ImageFile) -> None:
    """Say how large pixels are, and how far frames lie apart."""
    for axis in "XYZ":
        if size := positive(image.pixel_size.get(axis)):
            pixels.set(f"PhysicalSize{axis}", repr(size))
            if image.unit is not None or f"PhysicalSize{axis}Unit" not in pixels.attrib:
                pixels.set(f"PhysicalSize{axis}Unit", image.unit or PIXEL)
    if interval := positive(image.pixel_size.get("T")):
        pixels.set("TimeIncrement", repr(interval))
        pixels.set("TimeIncrementUnit", "s")


def annotate(element: Element, annotations: Element, step: ProcessingStep, number: int) -> None:
    """Add what was done: words for people, and the record for programs."""
    count = sum(each.get("Namespace") == NAMESPACE for each in annotations)
    name = f"Annotation:{PROGRAM}-{number}-{count}"
    annotation = ElementTree.SubElement(
        annotations, ome_tag("MapAnnotation"), {"ID": name, "Namespace": NAMESPACE}
    )
    value = ElementTree.SubElement(annotation, ome_tag("Value"))
    words = {key: printable(str(entry)) for key, entry in step.as_dict().items()}
    for key, text in (words | {JSON_KEY: history_to_json([step])}).items():
        ElementTree.SubElement(value, ome_tag("M"), {"K": key}).text = text
    ElementTree.SubElement(element, ome_tag("AnnotationRef"), {"ID": name})


def rename_annotations(root: Element) -> None:
    """Give tifffile's own annotations names that no source has."""
    for each in root.iter():
        if each.get("ID", "").startswith("Annotation:"):
            each.set("ID", each.get("ID", "").replace("Annotation:", f"Annotation:{PROGRAM}-axes-"))


def drop_dangling(root: Element) -> None:
    """Remove references to what was not taken along."""
    there = {each.get("ID") for each in root.iter() if not each.tag.endswith(("Ref", "Settings"))}
    for parent in root.iter():
        for each in list(parent):
            is_reference = each.tag.endswith(("Ref", "Settings")) and "ID" in each.attrib
            if is_reference and each.get("ID") not in there:
                parent.remove(each)


def printable(text: str) -> str:
    """Leave out what XML cannot hold."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)
