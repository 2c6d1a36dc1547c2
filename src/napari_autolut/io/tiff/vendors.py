"""Pixel sizes as makers of microscopes write them: in tags of their own, or in a text beside it.

Belongs here: electron microscopes of FEI (Thermo Fisher), Zeiss, TESCAN, Hitachi and JEOL, Fibics'
programs and DigitalMicrograph.
Light microscopes are ``light_microscopes.py``, slides ``slides.py``. Sizes are read and written
again as OME-XML; the makers' own forms are not written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tifffile import TiffFile, TiffPage

from napari_autolut.io.tiff.maker_metadata import square, tag_text
from napari_autolut.io.tiff.numbers import NUMBER, positive
from napari_autolut.io.units import in_microns, known_unit

FEI_XML_TAG, TESCAN_TAG, FIBICS_TAG = 34683, 50431, 51023
DIGITAL_MICROGRAPH_TAGS = {"X": (65003, 65009), "Y": (65004, 65010)}
MAX_TEXT_BYTES = 2**20
METRE = 1e6
"""In micrometres."""

Sizes = dict[str, float]
"""Micrometres by axis."""

_TESCAN = {axis: re.compile(rf"PixelSize{axis}\s*=\s*{NUMBER}", re.I) for axis in "XY"}
_PHENOM = {
    axis: re.compile(rf'<pixel{side} unit="([^"]*)">\s*{NUMBER}')
    for axis, side in (("X", "Width"), ("Y", "Height"))
}
_METRES = {
    axis: re.compile(rf'<PixelSize>.{{,300}}?<{axis}\b[^>]*\bunit="(m)"[^>]*>{NUMBER}', re.S)
    for axis in "XY"
}
"""Whatever power of ten the XML names besides, such numbers are metres."""
_FIBICS_FIELD = {
    axis: re.compile(rf'<FOV_{axis}\b[^>]*\bunits="([^"]*)"[^>]*>\s*{NUMBER}') for axis in "XY"
}
_FIBICS_SIDE = {
    axis: re.compile(rf"<{side}>\s*(\d+)") for axis, side in (("X", "Width"), ("Y", "Height"))
}
_HITACHI_SIZE = re.compile(rf"^\s*PixelSize\s*=\s*{NUMBER}", re.M | re.I)
_HITACHI_MAGNIFICATION = re.compile(rf"^\s*Magnification\s*=\s*{NUMBER}", re.M | re.I)
_HITACHI_WIDTH = re.compile(r"^\s*DataSize\s*=\s*(\d+)\s*x", re.M | re.I)
_JEOL_BAR = re.compile(rf"^\s*\$\$SM_MICRON_BAR\s+{NUMBER}", re.M)
_JEOL_MARKER = re.compile(rf"^\s*\$\$SM_MICRON_MARKER\s+{NUMBER}\s*(\S+)", re.M)


def vendor_sizes(tif: TiffFile, page: TiffPage) -> Sizes:
    """Find the pixel sizes in what a maker wrote.

    Parameters
    ----------
    tif : TiffFile
        The file, open.
    page : TiffPage
        First page of the image.

    Returns
    -------
    dict of str to float
        Micrometres along X and Y; empty if there is nothing.
    """
    for find in (_fei, _fei_xml, _zeiss, _fibics, _tescan, _digital_micrograph, _beside):
        sizes = {axis: size for axis, size in find(tif, page).items() if positive(size)}
        if {"X", "Y"} <= set(sizes):
            return sizes
    return {}


def _fei(tif: TiffFile, _: TiffPage) -> Sizes:
    sections = tif.fei_metadata or {}
    for section in (sections.get("Scan"), *sections.values()):
        if isinstance(section, Mapping) and "PixelWidth" in section:
            width = positive(section["PixelWidth"])
            height = positive(section.get("PixelHeight")) or width
            return {"X": width * METRE, "Y": height * METRE}
    return {}


def _fei_xml(_: TiffFile, page: TiffPage) -> Sizes:
    """XML of Phenom's desktop microscopes, or of larger ones without the older text."""
    text = tag_text(page, FEI_XML_TAG)
    return _with_units(_PHENOM, text) or _with_units(_METRES, text)


