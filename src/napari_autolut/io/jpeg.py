"""How many segments and scans a JPEG has, counted before it is decoded.

Belongs here: the walk over its markers. Each scan goes over all pixels again, however few bytes it
has, so that a small file could keep a decoder busy for hours. Pixels are decoded by Pillow, those
of TIFFs by imagecodecs.
"""

from __future__ import annotations

import re

MAX_SCANS = 100
"""Progressive JPEGs have about ten."""

MAX_SEGMENTS = 10_000
"""A profile of 16 MB has 255, a photograph of depths some hundreds."""

MAX_GAP = 2**16
"""Bytes between two segments before the first scan; there should be none."""

START_OF_SCAN, END = 0xDA, 0xD9

_MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd8\x01])", re.DOTALL)
"""Those with a length behind them, and the end: in a scan 0 and restarts follow 255, too."""


def check_jpeg(content: bytes) -> None:
    """Check that a JPEG goes over its pixels a sensible number of times.

    Parameters
    ----------
    content : bytes
        The file, or a strip or tile of a TIFF; nothing behind its end is looked at.

    Raises
    ------
    ValueError
        If it has more scans, segments or bytes between them than any program writes.
    """
    at, segments, scans = 2, 0, 0
    while found := _MARKER.search(content, at):
        marker = found[1][0]
        if not scans and found.start() - at > MAX_GAP:
            raise ValueError(f"has {found.start() - at:,} bytes between two segments")
        if marker == END:
            return
        segments, scans = segments + 1, scans + (marker == START_OF_SCAN)
        if scans > MAX_SCANS:
            raise ValueError(f"a JPEG of more than {MAX_SCANS} scans; save it anew")
        if segments > MAX_SEGMENTS:
            raise ValueError(f"a JPEG of more than {MAX_SEGMENTS:,} segments; save it anew")
        at = found.end() + int.from_bytes(content[found.end() : found.end() + 2], "big")
