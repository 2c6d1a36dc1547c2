"""OME-XML as it is written: valid, with all that the source said of microscope and image.

Belongs here: what is taken along from the source's XML, what changes with the size, and the record
of what was done. tifffile says how pixels lie in the file; reading is ``reading.py``.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import TypeVar
from xml.etree import ElementTree

import numpy as np
from tifffile import OmeXml, OmeXmlError

from napari_autolut.io.image_file import ImageFile
from napari_autolut.io.provenance import (
    PROGRAM,
)
from napari_autolut.io.tiff.numbers import amount, finite
from napari_autolut.io.tiff.ome.elements import (
    Element,
    annotate,
    channel_attributes,
    drop_dangling,
    place_planes,
    printable,
    rename_annotations,
    set_bits,
    set_sizes,
)
from napari_autolut.io.tiff.ome.parsing import SCHEMA, ome_tag, parsed
from napari_autolut.io.tiff.ome.planes import unit_in
from napari_autolut.io.tiff.ome.reading import NUMBER, XML
from napari_autolut.io.tiff.ome.values import valid_attributes

Known = TypeVar("Known")

SHARED = ("Experimenter", "ExperimenterGroup", "Instrument")
"""What all images of a file refer to, in the schema's order."""

BEFORE_PIXELS = (
    "AcquisitionDate", "ExperimenterRef", "Description", "ExperimenterGroupRef", "InstrumentRef",
    "ObjectiveSettings", "ImagingEnvironment", "StageLabel",
)  # fmt: skip
"""What an image says before its pixels, in the schema's order."""

FIRST_YEAR_OF_INSTRUMENTS = 2013
"""Instruments of older schemas have other fields; only their images are taken along."""

CURRENT_YEAR = 2016

_DATE = re.compile(r"-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
_MODULO = "openmicroscopy.org/omero/dimension/modulo"


def ome_xml(images: Sequence[ImageFile]) -> bytes:
    """Describe the images of a file, in the order of their pages.

    Parameters
    ----------
    images : sequence of ImageFile
        With rows and columns last or before colours. Only shape and dtype of the data are used.

    Returns
    -------
    bytes
        XML in UTF-8, valid by the schema of June 2016.

    Raises
    ------
    OmeXmlError
        If OME has no such axes or types of pixels; `fits_ome` tells.
    """
    skeleton = OmeXml(Creator=f"{PROGRAM} {version(PROGRAM)}")
    for image in images:
        shape = image.data.shape
        leading, rows, columns, samples = _stored(image)
        skeleton.addimage(
            image.data.dtype, shape, (leading, 1, 1, rows, columns, samples), axes=image.axes
        )
    root = ElementTree.fromstring(skeleton.tostring().encode())
    annotations = root.find(ome_tag("StructuredAnnotations"))
    if annotations is None:
        annotations = ElementTree.SubElement(root, ome_tag("StructuredAnnotations"))
    rename_annotations(root)
    sources: dict[str, tuple[Element, int]] = {}
    for number, (element, image) in enumerate(
        zip(root.findall(ome_tag("Image")), images, strict=True)
    ):
        xml = image.metadata.get(XML)
        if isinstance(xml, str):
            if xml not in sources:
                sources[xml] = parsed(xml)
                _take_shared(root, annotations, *sources[xml])
            _take_image(element, image, *sources[xml])
        else:
            _describe(element, image)
        for step in image.history:
            annotate(element, annotations, step, number)
    drop_dangling(root)
    if not len(annotations):
        root.remove(annotations)
    ElementTree.register_namespace("", SCHEMA)
    return bytes(ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True))


def fits_ome(image: ImageFile) -> bool:
    """Whether OME has such axes, in this order, and such a type of pixels."""
    if not image.axes.endswith(("YX", "YXS")):
        return False
    leading, rows, columns, samples = _stored(image)
    stored = (leading, 1, 1, rows, columns, samples)
    try:
        OmeXml().addimage(image.data.dtype, image.data.shape, stored, axes=image.axes)
    except (OmeXmlError, ValueError):
        return False
    return True


def _stored(image: ImageFile) -> tuple[int, int, int, int]:
    """Pages, rows, columns and samples of a pixel."""
    shape = image.data.shape if image.rgb else (*image.data.shape, 1)
    return int(np.prod(shape[:-3], dtype=np.int64)), shape[-3], shape[-2], shape[-1]


# --- from the source's XML -------------------------------------------------------------------


def _take_shared(root: Element, annotations: Element, source: Element, year: int) -> None:
    """Take along what images refer to: people, the microscope, annotations."""
    if year < FIRST_YEAR_OF_INSTRUMENTS:
        return
    place = next(n for n, each in enumerate(root) if each.tag == ome_tag("Image"))
    known = {each.get("ID") for each in root}
    for name in SHARED:
        for each in source.findall(ome_tag(name)):
            if each.get("ID") not in known:
                root.insert(place, copy.deepcopy(each))
                place += 1
    if year < CURRENT_YEAR:
        return
    for each in source.iterfind(f"{ome_tag('StructuredAnnotations')}/*"):
        if each.get("Namespace") != _MODULO and not _is_ours(each.get("ID", "")):
            annotations.append(copy.deepcopy(each))