def _fibics(_: TiffFile, page: TiffPage) -> Sizes:
    """Zeiss' Atlas and others: the field of view, and pixels that it was scanned with."""
    text = tag_text(page, FIBICS_TAG)
    field = _with_units(_FIBICS_FIELD, text)
    sides = {axis: match[1] for axis, each in _FIBICS_SIDE.items() if (match := each.search(text))}
    if sides != {"X": str(page.imagewidth), "Y": str(page.imagelength)}:
        return {}
    return {axis: length / int(sides[axis]) for axis, length in field.items()}


def _with_units(patterns: Mapping[str, re.Pattern[str]], text: str) -> Sizes:
    """Lengths of which each has its own unit."""
    sizes = {}
    for axis, pattern in patterns.items():
        if match := pattern.search(text):
            unit, factor = known_unit(match[1])
            sizes[axis] = in_microns(positive(match[2]) * factor, unit) or 0.0
    return sizes


def _zeiss(tif: TiffFile, _: TiffPage) -> Sizes:
    found: Mapping[str, Any] = tif.sem_metadata or {}
    for key in ("ap_image_pixel_size", "ap_pixel_size"):
        words = " ".join(map(str, found.get(key, ())[1:])).split()  # one text with a comma in it
        if len(words) > 1:
            unit, factor = known_unit(words[1])
            if size := in_microns(positive(words[0]) * factor, unit):
                return square(size)
    numbers = found.get("")
    if isinstance(numbers, tuple | list) and len(numbers) > 3:
        return square(positive(numbers[3]) * METRE)
    return {}


def _tescan(tif: TiffFile, page: TiffPage) -> Sizes:
    path = Path(tif.filehandle.path)
    return _tescan_sizes(tag_text(page, TESCAN_TAG)) or _tescan_sizes(
        _text(path.with_name(f"{path.stem}-{path.suffix[1:]}.hdr"))
        or _text(path.with_suffix(".hdr"))
    )


def _tescan_sizes(text: str) -> Sizes:
    found = {axis: pattern.search(text) for axis, pattern in _TESCAN.items()}
    return {axis: positive(match[1]) * METRE for axis, match in found.items() if match}


def _digital_micrograph(_: TiffFile, page: TiffPage) -> Sizes:
    """Gatan's program, and HyperSpy, give each axis a unit and a size in tags."""
    sizes = {}
    for axis, (unit_tag, size_tag) in DIGITAL_MICROGRAPH_TAGS.items():
        unit, factor = known_unit(page.tags.valueof(unit_tag))
        sizes[axis] = in_microns(positive(page.tags.valueof(size_tag)) * factor, unit) or 0.0
    return sizes


def _beside(tif: TiffFile, page: TiffPage) -> Sizes:
    """Hitachi and JEOL write a text file of the image's name."""
    text = _text(Path(tif.filehandle.path).with_suffix(".txt"))
    if match := _HITACHI_SIZE.search(text):  # nanometres
        width = _HITACHI_WIDTH.search(text)
        if width is None or int(width[1]) == page.imagewidth:
            return square(positive(match[1]) / 1000)
    bar, marker = _JEOL_BAR.search(text), _JEOL_MARKER.search(text)
    if bar and marker and positive(bar[1]):
        unit, factor = known_unit(marker[2])
        return square(in_microns(positive(marker[1]) * factor / positive(bar[1]), unit) or 0.0)
    return {}


def magnification_word(tif: TiffFile) -> str:
    """Say that a Hitachi names nothing but a magnification; empty where it says more, or nothing.

    How large a pixel is follows from it only where one knows for which width of a print it holds.
    """
    text = _text(Path(tif.filehandle.path).with_suffix(".txt"))
    found = _HITACHI_MAGNIFICATION.search(text)
    if found is None or _HITACHI_SIZE.search(text):
        return ""
    return (
        f"its text file names a magnification of {found[1]} and no pixel size, which is not known "
        "then; set it from the scale bar, as in Fiji"
    )


def _text(path: Path) -> str:
    """A small text file in UTF-16 or an 8-bit code; empty where there is none."""
    try:
        if not path.is_file() or path.stat().st_size > MAX_TEXT_BYTES:
            return ""
        content = path.read_bytes()
    except OSError:
        return ""
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    return content.decode("utf-16" if wide else "latin-1", "replace")
