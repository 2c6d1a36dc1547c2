"""Pixel sizes and channels as slide scanners write them, beside the tags of resolution or without.

Belongs here: Aperio, Philips, Ventana and PerkinElmer (Akoya). Hamamatsu and Leica write the tags.
What they say is written again as OME-XML.
"""

from __future__ import annotations

import re
from html import unescape

from tifffile import TiffFile, TiffPage, TiffPageSeries

from napari_autolut.io.image_file import Channel
from napari_autolut.io.tiff.maker_metadata import MakerMetadata, listed_colour, square, tag_text
from napari_autolut.io.tiff.numbers import NUMBER, positive
from napari_autolut.io.tiff.page_order import first_of_channels

XMP_TAG = 700

_APERIO = re.compile(rf"\|\s*MPP\s*=\s*{NUMBER}")
_PHILIPS = re.compile(
    rf'Name="DICOM_PIXEL_SPACING"[^>]*>\s*(?:"|&quot;){NUMBER}\W+?{NUMBER}(?:"|&quot;)'
)
_VENTANA = re.compile(rf'<iScan\b[^>]*\sScanRes="{NUMBER}"')


def slide_scanner(tif: TiffFile, series: TiffPageSeries) -> MakerMetadata:
    """Find what a slide scanner wrote; nothing in other programs' files.

    Parameters
    ----------
    tif : TiffFile
        The file, open.
    series : TiffPageSeries
        Pages of the image.

    Returns
    -------
    MakerMetadata
        Sizes of pixels, and channels.
    """
    page = series.keyframe.aspage()
    if sizes := _aperio(tif, page) or _philips(page) or _ventana(tif, page):
        return MakerMetadata(sizes)
    return MakerMetadata({}, _channels(series) if page.is_qpi else ())


def _aperio(tif: TiffFile, page: TiffPage) -> dict[str, float]:
    """What a smaller image says of its pixels is the slide's, which is the first page."""
    match = _APERIO.search(page.description) if page.is_svs else None
    if not match:
        return {}
    size, slide = positive(match[1]), tif.pages.first
    rows, columns = slide.imagelength / page.imagelength, slide.imagewidth / page.imagewidth
    return {"Y": size * rows, "X": size * columns}


def _philips(page: TiffPage) -> dict[str, float]:
    """Millimetres between rows and between columns, of the first level."""
    match = _PHILIPS.search(page.description) if page.is_philips else None
    return {"Y": positive(match[1]) * 1000, "X": positive(match[2]) * 1000} if match else {}


def _ventana(tif: TiffFile, page: TiffPage) -> dict[str, float]:
    """What stands at the first page, which may be the label, is the slide's."""
    if "level=0" not in page.description:
        return {}
    texts = [tag_text(each, XMP_TAG) for each in (page, tif.pages.first)]
    matches = [match for text in texts if (match := _VENTANA.search(text))]
    return square(positive(matches[0][1])) if matches else {}


def _channels(series: TiffPageSeries) -> tuple[Channel, ...]:
    """The channels of PerkinElmer's QPTIFF: each page names its own."""
    texts = [page.description for page in first_of_channels(series)]
    return tuple(
        Channel(_element(text, "Name"), listed_colour(_element(text, "Color"))) for text in texts
    )


def _element(text: str, name: str) -> str:
    """The text of the first element of that name."""
    match = re.search(rf"<{name}>([^<]*)</{name}>", text)
    return " ".join(unescape(match[1]).split()) if match else ""
