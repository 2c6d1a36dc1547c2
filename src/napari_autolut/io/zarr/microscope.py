"""What lies beside the images of an OME-Zarr as OME-XML: channels, times, instrument, dates.

Belongs here: reading and writing ``OME/METADATA.ome.xml``, which bioformats2raw lays there. Where
the Zarr itself says something, that holds.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np

from napari_autolut.io.image_file import Channel, ImageFile
from napari_autolut.io.tiff.ome.elements import channel_attributes
from napari_autolut.io.tiff.ome.parsing import SCHEMA, ome_tag, parsed
from napari_autolut.io.tiff.ome.reading import NUMBER, XML, described_image
from napari_autolut.io.tiff.ome.writing import fits_ome, ome_xml
from napari_autolut.io.zarr.folder import inside, is_marked
from napari_autolut.io.zarr.layout import Layout
from napari_autolut.io.zarr.levels import create_group
from napari_autolut.util.paths import lies_in

AROUND, NAME = "OME", "METADATA.ome.xml"
WORDS = f"what {AROUND}/{NAME} says"

MAX_BYTES = 2**26
MAX_DEPTH = 3
"""Groups around an image: a well, a row, a plate."""

CURRENT_YEAR = 2016
"""Of the only schema that bioformats2raw writes; older ones lay things elsewhere."""


def folder_with_xml(path: Path) -> Path:
    """The folder of Zarr with the XML, which may lie around one of its images; else the same."""
    for folder in (path.absolute(), *path.absolute().parents[:MAX_DEPTH]):
        if not is_marked(folder):
            break
        if (folder / AROUND / NAME).is_file():
            return folder
    return path.absolute()


class Microscope:
    """The OME-XML beside the images of a folder, read once.

    Parameters
    ----------
    path : pathlib.Path
        The folder with the XML.
    folders : sequence of pathlib.Path
        Of its images, in the order of the XML.
    layouts : mapping of pathlib.Path to (tuple of int, Layout)
        Shape of those that are there and what the Zarr says of them, by their folders.
    """

    def __init__(
        self,
        path: Path,
        folders: Sequence[Path],
        layouts: Mapping[Path, tuple[tuple[int, ...], Layout]],
    ) -> None:
        self.problem = ""
        self._said: dict[Path, tuple[int, dict[str, Any]]] = {}
        self._text = ""
        try:
            root = _read(path)
        except ValueError as error:
            self.problem = f"{WORDS} ({error})"
            return
        if root is None:
            return
        self.problem = f"{WORDS}, which does not fit"
        elements = zip(folders, enumerate(root.findall(ome_tag("Image"))), strict=False)
        for folder, (number, element) in elements:
            if folder in layouts and _fits(element, *layouts[folder]):
                said = described_image(root, element)
                said["channels"] = _together(layouts[folder][1].channels, said["channels"])
                said["name"] = element.get("Name", "")
                _rename_channels(element, said["channels"])
                self._said[folder] = (number, said)
        try:
            self._text = ElementTree.tostring(root, encoding="unicode")
        except RecursionError:
            self.problem, self._said = f"{WORDS} (elements in elements without end)", {}

    def described(self, image: ImageFile, folder: Path) -> ImageFile:
        """Say of an image what the XML says and the Zarr does not."""
        if folder not in self._said:
            lost = (self.problem,) if self.problem else ()
            return replace(image, not_kept=(*image.not_kept, *lost))
        number, said = self._said[folder]
        return replace(
            _with_sizes(image, said),
            channels=said["channels"],
            name=image.name or said["name"],
            metadata={**image.metadata, XML: self._text, NUMBER: number},
            not_kept=(*image.not_kept, *said["not_kept"]),
        )


def _read(path: Path) -> ElementTree.Element | None:
    """The root of the XML, None where there is none; ValueError with what is wrong with it."""
    if not os.path.lexists(path / AROUND / NAME):
        return None
    try:
        file = inside(path, AROUND) / NAME
        if not lies_in(file, path):
            raise ValueError("a link that leads out of the folder")
        if file.exists() and not file.is_file():
            raise ValueError("a folder, pipe or device")
        if (size := file.stat().st_size) > MAX_BYTES:
            raise ValueError(f"{size:,} bytes, expected at most {MAX_BYTES:,}")
        root, year = parsed(file.read_text("utf-8-sig"))
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from error
    if year < CURRENT_YEAR:
        raise ValueError(f"of the schema of {year}, expected that of {CURRENT_YEAR}")
    return root


def _fits(element: ElementTree.Element, shape: Sequence[int], layout: Layout) -> bool:
    """Whether the XML is of an image of so many pixels."""
    pixels, lengths = element.find(ome_tag("Pixels")), dict(zip(layout.axes, shape, strict=True))
    if pixels is None:
        return False
    return all(pixels.get(f"Size{axis}") == str(lengths.get(axis, 1)) for axis in "TZYX")


def _with_sizes(image: ImageFile, said: dict[str, Any]) -> ImageFile:
    """Add sizes that the Zarr does not name, or names as 1 of no unit."""
    sizes, unit = dict(image.pixel_size), image.unit
    known = {axis: size for axis, size in said["pixel_size"].items() if axis != "T"}
    own = {axis: sizes[axis] for axis in "ZYX" if axis in sizes}
    agree = all(math.isclose(size, known.get(axis, size), rel_tol=1e-6)
                for axis, size in own.items())  # fmt: skip
    unknown = set(own.values()) <= {1.0} and not image.origin
    if unit is None and said["unit"] and (agree or unknown):
        sizes, unit = sizes | known, said["unit"]
    if "T" not in sizes and "T" in said["pixel_size"]:
        sizes["T"] = said["pixel_size"]["T"]
    return replace(image, pixel_size=sizes, unit=unit)


def _together(own: Sequence[Channel], said: Sequence[Channel]) -> tuple[Channel, ...]:
    """Channels as the Zarr shows them, with what it does not say of them."""
    if len(own) != len(said):
        return tuple(own or said)
    return tuple(
        replace(
            each,
            name=each.name or other.name,
            colour=each.colour or other.colour,
            emission=each.emission or other.emission,
            excitation=each.excitation or other.excitation,
        )
        for each, other in zip(own, said, strict=True)
    )


def _rename_channels(element: ElementTree.Element, channels: Sequence[Channel]) -> None:
    """Give the channels of the XML the names and colours that hold."""
    written = element.findall(f"{ome_tag('Pixels')}/{ome_tag('Channel')}")
    if len(written) == len(channels):
        for each, channel in zip(written, channels, strict=True):
            each.attrib.update(channel_attributes(channel))


# --- writing ---------------------------------------------------------------------------------


def is_written(images: Sequence[ImageFile]) -> bool:
    """Whether there is anything for the XML beside images, and OME has such images."""
    more = any(XML in each.metadata or _wavelengths(each) for each in images)
    return more and all(fits_ome(_described_alone(each)) for each in images)


def beside_images(images: Sequence[ImageFile]) -> bytes:
    """The XML to lie beside images; empty where an OME-Zarr says all of it."""
    if not is_written(images):
        return b""
    root = ElementTree.fromstring(ome_xml([_described_alone(each) for each in images]))
    for pixels in root.iter(ome_tag("Pixels")):
        places = [n for n, each in enumerate(pixels) if each.tag == ome_tag("TiffData")]
        for each in pixels.findall(ome_tag("TiffData")):
            pixels.remove(each)
        pixels.insert(
            min(places, default=len(pixels)), ElementTree.Element(ome_tag("MetadataOnly"))
        )
    ElementTree.register_namespace("", SCHEMA)
    return bytes(ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True))


def lay_beside(folder: Path, xml: bytes, version: str) -> None:
    """Write the XML into the folder of images, if there is any."""
    if not xml:
        return
    around = folder / AROUND
    if not is_marked(around):
        create_group(around, version == "0.5", {})
    (around / NAME).write_bytes(xml)


def _wavelengths(image: ImageFile) -> bool:
    return any(channel.emission or channel.excitation for channel in image.channels)


def _described_alone(image: ImageFile) -> ImageFile:
    """An image without its pixels and history, with axes in OME's order."""
    order = [axis for axis in "TCZYXS" if axis in image.axes]
    if set(order) != set(image.axes):
        return image
    shape = [image.lengths[axis] for axis in order]
    zeros = np.broadcast_to(np.zeros((), image.data.dtype), shape)
    return replace(image, data=zeros, axes="".join(order), history=())
