"""How many planes and pixels an OME-XML declares, checked before tifffile lists as many.

Belongs here: counts and sides. Which files it may name is ``files.py``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.etree import ElementTree

from tifffile import TiffFile

from napari_autolut.io.tiff.page_list import Page
from napari_autolut.util.text import counted

NEEDED = ("DimensionOrder", *(f"Size{axis}" for axis in "XYZCT"))
"""What the schema asks of an image, and its pages cannot be told apart without."""

MAX_PLANES = 10**6
"""Planes of an image in several files, whose pages are not counted before."""

COLOURS = 4
"""Samples of a pixel that may lie in pages of their own."""

MAX_TIMES, MAX_ALWAYS = 16, 4096
"""How often images together may name the planes that there are, and how many they always may."""


def check_sizes(
    root: ElementTree.Element, tif: TiffFile, pages: Sequence[Page], in_other_files: int
) -> None:
    """Check what an OME-XML declares against the pages of a file.

    Parameters
    ----------
    root : Element
        The OME-XML.
    tif : TiffFile
        The file.
    pages : sequence of Page
        What its pages declare; none where that is not known.
    in_other_files : int
        How many pages the longest of the other files has that it names; 0 where there are none.

    Raises
    ------
    ValueError
        If it declares more planes, or larger ones, than there can be.
    """
    page = tif.pages.first
    own = page.imagelength * page.imagewidth
    in_a_page = max(1, math.prod(page.shape) // max(1, own))
    own_pages = len(pages) or len(tif.pages)
    max_planes = MAX_PLANES if in_other_files else own_pages * in_a_page
    in_a_file = max(own_pages, in_other_files)
    largest = max([1, own, *(math.prod(page.shape[1:]) for page in pages)])
    total = 0
    for pixels in root.iterfind(".//{*}Pixels"):
        samples = min(_samples(pixels), max(in_a_page, COLOURS))
        planes = _check_image(pixels, max_planes * samples, max_planes, largest)
        placed = sum(_placed(data, in_a_file) for data in pixels.iterfind("{*}TiffData"))
        total += max(planes // samples, placed)
        if total > max(MAX_ALWAYS, MAX_TIMES * max_planes):
            problem = (
                f"its OME-XML places {total:,} planes and more, expected at most {max_planes:,}"
            )
            raise ValueError(f"{problem}, each once")
    _check_modulo(root, total)


def _check_image(
    pixels: ElementTree.Element, allowed: int, max_planes: int, max_pixels: int
) -> int:
    """Check what an image declares, and give how many planes it has."""
    missing = [name for name in NEEDED if name not in pixels.attrib]
    if missing:
        raise ValueError(
            f"its OME-XML does not say {', '.join(missing)}; open it in Fiji and save it again"
        )
    planes = math.prod(_number(pixels, f"Size{axis}") for axis in "ZCT")
    if planes > allowed:
        raise ValueError(
            f"its OME-XML declares {counted(planes, 'plane')}, expected at most {max_planes:,}; if "
            "its recording was stopped, open it in Fiji and save what is there"
        )
    sides = [_number(pixels, f"Size{axis}") for axis in "XY"]
    # tifffile lists as many pages as the pixels would fill.
    if planes * math.prod(sides) > allowed * max_pixels:
        words = " x ".join(f"{side:,}" for side in sides)
        raise ValueError(
            f"its OME-XML declares {counted(planes, 'plane')} of {words} pixels, and the file's "
            "are smaller; open it in Fiji and save it again"
        )
    for data in pixels.iterfind("{*}TiffData"):
        if _placed(data, 0) > planes:
            found = counted(_placed(data, 0), "plane")
            raise ValueError(f"its OME-XML places {found}, expected {planes:,}")
    return planes


def _placed(data: ElementTree.Element, default: int) -> int:
    """How many planes an element places; where it gives no number, one or all of a file."""
    given = max(_number(data, key, 0) for key in ("PlaneCount", "NumPlanes"))
    return given or (1 if "IFD" in data.attrib else default)


def _samples(pixels: ElementTree.Element) -> int:
    """Samples of a pixel, the same of all channels."""
    channels = pixels.iterfind("{*}Channel")
    of_channels = {_number(channel, "SamplesPerPixel") for channel in channels}
    if len(of_channels) > 1:
        raise ValueError(
            "its OME-XML gives one image channels of colours beside grey ones, which are not read "
            "together; save them as images of their own"
        )
    return max([1, *of_channels])


def _check_modulo(root: ElementTree.Element, planes: int) -> None:
    """Check axes within axes, of which tifffile counts the steps one by one."""
    for element in root.iter():
        if isinstance(element.tag, str) and element.tag[:-1].endswith("Along"):
            start, end, step = (float(element.get(key, 1)) for key in ("Start", "End", "Step"))
            if not abs(end - start) < abs(step) * max(1, planes):
                most = counted(planes, "plane")
                raise ValueError(f"its OME-XML divides an axis into more than {most}")


def _number(element: ElementTree.Element, key: str, default: int = 1) -> int:
    try:
        return max(0, int(element.attrib.get(key, default)))
    except ValueError:
        raise ValueError(f"its OME-XML gives {key} as no whole number") from None
