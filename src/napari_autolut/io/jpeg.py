"""How many segments and scans a JPEG has, counted before it is decoded.

Belongs here: the walk over its markers, also for its size. Each scan goes over all pixels again,
however few bytes it has, so that a small file could keep a decoder busy for hours. Pixels are
decoded by Pillow, those of TIFFs by imagecodecs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

MAX_SCANS = 100
"""Progressive JPEGs have about ten."""

MAX_SEGMENTS = 10_000
"""A profile of 16 MB has 255, a photograph of depths some hundreds."""

MAX_GAP = 2**16
"""Bytes between two segments before the first scan; there should be none."""

START_OF_SCAN, END = 0xDA, 0xD9

TO_LENGTH = 4
"""Bytes of a segment's marker and length."""

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
    scans = 0
    for number, segment in enumerate(segments(content), 1):
        if not scans and segment.gap > MAX_GAP:
            raise _too_wide(segment.gap)
        if segment.marker == END:
            return
        scans += segment.marker == START_OF_SCAN
        if scans > MAX_SCANS:
            raise ValueError(f"a JPEG of more than {MAX_SCANS} scans; save it anew")
        if number > MAX_SEGMENTS:
            raise _too_many_segments()


class Segment(NamedTuple):
    """A marker, where its length begins, and how many bytes before it belong to no segment."""

    marker: int
    start: int
    gap: int


def segments(content: bytes) -> Iterator[Segment]:
    """Walk over the segments of a JPEG as decoders do: what lies between them is skipped."""
    at = 2
    while found := _MARKER.search(content, at):
        start = found.end()
        yield Segment(found[1][0], start, found.start() - at)
        at = start + int.from_bytes(content[start : start + 2], "big")


def check_jpeg_head(stream: BinaryIO) -> None:
    """Check a JPEG as far as its first scan, which is all that a reader of its size looks at.

    Parameters
    ----------
    stream : binary file
        The file, of which no more is read than its segments' heads and what lies between them.

    Raises
    ------
    ValueError
        If it has more segments or bytes between them than any program writes.
    """
    at = 2
    for _ in range(MAX_SEGMENTS + 1):
        stream.seek(at)
        head = stream.read(TO_LENGTH)
        found = _MARKER.match(head)
        if found is None:
            head += stream.read(MAX_GAP)
            found = _MARKER.search(head)
            if found is None and len(head) == TO_LENGTH + MAX_GAP:
                raise _too_wide(len(head))
        if found is None or found[1][0] in (START_OF_SCAN, END):
            return
        at += found.end() + int.from_bytes(head[found.end() : found.end() + 2], "big")
    raise _too_many_segments()


def _too_wide(gap: int) -> ValueError:
    return ValueError(f"has {gap:,} bytes and more between two segments; save it anew")


def _too_many_segments() -> ValueError:
    return ValueError(f"a JPEG of more than {MAX_SEGMENTS:,} segments; save it anew")
