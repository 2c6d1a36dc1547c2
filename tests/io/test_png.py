"""Kinds of PNG against the pixels that they were made of, and PNGs that lie."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from napari_autolut.batch.files.lost import lost_words
from napari_autolut.io import ImageFile, ImageFileError, read_image, write_image
from napari_autolut.io.png_chunks import COLOUR_SPACE, COLOUR_SPACE_WORD
from tests.io.png_kinds import SIGNATURE, chunk, png
from tests.pictures import noise, same


def read(tmp_path: Path, content: bytes):
    (tmp_path / "a.png").write_bytes(content)
    return read_image(tmp_path / "a.png")


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("samples", [1, 2, 3, 4])
def test_colours(tmp_path: Path, samples: int, dtype: str, interlaced: bool) -> None:
    data = noise((11, 13, samples), dtype)
    image = read(tmp_path, png(data, interlaced=interlaced))
    shown = {1: [0], 2: [0, 0, 0, 1], 3: [0, 1, 2], 4: [0, 1, 2, 3]}[samples]
    expected = data[..., shown] if samples > 1 else data[..., 0]
    assert same(image, expected, "YX" if samples == 1 else "YXS")


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("bits", [1, 2, 4])
def test_few_bits(tmp_path: Path, bits: int, interlaced: bool) -> None:
    data = noise((11, 13)) >> (8 - bits)
    image = read(tmp_path, png(data, bits, interlaced=interlaced))
    assert same(image, data * np.uint8(255 // (2**bits - 1)), "YX")
    table = noise((2**bits, 3), seed=1)
    image = read(tmp_path, png(data, bits, palette=table, interlaced=interlaced))
    assert same(image, table[data], "YXS")


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_one_transparent_value(tmp_path: Path, dtype: str) -> None:
    full = np.iinfo(dtype).max
    grey = noise((11, 13), dtype)
    value = int(grey[3, 4])
    image = read(tmp_path, png(grey, transparent=struct.pack(">H", value)))
    assert image.axes == "YXS" and image.data.dtype == dtype
    assert (image.data[..., 0] == grey).all()
    assert (image.data[..., 3] == np.where(grey == value, 0, full)).all()
    rgb = noise((11, 13, 3), dtype)
    rgb[5:] = rgb[3, 4]
    image = read(tmp_path, png(rgb, transparent=struct.pack(">HHH", *map(int, rgb[3, 4]))))
    assert (image.data[..., :3] == rgb).all()
    assert (image.data[5:, :, 3] == 0).all() and image.data[0, 0, 3] == full


def test_transparent_palette(tmp_path: Path) -> None:
    data, table = noise((11, 13)) >> 6, noise((4, 3), seed=1)
    image = read(tmp_path, png(data, palette=table, transparent=bytes([0, 9])))
    assert (image.data[..., :3] == table[data]).all()
    assert (image.data[..., 3] == np.array([0, 9, 255, 255])[data]).all()


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_orientation_before_and_after_the_pixels(tmp_path: Path, dtype: str, first: bool) -> None:
    exif = Image.Exif()
    exif[274] = 6
    data = noise((11, 13, 3), dtype)
    content = png(data, exif=exif.tobytes().removeprefix(b"Exif\0\0"), exif_first=first)
    assert same(read(tmp_path, content), np.rot90(data, -1), "YXS")


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("rows", [12, 400, 2**31 - 1])
def test_fewer_rows_than_declared(tmp_path: Path, rows: int, interlaced: bool) -> None:
    for data in (noise((11, 13)), noise((11, 13, 3), "uint16"), noise((11, 13)) >> 4):
        with pytest.raises(ImageFileError, match=r"declares|cannot be read as an image"):
            read(tmp_path, png(data, rows=rows, interlaced=interlaced))


def test_not_a_png(tmp_path: Path) -> None:
    for content in (b"", SIGNATURE, SIGNATURE + chunk(b"IEND", b""), b"<svg>" * 9):
        with pytest.raises(ImageFileError, match="cannot be read as an image"):
            read(tmp_path, content)


def test_the_content_says_the_kind(tmp_path: Path) -> None:
    data = noise((11, 13, 3))
    Image.fromarray(data).save(tmp_path / "a.bmp")
    assert same(read(tmp_path, (tmp_path / "a.bmp").read_bytes()), data, "YXS")


def test_pillows_limit_of_pixels_is_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    data = noise((11, 13, 3))
    for suffix in (".png", ".bmp", ".webp"):
        Image.fromarray(data).save(tmp_path / f"a{suffix}", lossless=True)
        assert same(read_image(tmp_path / f"a{suffix}"), data, "YXS")
    assert Image.MAX_IMAGE_PIXELS == 10


@pytest.mark.parametrize(("gamma", "lost"), [(100000, True), (45455, False)])
def test_a_gamma_of_its_own_is_said(tmp_path: Path, gamma: int, lost: bool) -> None:
    plain = png(noise((11, 13)))
    start = len(SIGNATURE) + 25
    content = plain[:start] + chunk(b"gAMA", struct.pack(">I", gamma)) + plain[start:]
    assert read(tmp_path, content).not_kept == (("the PNG's gamma",) if lost else ())


def with_chunk(kind: bytes, content: bytes) -> bytes:
    plain = png(noise((11, 13), "uint16"))
    start = len(SIGNATURE) + 25
    return plain[:start] + chunk(kind, content) + plain[start:]


SRGB = (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
WIDE = (31270, 32900, 70800, 29200, 17000, 79700, 13100, 4600)


@pytest.mark.parametrize(
    ("kind", "content", "words"),
    [
        (b"cICP", bytes([9, 16, 0, 1]), ""),
        (b"cHRM", struct.pack(">8I", *WIDE), "the PNG's primaries (cHRM)"),
        (b"cHRM", struct.pack(">8I", *SRGB), ""),
        (b"sBIT", bytes([12]), "the PNG's number of significant bits (sBIT)"),
        (b"sBIT", bytes([16]), ""),
        (b"pCAL", b"height\0" + bytes(10), "the PNG's calibration of values (pCAL)"),
        (b"tEXt", b"Comment\0second dish", "the PNG's texts (Comment)"),
        (b"iTXt", b"Title\0\0\0\0\0dish", "the PNG's texts (Title)"),
        (b"tEXt", b"Software\0pen", ""),
    ],
)
def test_what_changes_its_meaning_is_said(
    tmp_path: Path, kind: bytes, content: bytes, words: str
) -> None:
    assert read(tmp_path, with_chunk(kind, content)).not_kept == ((words,) if words else ())


@pytest.mark.parametrize(
    ("scale", "size"),
    [(b"\x012.5e-7\0" + b"5e-7", {"X": 0.25, "Y": 0.5}), (b"\x021\0001", {}), (b"\x01-\0", {})],
)
def test_the_size_of_the_subject_is_read(
    tmp_path: Path, scale: bytes, size: dict[str, float]
) -> None:
    assert read(tmp_path, with_chunk(b"sCAL", scale)).pixel_size == pytest.approx(size)


@pytest.mark.parametrize("data", [noise((8, 9)), noise((8, 9, 3)), noise((8, 9, 4), "uint16")])
def test_a_colour_space_goes_into_other_pngs(tmp_path: Path, data: NDArray[Any]) -> None:
    said = bytes([9, 16, 0, 1])
    image = ImageFile(data, "YX" if data.ndim == 2 else "YXS", metadata={COLOUR_SPACE: said})
    content = write_image(tmp_path / "a.png", image).read_bytes()
    assert content.count(b"cICP" + said) == 1 and content.index(b"cICP") < content.index(b"IDAT")
    again = read_image(tmp_path / "a.png")
    assert same(again, data, image.axes) and again.metadata == image.metadata
    with Image.open(tmp_path / "a.png") as opened:
        opened.load()
    assert lost_words(tmp_path / "b.png", [again]) == ""
    for name in ("b.tif", "b.jpg", "b.zarr"):
        assert COLOUR_SPACE_WORD in lost_words(tmp_path / name, [again])
