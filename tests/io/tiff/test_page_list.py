"""Lists of pages that ask for far more than their file has bytes: a sentence, at once."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import tifffile

from napari_autolut.io import read_image
from tests.io.tiff.test_declared import Entry, described, grey, page, refused, strip, tiff
from tests.pictures import noise, same

TEXT, LONG = 2, 4
START = 8


def pages(count: int, entries: list[Entry], shared: bytes = bytes(2**20)) -> bytes:
    """So many equal pages behind 1 MB that all of them may name."""
    one = len(page(entries))
    first = START + len(shared)
    tables = [
        page(entries, after=first + (number + 1) * one if number + 1 < count else 0)
        for number in range(count)
    ]
    return b"II" + struct.pack("<HI", 42, first) + shared + b"".join(tables)


def over_one_another(count: int) -> bytes:
    """Pages of 4,095 tags, each four bytes behind the one before: 49 kB of tags each."""
    tags = 4095
    span = 2 + 12 * tags
    content = bytearray(struct.pack("<H", tags) * (span + START))
    content[:START] = b"II" + struct.pack("<HI", 42, START)
    for at in range(START, START + 4 * (count - 1), 4):
        struct.pack_into("<I", content, at + span, at + 4)
    return bytes(content)


GREY = [*strip(10, 10, 100), (278, LONG, 1, 10)]
STRIPS = [*grey(1, 10**5), (278, LONG, 1, 1), (273, LONG, 10**5, START), (279, LONG, 10**5, START)]
SMALLER = struct.pack("<I", START + 2**15) * 2**13
LISTS: dict[str, bytes] = {
    "lie over one another": over_one_another(256),
    "declares 0 tags": b"II" + struct.pack("<HI", 42, START) + struct.pack("<HI", 0, 14) * 9,
    "pages declare no size": pages(2000, [(254, LONG, 1, 0)]),
    "share lists and texts": pages(200, [*GREY, (270, TEXT, 2**20, START)]),
    "longer than the file": pages(50, STRIPS),
    "pages lie over": pages(1, [*GREY, (330, LONG, 2**13, START)], SMALLER),
    "over one another": tiff([*GREY, (330, LONG, 1, START)]),
    "image of 42 axes": described(f'{{"shape": [{"1, " * 40}10, 10]}}'),
}
"""By what is said of them."""


@pytest.mark.parametrize("words", LISTS)
def test_lists_that_ask_for_more_than_their_file(tmp_path: Path, words: str) -> None:
    (tmp_path / "a.tif").write_bytes(LISTS[words])
    assert words in refused(tmp_path / "a.tif")


def test_pages_may_share_a_text(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_bytes(pages(50, [*GREY, (305, TEXT, 2000, START)]))
    assert read_image(tmp_path / "a.tif").data.shape == (50, 10, 10)


def test_smaller_pages_are_followed(tmp_path: Path) -> None:
    pixels = noise((3, 32, 32))
    with tifffile.TiffWriter(tmp_path / "a.ome.tif", bigtiff=True) as writer:
        options = {"photometric": "minisblack", "metadata": {"axes": "ZYX"}}
        writer.write(pixels, subifds=2, **options)
        for step in (2, 4):
            writer.write(np.ascontiguousarray(pixels[:, ::step, ::step]), subfiletype=1)
    assert same(read_image(tmp_path / "a.ome.tif"), pixels, "ZYX")


@pytest.mark.parametrize("compression", [1, 8, 50000])
@pytest.mark.parametrize(
    "rows",
    [
        [(257, LONG, 1, 10**9), (257, 13, 1, 10)],
        [(257, 9, 1, 10**9)],
        [(257, 11, 1, struct.unpack("<I", struct.pack("<f", 1e9))[0])],
    ],
    ids=["twice", "signed", "real"],
)
def test_sizes_count_as_those_who_decode_take_them(
    tmp_path: Path, rows: list[Entry], compression: int
) -> None:
    """Of a tag that is there twice they take the first, and numbers of any type."""
    others = [each for each in strip(64, 10, 50, compression, 10) if each[0] != 257]
    (tmp_path / "a.tif").write_bytes(tiff([*others, *rows]))
    assert "declares 64 x 1,000,000,000 pixels" in refused(tmp_path / "a.tif")