def _take_image(element: Element, image: ImageFile, source: Element, year: int) -> None:
    """Take along what the source said of the image; sizes and positions are the result's."""
    before = source.findall(ome_tag("Image"))[image.metadata.get(NUMBER, 0)]
    if "Name" in before.attrib:
        element.set("Name", before.get("Name", ""))
    kept = [copy.deepcopy(each) for name in BEFORE_PIXELS for each in _named(before, name)]
    if year < FIRST_YEAR_OF_INSTRUMENTS:
        kept = [e for e in kept if e.tag in (ome_tag("AcquisitionDate"), ome_tag("Description"))]
    for place, each in enumerate(kept):
        element.insert(place, each)
    if year >= CURRENT_YEAR:
        references = before.findall(ome_tag("AnnotationRef"))
        element.extend(copy.deepcopy(e) for e in references if not _is_ours(e.get("ID", "")))
    pixels, of_source = element.find(ome_tag("Pixels")), before.find(ome_tag("Pixels"))
    if pixels is None or of_source is None:
        return
    pixels.attrib.update(valid_attributes("Pixels", of_source.attrib))
    set_bits(pixels, image)
    set_sizes(pixels, image)
    _take_channels(pixels, of_source, with_instrument=year >= FIRST_YEAR_OF_INSTRUMENTS)
    same_planes = all(pixels.get(f"Size{a}") == of_source.get(f"Size{a}") for a in "CZT")
    if same_planes and of_source.find(ome_tag("Plane")) is not None:
        _take_planes(pixels, of_source, image)
    else:
        place_planes(pixels, image)


def _is_ours(annotation: str) -> bool:
    """Whether an annotation's name is one that is given again: the history is written anew."""
    return annotation.startswith(f"Annotation:{PROGRAM}-")


def _named(image: Element, name: str) -> Iterator[Element]:
    """Elements of an image; dates are found under their older name, and only if they are dates."""
    names = (name, "AcquiredDate") if name == "AcquisitionDate" else (name,)
    for each in image:
        if each.tag in map(ome_tag, names):
            if name == "AcquisitionDate":
                if not _DATE.fullmatch((each.text or "").strip()):
                    continue
                each.tag = ome_tag(name)
            yield each


def _take_channels(pixels: Element, source: Element, *, with_instrument: bool) -> None:
    """Take along each channel on its own: what one lacks costs the others nothing."""
    before = source.findall(ome_tag("Channel"))
    for channel, own in _pairs(pixels, before):
        channel.attrib.update(valid_attributes("Channel", own.attrib))
        if with_instrument and len(own):
            channel[:] = [copy.deepcopy(each) for each in own]


def _pairs(pixels: Element, said: Sequence[Known]) -> Iterator[tuple[Element, Known]]:
    """Channels that are written and what is known of each, where some are left out or too many.

    Colours are one channel, of which several say nothing.
    """
    channels = pixels.findall(ome_tag("Channel"))
    of_colours = any(each.get("SamplesPerPixel", "1") != "1" for each in channels)
    if len(channels) == len(said) or not of_colours:
        yield from zip(channels, said, strict=False)


def _take_planes(pixels: Element, source: Element, image: ImageFile) -> None:
    """Take along times and positions of planes; the centre of the first pixel has moved."""
    lengths = {axis: int(pixels.get(f"Size{axis}", "1")) for axis in "CZT"}
    samples = len(image.data.shape) and (image.data.shape[-1] if image.rgb else 1)
    lengths["C"] //= samples
    moved = _movement(source, image)
    seen = set()
    for plane in source.findall(ome_tag("Plane")):
        place = tuple(plane.get(f"The{axis}", "") for axis in "CZT")
        inside = all(
            n.isdecimal() and int(n) < lengths[axis] for n, axis in zip(place, "CZT", strict=True)
        )
        if not inside or place in seen:
            continue
        seen.add(place)
        new = ElementTree.SubElement(
            pixels, ome_tag("Plane"), valid_attributes("Plane", plane.attrib)
        )
        new.extend(copy.deepcopy(each) for each in plane.findall(ome_tag("AnnotationRef")))
        for axis, distance in moved.items():
            factor = unit_in(new.get(f"Position{axis}Unit"), image.unit)
            value = finite(new.get(f"Position{axis}"))
            if value is not None and factor is not None:
                new.set(f"Position{axis}", repr(value + distance / factor))


def _movement(source: Element, image: ImageFile) -> dict[str, float]:
    """How far the first pixel's centre lies from where it was, in the image's unit.

    Pixels became smaller about the same outer border (design: equal world extents).
    """
    moved = {}
    for axis in "XYZ":
        before = amount(source.get(f"PhysicalSize{axis}"))
        factor = unit_in(source.get(f"PhysicalSize{axis}Unit", "µm"), image.unit)
        after = image.pixel_size.get(axis, 0.0)
        if before and after and factor is not None:
            moved[axis] = (after - before * factor) / 2
    return moved


# --- from the image's fields -----------------------------------------------------------------


def _describe(element: Element, image: ImageFile) -> None:
    """Describe an image that came from another kind of file."""
    if image.name:
        element.set("Name", printable(image.name))
    pixels = element.find(ome_tag("Pixels"))
    if pixels is None:
        return
    set_sizes(pixels, image)
    for channel, known in _pairs(pixels, image.channels):
        channel.attrib.update(valid_attributes("Channel", channel_attributes(known)))
    place_planes(pixels, image)


# --- annotations -----------------------------------------------------------------------------
