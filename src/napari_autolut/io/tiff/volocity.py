"""TIFFs of Volocity (Improvision): pages whose places along the axes stand in their descriptions.

Belongs here: that text, lines of a key and a value. Pages are sorted in ``micromanager.py``.
"""

from __future__ import annotations

import math
import re

from tifffile import TiffPage, TiffPageSeries

from napari_autolut.io.image_file import Channel
from napari_autolut.io.tiff.said import hexadecimal

MARK = "Improvision"

KEYS = {"time": "TimepointName", "z": "ZPlane", "channel": "ChannelNo"}
"""What it calls the axes; each plane has its number."""


def settings(page: TiffPage) -> dict[str, str]:
    """Keys and values of a page; none where another program wrote it."""
    text = page.description
    if MARK not in text[:100]:
        return {}
    lines = (line.partition("=") for line in re.split(r"[\r\n]+", text))
    return {key.strip(): value.strip() for key, equals, value in lines if equals}


def place_of(page: TiffPage) -> dict[str, int | str]:
    """Where a page lies along each axis; empty where it does not say."""
    said = settings(page)
    found = {axis: said.get(key, "") for axis, key in KEYS.items()}
    return {axis: int(value) for axis, value in found.items() if value.isdecimal()}


def channels(series: TiffPageSeries) -> tuple[Channel, ...]:
    """The channels of an image whose pages are sorted."""
    if "C" not in series.axes:
        return ()
    at = series.axes.index("C")
    behind = math.prod(series.shape[at + 1 : series.axes.index("Y")])
    first = series.pages[: behind * series.shape[at] : behind]
    return tuple(_channel(settings(page.aspage())) for page in first if page is not None)


def _channel(said: dict[str, str]) -> Channel:
    parts = said.get("WhiteColour", "").split(",")
    colour = hexadecimal(list(map(int, parts))) if all(map(str.isdecimal, parts)) else None
    return Channel(said.get("ChannelName", ""), colour)
