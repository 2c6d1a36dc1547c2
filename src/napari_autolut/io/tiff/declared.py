"""What a TIFF declares, checked against the file before anything of that size is made.

Belongs here: the list of pages, followed by hand because tifffile believes it, and the sizes of
each page. What the pages mean is in ``contents.py``.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NamedTuple

from tifffile import COMPRESSION, PHOTOMETRIC

MAX_EXPANSION: dict[int, float] = {
    COMPRESSION.NONE: 1,
    COMPRESSION.PACKBITS: 128,
    COMPRESSION.LZW: 4096,
    COMPRESSION.DEFLATE: 1100,
    COMPRESSION.ADOBE_DEFLATE: 1100,
    COMPRESSION.JPEG: 8192,
}
"""How many times larger than in the file a block can be at most, by the codec. The others have no
such bound, and memory is the limit."""

NO_PLAIN_BLOCKS = (33628, 33629, 34412, 65420)
"""Tags of MetaMorph, Zeiss and Hamamatsu files, which list blocks in ways of their own."""

MAX_SIDE = 2**31 - 1
MAX_TAGS = 4096
MAX_EMPTY, MAX_SPARSE = 2**26, 4096
"""Bytes that may be declared and not there, and how many times the file's size they may be: tiles
that are missing are zeros in sparse files."""

READ_TAGS = (256, 257, 258, 259, 262, 277, 278, 284, 322, 323, 32997, 32998)
NUMBERS = {1: "B", 3: "H", 4: "I", 16: "Q"}
"""Struct formats of whole numbers, by the TIFF type."""


class _Layout(NamedTuple):
    """Where a TIFF keeps its page list: struct formats and sizes in bytes."""

    first: int
    entries: str
    entry: str
    value_bytes: int
    offset: str
    max_bytes: int


LAYOUTS = {
    42: _Layout(4, "H", "HHI", 4, "I", 2**32),
    43: _Layout(8, "Q", "HHQ", 8, "Q", 2**63),
}
"""By the version number in the header. Classic files beyond 4 GB exist, each its own way."""


@dataclass
class Page:
    """What the tags of a page say: first value and count of each, where it is a whole number."""

    values: dict[int, int] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)

    def get(self, tag: int, default: int = 0) -> int:
        """First value of a tag."""
        return self.values.get(tag, default)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Depth, rows and columns."""
        return self.get(32997, 1), self.get(257), self.get(256)

    @property
    def block(self) -> tuple[int, int, int]:
        """Depth, rows and columns of a tile or strip."""
        _, rows, columns = self.shape
        if self.tiled:
            return self.get(32998, 1), self.get(323), self.get(322)
        return 1, min(self.get(278, rows) or rows, rows), columns

    @property
    def tiled(self) -> bool:
        """Whether blocks are tiles, not strips."""
        return 322 in self.values

    @property
    def compression(self) -> int:
        """Number of the codec."""
        return self.get(259, COMPRESSION.NONE)

    @property
    def listed(self) -> int:
        """How many blocks the file lists."""
        return self.counts.get(324) or self.counts.get(273) or self.counts.get(513, 0)

    @property
    def blocks(self) -> int:
        """How many blocks the image is made of."""
        there = (-(-side // part) for side, part in zip(self.shape, self.block, strict=True))
        return math.prod(there) * (max(1, self.get(277, 1)) if self._separate else 1)

    @property
    def block_bytes(self) -> int:
        """Bytes of one block, decoded."""
        samples = 1 if self._separate else self._samples
        return math.prod(self.block) * samples * max(1, self.get(258, 1)) // 8

    @property
    def nbytes(self) -> int:
        """Bytes of all pixels, decoded."""
        return math.prod(self.shape) * max(1, self.get(258, 1)) * self._samples // 8

    @property
    def _samples(self) -> int:
        """Samples a pixel, at least: colour differences of YCbCr may be far fewer than pixels."""
        return 1 if self.get(262) == PHOTOMETRIC.YCBCR else max(1, self.get(277, 1))

    @property
    def _separate(self) -> bool:
        return self.get(284, 1) == 2


def check_declared(path: Path) -> list[Page]:
    """Follow the list of pages to its end, and check what each declares.

    Returns
    -------
    list of Page
        All pages; none for files whose layout is not the standard's.

    Raises
    ------
    ValueError
        If the list breaks off or runs in a circle, or a page declares what the file cannot hold.
    """
    size = path.stat().st_size
    with path.open("rb") as stream:
        order = {b"II": "<", b"MM": ">"}.get(stream.read(2))
        if order is None:
            raise ValueError("found no TIFF header; is the suffix right?")
        layout = LAYOUTS.get(_numbers(stream, f"{order}H")[0])
        if layout is None or size >= layout.max_bytes:
            return []
        pages = list(_pages(stream, order, layout, size))
    for number, page in enumerate(pages):
        _check_page(number, page, size)
    return pages


def _pages(stream: BinaryIO, order: str, layout: _Layout, size: int) -> Iterator[Page]:
    stream.seek(layout.first)
    seen: set[int] = set()
    (offset,) = _numbers(stream, order + layout.offset)
    while offset:
        if offset in seen:
            raise ValueError("its list of pages runs in a circle")
        if offset >= size:
            raise ValueError("its list of pages leads beyond the end of the file")
        seen.add(offset)
        stream.seek(offset)
        (entries,) = _numbers(stream, order + layout.entries)
        if entries > MAX_TAGS:
            raise ValueError(f"a page declares {entries:,} tags")
        entry = struct.Struct(f"{order}{layout.entry}{layout.value_bytes}s")
        table = stream.read(entries * entry.size)
        if len(table) < entries * entry.size:
            raise ValueError("its list of pages breaks off")
        (offset,) = _numbers(stream, order + layout.offset)
        after = stream.tell()
        yield _page(stream, order, entry.iter_unpack(table), size)
        stream.seek(after)


def _page(
    stream: BinaryIO, order: str, entries: Iterator[tuple[int, int, int, bytes]], size: int
) -> Page:
    page = Page()
    for tag, kind, count, value in entries:
        page.counts[tag] = count
        if tag not in READ_TAGS or kind not in NUMBERS or not count:
            continue
        number = struct.Struct(order + NUMBERS[kind])
        if count * number.size > len(value):
            (offset,) = struct.unpack(f"{order}{'I' if len(value) == 4 else 'Q'}", value)
            if offset + count * number.size > size:
                raise ValueError("the values of a page lie beyond the end of the file")
            stream.seek(offset)
            value = stream.read(number.size)
        (page.values[tag],) = number.unpack_from(value)
    return page


def _numbers(stream: BinaryIO, layout: str) -> tuple[int, ...]:
    found = stream.read(struct.calcsize(layout))
    if len(found) < struct.calcsize(layout):
        raise ValueError("its list of pages breaks off")
    numbers: tuple[int, ...] = struct.unpack(layout, found)
    return numbers


def _check_page(number: int, page: Page, size: int) -> None:
    """Compare what a page declares with the bytes that there are."""
    _, rows, columns = page.shape
    if not rows or not columns:
        return  # some raw files leave that to their codec
    words = f"page {number} declares {columns:,} x {rows:,} pixels"
    if max(page.shape) > MAX_SIDE:
        raise ValueError(f"{words}; a side has at most {MAX_SIDE:,}")
    if 0 in page.block:
        raise ValueError(f"{words} in tiles of no size")
    expansion = MAX_EXPANSION.get(page.compression, math.inf)
    room = max(expansion * size, MAX_EMPTY if page.tiled else 0)
    if page.block_bytes > room:
        raise ValueError(f"{words}, for which a file of {size:,} bytes has no room")
    # Blocks that are not there stand for zeros; they cost the file next to nothing.
    if expansion == 1 and page.nbytes > max(size, MAX_EMPTY, MAX_SPARSE * size):
        raise ValueError(f"{words}, and is empty but for {size:,} bytes")
    if page.blocks > page.listed and not any(tag in page.counts for tag in NO_PLAIN_BLOCKS):
        in_one_piece = expansion == 1 and page.nbytes <= size and not page.tiled
        if not in_one_piece:
            raise ValueError(f"{words} in {page.blocks:,} blocks, and lists {page.listed:,}")
