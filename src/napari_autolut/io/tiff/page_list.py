"""The list of pages of a TIFF, followed by hand because tifffile believes it.

Belongs here: from bytes to what the tags of each page say, and that no list takes more time or
memory than its file is worth. Whether a page can hold what it declares is ``declared.py``.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple

from tifffile import COMPRESSION, PHOTOMETRIC, TIFF

MAX_TAGS = 4096
MAX_WITHOUT_SIZE = 1024
"""Pages that are no images; some files have one or two."""

NUMBER_BYTES = 44
"""What Python takes for each number of a list, in bytes; texts take their own."""

MAX_LISTS, MAX_SHARE = 2**27, 16
"""Bytes of memory for such lists, and how many times the file's size they may be beyond that: pages
may name the same place in the file for theirs."""

BLOCK_COUNTS = (324, 273, 513)
"""Tags that list the blocks of a page, the first that is there."""

SMALLER_PAGES = 330

LOADED = {*TIFF.TAG_LOAD, 51123}
"""Tags whose values are held for each page: by tifffile, and here what Micro-Manager says of it."""

READ_TAGS = (256, 257, 258, 259, 262, 277, 278, 284, 322, 323, 32997, 32998)
NUMBERS = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 11: "f", 12: "d", 13: "I", 16: "Q",
           17: "q", 18: "Q"}  # fmt: skip
"""Struct formats of numbers, by the TIFF type; tifffile takes a size of any of them."""

TEXTS = (1, 2, 7)
"""TIFF types of single bytes."""


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


@dataclass(slots=True)
class Page:
    """What the tags of a page say: the first value of each that matters, and how many there are.

    Parameters
    ----------
    values : dict of int to int
        Of the tags in `READ_TAGS`.
    counts : dict of int to int
        Of the others.
    smaller : tuple of int
        Where pages lie that this one names as smaller versions of itself.
    memory : int
        Bytes that its lists and texts take once they are loaded.
    """

    values: dict[int, int] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)
    smaller: tuple[int, ...] = ()
    memory: int = 0

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
        return next((self.counts[tag] for tag in BLOCK_COUNTS if self.counts.get(tag)), 0)

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


def list_of_pages(stream: BinaryIO, size: int) -> list[Page]:
    """Follow the list of pages to its end.

    Parameters
    ----------
    stream : binary file
        An open TIFF.
    size : int
        Its bytes.

    Returns
    -------
    list of Page
        All pages, without those that they name as smaller versions; none for files whose layout is
        not the standard's.

    Raises
    ------
    ValueError
        If the list breaks off, runs in a circle, or takes far more memory than the file has bytes.
    """
    stream.seek(0)
    order = {b"II": "<", b"MM": ">"}.get(stream.read(2))
    if order is None:
        raise ValueError("found no TIFF header; is the suffix right?")
    layout = LAYOUTS.get(_numbers(stream, f"{order}H")[0])
    if layout is None or size >= layout.max_bytes:
        return []
    reader = _Reader(stream, order, layout, size)
    stream.seek(layout.first)
    (first,) = _numbers(stream, order + layout.offset)
    pages = list(reader.follow(first))
    waiting = [at for page in pages for at in page.smaller]
    while waiting:
        waiting += [at for page in reader.follow(waiting.pop(), alone=True) for at in page.smaller]
    return pages


class _Reader:
    """Reads pages one after another, and counts what they take together."""

    def __init__(self, stream: BinaryIO, order: str, layout: _Layout, size: int) -> None:
        self.stream, self.order, self.layout, self.size = stream, order, layout, size
        self.entry = struct.Struct(f"{order}{layout.entry}{layout.value_bytes}s")
        self.seen: set[int] = set()
        self.table_bytes = self.memory = self.without_size = 0

    def follow(self, offset: int, *, alone: bool = False) -> Iterator[Page]:
        """Read the page at an offset, and those behind it unless it is ``alone``."""
        while offset:
            if offset in self.seen and not alone:
                raise ValueError("its list of pages runs in a circle")
            if offset >= self.size:
                raise ValueError("its list of pages leads beyond the end of the file")
            self.seen.add(offset)
            self.stream.seek(offset)
            (entries,) = _numbers(self.stream, self.order + self.layout.entries)
            if not 0 < entries <= MAX_TAGS:
                raise ValueError(f"a page declares {entries:,} tags")
            table = self.stream.read(entries * self.entry.size)
            if len(table) < entries * self.entry.size:
                raise ValueError("its list of pages breaks off")
            after = 0 if alone else _numbers(self.stream, self.order + self.layout.offset)[0]
            page = self._page(table)
            self._count(page, len(table))
            yield page
            offset = after

    def _count(self, page: Page, table_bytes: int) -> None:
        # Each smaller page has a tag at least; a list that names one again and again has no room.
        self.table_bytes += table_bytes + len(page.smaller) * self.entry.size
        self.memory += page.memory
        self.without_size += not (page.get(256) and page.get(257))
        if self.table_bytes > self.size:
            raise ValueError("its pages lie over one another")
        if self.memory > MAX_LISTS + MAX_SHARE * self.size:
            raise ValueError("its pages share lists and texts that are longer than the file")
        if self.without_size > MAX_WITHOUT_SIZE:
            raise ValueError(f"{self.without_size:,} of its pages declare no size")

    def _page(self, table: bytes) -> Page:
        """Read the tags of a page; of those that are there twice the first counts."""
        page = Page()
        for tag, kind, count, value in self.entry.iter_unpack(table):
            if tag in LOADED:
                page.memory += count * (1 if kind in TEXTS else NUMBER_BYTES)
            if tag not in READ_TAGS:
                page.counts.setdefault(tag, count)
            if tag == SMALLER_PAGES and not page.smaller:
                found = self._values(kind, count, value)
                page.smaller = tuple(at for at in found if 0 < at < self.size)
            elif tag in READ_TAGS and tag not in page.values:
                page.values.update((tag, one) for one in self._values(kind, count, value, 1))
        return page

    def _values(
        self, kind: int, count: int, value: bytes, max_count: int = 2**63
    ) -> tuple[int, ...]:
        """At most so many numbers of a tag, in whole ones; none where it has no finite ones."""
        if kind not in NUMBERS or not count:
            return ()
        one = struct.calcsize(f"={NUMBERS[kind]}")
        wanted = min(count, max_count)
        if count * one > len(value):
            (offset,) = struct.unpack(f"{self.order}{self.layout.offset}", value)
            if offset + count * one > self.size:
                raise ValueError("the values of a page lie beyond the end of the file")
            self.stream.seek(offset)
            value = self.stream.read(wanted * one)
        found = struct.unpack_from(f"{self.order}{wanted}{NUMBERS[kind]}", value)
        return tuple(int(each) for each in found if math.isfinite(each))


def _numbers(stream: BinaryIO, layout: str) -> tuple[int, ...]:
    found = stream.read(struct.calcsize(layout))
    if len(found) < struct.calcsize(layout):
        raise ValueError("its list of pages breaks off")
    numbers: tuple[int, ...] = struct.unpack(layout, found)
    return numbers
