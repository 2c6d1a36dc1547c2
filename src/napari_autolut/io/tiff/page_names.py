"""Names of pages: those of channels, as imaging mass cytometry and MIBI write them, or of slices.

Belongs here: which names count as which. Numbered pages are slices, as those without names are, and
so are the layers of programs that draw.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from tifffile import PHOTOMETRIC, TiffPage

from napari_autolut.io.image_file import Channel
from napari_autolut.io.tiff.maker_metadata import MakerMetadata, tag_text
from napari_autolut.util.text import first_names, printable

PAGE_NAME_TAG = 285

SAID = 4
"""Names that a sentence lists."""

GREYS = (PHOTOMETRIC.MINISBLACK, PHOTOMETRIC.MINISWHITE)

DRAWN = re.compile(r"gimp|photoshop|krita|paint|affinity|pixelmator|procreate", re.IGNORECASE)
"""Programs whose pages are layers."""

MIBI = re.compile(r'"(channel\.(mass|target)|mibi\.version)"')
"""Keys in the descriptions of MIBI's pages."""

METALS = (
    "Ag|Ar|Au|B[ai]|Cd|Ce|Dy|Er|Eu|Gd|Hf|Hg|Ho|I|In|Ir|La|Lu|Nd|Os|Pb|Pd|Pr|Pt|Rh|Ru|Sm|Sr|Ta|Tb|"
    "Te|Tm|Xe|Y|Yb"
)
MASS = r"(?:[789]\d|1\d\d|20\d)"
CHANNEL = re.compile(
    rf"(?<![^\W_])(?:{MASS}(?:{METALS})|(?:{METALS}){MASS})(?![^\W_])"
    r"|(?<![^\W_])(?:CD\d+\w*|AF ?\d{3}|Cy[ -]?[2357]"
    r"|(?i:dapi|hoechst|[a-z]*[gryc]fp|mcherry|tdtomato|fitc|tritc|alexa|texas red|bright ?field"
    r"))(?![^\W_])"
    r"|^(?i:c|ch|chan|channel)[ _=:.-]*\d+$"
)
"""Isotopes, clusters of differentiation, dyes, and what is nothing but the number of a channel."""

OF_SLICES = re.compile(
    "am|pm|utc|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|h|hr|hours?|d|days?|min|minutes?|m|mm"
    "|ms|nm|um|\N{MICRO SIGN}m|s|sec|seconds?|t|tp|time|timepoint|frames?|scan|sweep|z|depth|focus"
    "|planes?|slices?|sections?|stack|level|pos|position|point|view|volume|images?|img|bild|pages?"
    "|ifd|directory|tiff?|a|of|group|layers?|background|bg|mask|copy|pasted|ebene|hintergrund|kopie"
    "|calque|capa|fondo|livello"
)
"""Words in names of slices, frames and layers, and units."""


def _names(pages: Sequence[TiffPage]) -> tuple[str, ...]:
    """Names of pages; none unless each has one of its own."""
    if len(pages) < 2 or PAGE_NAME_TAG not in pages[0].tags:
        return ()
    names = tuple(" ".join(tag_text(page, PAGE_NAME_TAG).split()) for page in pages)
    return names if all(names) and len(set(names)) == len(names) else ()


def channel_names(pages: Sequence[TiffPage]) -> tuple[str, ...]:
    """Name the channels that pages are; none where they are slices or layers."""
    names = _names(pages)
    return names if names and _are_channels(pages[0], names) else ()


def _are_channels(first: TiffPage, names: Sequence[str]) -> bool:
    if first.photometric not in GREYS or first.samplesperpixel != 1:
        return False
    if MIBI.search(first.description):
        return True
    if DRAWN.search(first.software):
        return False
    if 2 * sum(bool(CHANNEL.search(name)) for name in names) >= len(names):
        return True
    words = [re.findall(r"[^\W\d_]+", name.lower()) for name in names]
    numbered = len({"".join(each) for each in words}) == 1
    return not (numbered or all(OF_SLICES.fullmatch(word) for each in words for word in each))


def named_pages(pages: Sequence[TiffPage]) -> MakerMetadata:
    """What names of pages say of an image whose channels they are."""
    names = channel_names(pages)
    if not names:
        return MakerMetadata({})
    remark = f"its pages are named {_listed(names)} and were taken as channels"
    return MakerMetadata({}, tuple(map(Channel, names)), (remark,))


def lost_names(pages: Sequence[TiffPage]) -> tuple[str, ...]:
    """Say that names of slices are not kept, where they do more than count."""
    names = _names(pages)
    if not names or channel_names(pages) or _count_up(names):
        return ()
    return (f"the names of its pages ({_listed(names)}), which were taken as slices",)


def _count_up(names: Sequence[str]) -> bool:
    """Whether names differ in one whole number, which grows by one."""
    parts = [re.split(r"(\d+)", name) for name in names]
    if len({len(each) for each in parts}) > 1:
        return False
    places = [column for column in zip(*parts, strict=True) if len(set(column)) > 1]
    if len(places) != 1 or not all(each.isdecimal() for each in places[0]):
        return False
    return all(int(other) - int(one) == 1 for one, other in pairwise(places[0]))


def _listed(names: Sequence[str]) -> str:
    return first_names([printable(name) for name in names], SAID)
