"""TIFFs of Volocity (Improvision): pages whose places along the axes stand in their descriptions.

Belongs here: that text, lines of a key and a value. Pages are sorted in ``page_order.py``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tifffile import TiffPage, TiffPageSeries

from napari_autolut.io.image_file import Channel
from napari_autolut.io.tiff.maker_metadata import listed_colour
from napari_autolut.io.tiff.numbers import whole_number
from napari_autolut.io.tiff.page_order import Place, first_of_channels

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


def places(pages: Sequence[TiffPage]) -> list[Place]:
    """Where pages lie along each axis; empty where they do not say."""
    return [_place(settings(page)) for page in pages]


def _place(said: dict[str, str]) -> Place:
    found = {axis: whole_number(said.get(key, "")) for axis, key in KEYS.items()}
    return {axis: number for axis, number in found.items() if number is not None}


def channels(series: TiffPageSeries) -> tuple[Channel, ...]:
    """The channels of an image whose pages are sorted."""
    return tuple(_channel(settings(page)) for page in first_of_channels(series))


def _channel(said: dict[str, str]) -> Channel:
    return Channel(said.get("ChannelName", ""), listed_colour(said.get("WhiteColour", "")))
