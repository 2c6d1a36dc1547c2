"""TIFFs of MetaMorph's MetaSeries: each page has properties as XML, of which some are of its plane.

Belongs here: sizes, names of channels and the places of pages. Stacks (STK) of MetaMorph, which
have tags instead, are ``light_microscopes.py``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape

from tifffile import TiffPage, TiffPageSeries

from napari_autolut.io.image_file import Channel
from napari_autolut.io.tiff.maker_metadata import MakerMetadata
from napari_autolut.io.tiff.numbers import finite, mean_step, positive
from napari_autolut.io.tiff.page_order import Place, first_of_channels
from napari_autolut.io.units import in_microns, known_unit

_PROPERTY = r'<prop\s+id="{}"[^>]*\svalue="([^"]*)"'

CHANNEL, HEIGHT = "_IllumSetting_", "z-position"


def metaseries(series: TiffPageSeries, page: TiffPage) -> MakerMetadata:
    """What the pages of an image say; nothing where another program wrote it."""
    if not page.is_metaseries:
        return MakerMetadata({})
    names = [_property(each, CHANNEL) for each in first_of_channels(series)]
    channels = tuple(map(Channel, names)) if any(names) else ()
    return MakerMetadata(_sizes(series, page), channels)


def _sizes(series: TiffPageSeries, page: TiffPage) -> dict[str, float]:
    if _property(page, "spatial-calibration-state") != "on":
        return {}
    unit, factor = known_unit(_property(page, "spatial-calibration-units"))
    sizes = {
        axis.upper(): in_microns(positive(_property(page, f"spatial-calibration-{axis}")), unit)
        for axis in "xy"
    }
    known = {axis: size * factor for axis, size in sizes.items() if size}
    heights = [finite(_property(each.aspage(), HEIGHT)) for each in series.pages if each]
    if "C" in series.axes and "Z" not in series.axes:  # each channel's own focus
        return known
    distinct = list(dict.fromkeys(height for height in heights if height is not None))
    return known | {"Z": mean_step(distinct)}


def places(pages: Sequence[TiffPage]) -> list[Place]:
    """Where pages of several channels lie; empty where they do not say, or are of one."""
    known = pages[0].is_metaseries  # tifffile asks the first page alone
    names = [_property(page, CHANNEL) for page in pages] if known else []
    heights = [_property(page, HEIGHT) for page in pages] if all(names) else []
    if len(set(names)) < 2 or not heights:
        return [{} for _ in pages]
    if len(set(names)) == len(pages):  # a channel may have a focus of its own
        return [{"channel": name} for name in names]
    order = {height: at for at, height in enumerate(dict.fromkeys(heights))}
    return [
        {"z": order[height], "channel": name} for name, height in zip(names, heights, strict=True)
    ]


def _property(page: TiffPage, name: str) -> str:
    """A property of MetaSeries' XML; that of the plane comes after that of the whole."""
    found = re.findall(_PROPERTY.format(name), page.description)
    return unescape(str(found[-1])).strip() if found else ""
