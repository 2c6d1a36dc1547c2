"""Strips and tiles whose codec declares far more pixels than their page are not decoded."""

from __future__ import annotations

import struct
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pytest

from napari_autolut.io import ImageFileError, read_image
from napari_autolut.io.tiff.streams import SIZES
from tests.io.tiff.kinds import OF_IMAGES, Kind, smooth, write_tiff

ENCODERS: dict[int, Callable[[np.ndarray], bytes]] = {
    **OF_IMAGES,
    7: imagecodecs.jpeg_encode,
    34934: imagecodecs.jpegxr_encode,
    33005: OF_IMAGES[34712],
}
SHAPES = [(1, 1), (8, 8), (17, 300), (511, 512), (1200, 900), (1080, 1920)]


def encoded(compression: int, shape: tuple[int, int]) -> bytes:
    colours = (3,) if compression == 50001 else ()  # WebP has no grey
    return bytes(ENCODERS[compression](np.zeros((*shape, *colours), np.uint8)))


@pytest.mark.parametrize("compression", ENCODERS)
@pytest.mark.parametrize("shape", SHAPES)
def test_streams_say_their_size(compression: int, shape: tuple[int, int]) -> None:
    size = SIZES[compression](encoded(compression, shape))
    assert size is not None
    assert size[:2] == shape
    assert size.samples <= 3 and not size.several


@pytest.mark.parametrize(
    "before", [b"\xff" * 3, b"\0\1", (b"\xff\xe1\xff\xff" + bytes(65533)) * 2],
    ids=["fill bytes", "gap", "64 KiB"],
)  # fmt: skip
def test_nothing_before_its_frame_hides_the_size_of_a_jpeg(before: bytes) -> None:
    """Decoders skip it."""
    plain = encoded(7, (1200, 900))
    content = plain[:2] + before + plain[2:]
    assert imagecodecs.jpeg_decode(content).shape == (1200, 900)
    assert SIZES[7](content) == SIZES[7](plain)


@pytest.mark.parametrize("compression", ENCODERS)
def test_streams_that_break_off_or_are_none_raise_nothing(compression: int) -> None:
    content = encoded(compression, (40, 50))
    for length in range(64):
        SIZES[compression](content[:length])
        SIZES[compression](content[:length] + b"\xff" * 40)
    assert SIZES[compression](b"") is None
    assert SIZES[compression](bytes(10)) is None


def j2k_of_many_components(count: int) -> bytes:
    """A codestream of 64 x 64, without any of the tiles that it declares."""
    size = struct.pack(">H8IH", 0, 64, 64, 0, 0, 64, 64, 0, 0, count) + b"\7\1\1" * count
    plain = bytes(imagecodecs.jpeg2k_encode(np.zeros((64, 64), np.uint8), codecformat="j2k"))
    head = b"\xff\x4f\xff\x51" + struct.pack(">H", len(size) + 2)
    return head + size + plain[plain.index(b"\xff\x52") :]


LERC = bytes(imagecodecs.lerc_encode(np.zeros((64, 64), np.uint8)))
FRAMES = np.zeros((12, 64, 64), np.uint8)


@pytest.mark.parametrize(
    ("compression", "content", "words"),
    [
        (34712, j2k_of_many_components(16_000), "16,000 samples a pixel, and the page has 1"),
        (34887, 400 * LERC, "400 samples a pixel"),
        (34887, bytes(imagecodecs.lerc_encode(np.zeros((64, 64, 90)), planar=False)), "90 samples"),
        (50002, bytes(imagecodecs.jpegxl_encode(FRAMES)), "an animation"),
    ],
)  # fmt: skip
def test_a_stream_of_more_samples_or_images_than_its_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compression: int, content: bytes, words: str
) -> None:
    monkeypatch.setitem(OF_IMAGES, compression, lambda _: content)
    kind = Kind(compression=compression, rows_per_strip=64)
    path = write_tiff(tmp_path / "a.tif", (smooth((64, 64), 250, "uint8"), kind))
    with pytest.raises(ImageFileError, match=words):
        read_image(path)


def ycbcr_tiff(path: Path, compression: int, strip: bytes) -> Path:
    """A page of 16 x 16 in one strip that says nothing of subsampling, which is two by two then."""
    tags = {256: 16, 257: 16, 258: 8, 259: compression, 262: 6, 273: 0, 277: 3, 278: 16}
    tags[279] = len(strip)
    tags[273] = 8 + 2 + 12 * len(tags) + 4
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    head = b"II*\0" + struct.pack("<IH", 8, len(tags))
    path.write_bytes(head + entries + bytes(4) + strip)
    return path


def test_a_strip_of_subsampled_colours_that_unpacks_to_much(tmp_path: Path) -> None:
    """tifffile gives codecs the size of a strip; these are not unpacked by it."""
    path = ycbcr_tiff(tmp_path / "a.tif", 8, zlib.compress(bytes(2**26)))
    resource = pytest.importorskip("resource", reason="Windows has no such module")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ImageFileError, match="deflate, cannot be decoded"):
        read_image(path)
    unit = 1 if sys.platform == "darwin" else 1024
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * unit < 2**25


def test_jpeg_2000_has_no_subsampled_units(tmp_path: Path) -> None:
    """Its pixels are no such, and would give another image."""
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    colours = np.stack([grey, np.full_like(grey, 128), np.full_like(grey, 128)], axis=-1)
    content = bytes(imagecodecs.jpeg2k_encode(colours, level=0, codecformat="j2k"))
    try:
        image = read_image(ycbcr_tiff(tmp_path / "a.tif", 33003, content))
    except ImageFileError as error:  # tifffile before 2026.7.14
        assert "chroma subsampling not supported" in str(error)
    else:
        np.testing.assert_array_equal(image.data, np.repeat(grey[..., None], 3, axis=-1))


@pytest.mark.parametrize("large", [0, 10**9])
@pytest.mark.parametrize("compression", [7, 34934, *OF_IMAGES])
def test_a_stream_that_is_larger_than_its_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compression: int, large: int
) -> None:
    """A few kB would be decoded to gigabytes, of which a page of 16 x 16 is cut."""
    content = encoded(compression, (1200, 1200))
    monkeypatch.setitem(OF_IMAGES, compression, lambda _: content)
    colours = (3,) if compression == 50001 else ()
    page = smooth((16, 16, *colours), 250, "uint8")
    kind = Kind(photometric=2 if colours else 1, compression=compression, rows_per_strip=16)
    path = write_tiff(tmp_path / "a.tif", (page, kind))
    words = "a strip or tile holds 1,200 x 1,200 pixels, and the page is of 16 x 16"
    with pytest.raises(ImageFileError, match=words):
        read_image(path, memmap_above=large)
