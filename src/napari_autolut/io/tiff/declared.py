"""What a TIFF declares, checked against the file before anything of that size is made.

Belongs here: the sizes of each page. The list of pages is ``page_list.py``, what pages mean is in
``contents.py``.
"""

from __future__ import annotations

import math
from pathlib import Path

from tifffile import COMPRESSION, TiffPage

from napari_autolut.io.tiff.page_list import Page, list_of_pages
from napari_autolut.util.text import shortened

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

FAX = (2, 3, 4)
"""Codecs that write a bit at least for each row, however long; what is missing they leave white."""

NO_PLAIN_BLOCKS = (33628, 33629, 34412, 65420)
"""Tags of MetaMorph, Zeiss and Hamamatsu files, which list blocks in ways of their own."""

PLANES = (1, 2)
"""Samples of a pixel beside each other, or in planes of their own."""

MAX_SIDE = 2**31 - 1
MAX_EMPTY, MAX_SPARSE = 2**26, 4096
"""Bytes that may be declared and not there, and how many times the file's size they may be: tiles
that are missing are zeros in sparse files."""


def check_declared(path: Path) -> list[Page]:
    """Follow the list of pages to its end, and check what each declares.

    Returns
    -------
    list of Page
        All pages; none for files whose layout is not the standard's.

    Raises
    ------
    ValueError
        If the list cannot be followed, or a page declares what the file cannot hold.
    """
    size = path.stat().st_size
    with path.open("rb") as stream:
        pages = list_of_pages(stream, size)
    for number, page in enumerate(pages):
        _check_page(number, page, size)
    return pages


def check_planes(page: TiffPage) -> None:
    """Check that samples lie in one of the two ways that there are.

    tifffile takes any other number for planes of their own, reads the blocks of one, and leaves in
    the others whatever memory held.

    Raises
    ------
    ValueError
        If not.
    """
    if page.samplesperpixel > 1 and page.planarconfig not in PLANES:
        found = f"found the planar configuration {shortened(str(page.planarconfig))}"
        raise ValueError(f"{found}, expected 1 or 2; save it again with the program that made it")


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
    too_many_rows = page.compression in FAX and page.block[1] > 8 * size
    if page.block_bytes > room or too_many_rows:
        raise ValueError(f"{words}, for which a file of {size:,} bytes has no room")
    # Blocks that are not there stand for zeros; they cost the file next to nothing.
    if expansion == 1 and page.nbytes > max(size, MAX_EMPTY, MAX_SPARSE * size):
        raise ValueError(f"{words}, and is empty but for {size:,} bytes")
    if page.blocks > page.listed and not any(tag in page.counts for tag in NO_PLAIN_BLOCKS):
        in_one_piece = expansion == 1 and page.nbytes <= size and not page.tiled
        if not in_one_piece:
            raise ValueError(f"{words} in {page.blocks:,} blocks, and lists {page.listed:,}")
