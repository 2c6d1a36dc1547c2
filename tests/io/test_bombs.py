"""Small files that ask for much: one sentence, before anything is decoded."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import psutil
import pytest
from PIL import Image

from napari_autolut.io import ImageFileError, list_series, read_image
from napari_autolut.io.jpeg import MAX_SCANS, MAX_SEGMENTS, check_jpeg
from napari_autolut.io.pillow import HEAD_BYTES
from napari_autolut.io.png import MAX_CHUNKS
from napari_autolut.io.webp import MAX_CHUNKS as MAX_WEBP_CHUNKS
from tests.io.png_kinds import SIGNATURE, chunk, png
from tests.pictures import noise, same

HEADER_END = len(SIGNATURE) + 25

Questions = tuple[Callable[[Path], object], ...]
QUESTIONS: Questions = (read_image, list_series)


def refused(path: Path, content: bytes, words: str, questions: Questions = QUESTIONS) -> None:
    """A sentence, of the pixels and of the list of images, with little more than the file held."""
    path.write_bytes(content)
    tracemalloc.start()
    try:
        for question in questions:
            with pytest.raises(ImageFileError, match=words):
                question(path)
        assert tracemalloc.get_traced_memory()[1] < 3 * len(content) + 2**24
    finally:
        tracemalloc.stop()


def jpeg(tmp_path: Path, **options: object) -> bytes:
    path = tmp_path / "plain.jpg"
    Image.fromarray(noise((64, 64, 3))).save(path, **options)
    return path.read_bytes()


def test_a_jpeg_of_scans_without_end(tmp_path: Path) -> None:
    """Each goes over all pixels, however few bytes it has."""
    content = jpeg(tmp_path, progressive=True)
    last = content[content.rindex(b"\xff\xda") : -2]
    many = content[:-2] + MAX_SCANS * last + content[-2:]
    refused(tmp_path / "a.jpg", many, f"more than {MAX_SCANS} scans", (read_image,))
    (series,) = list_series(tmp_path / "a.jpg")
    assert series.lengths == {"Y": 64, "X": 64, "S": 3}


@pytest.mark.parametrize("marker", [0xE1, 0xEF, 0xFE])
def test_a_jpeg_of_segments_without_end(tmp_path: Path, marker: int) -> None:
    content = jpeg(tmp_path)
    many = content[:2] + MAX_SEGMENTS * bytes([255, marker, 0, 2]) + content[2:]
    refused(tmp_path / "a.jpg", many, f"more than {MAX_SEGMENTS:,} segments")


@pytest.mark.parametrize("byte", [b"\xff", b"\0", b"\xd8"])
def test_a_jpeg_of_filling_without_end(tmp_path: Path, byte: bytes) -> None:
    content = jpeg(tmp_path)
    at = content.index(b"\xff\xdb")
    refused(tmp_path / "a.jpg", content[:at] + 10**6 * byte + content[at:], "between two segments")


def test_honest_jpegs_have_thumbnails_profiles_and_more_behind_them(tmp_path: Path) -> None:
    """What lies in a segment or behind the end are no scans of the image."""
    content = jpeg(tmp_path, progressive=True, icc_profile=300 * b"\xff\xda\0\2")
    check_jpeg(content + MAX_SCANS * content[content.index(b"\xff\xda") :])
    (tmp_path / "a.jpg").write_bytes(content)
    assert read_image(tmp_path / "a.jpg").data.shape == (64, 64, 3)


def test_a_png_of_chunks_without_end(tmp_path: Path) -> None:
    content = png(noise((8, 8, 3)))
    words = f"more than {MAX_CHUNKS:,} chunks"
    for many in (chunk(b"abCd", b""), chunk(b"tEXt", b"a\0b"), chunk(b"IDAT", b"")):
        with_many = content[:HEADER_END] + (MAX_CHUNKS + 1) * many + content[HEADER_END:]
        refused(tmp_path / "a.png", with_many, words)


@pytest.mark.parametrize("kind", [b"iCCP", b"zTXt", b"iTXt"])
def test_a_png_whose_side_information_unpacks_to_much(tmp_path: Path, kind: bytes) -> None:
    between = b"\0\1\0\0\0" if kind == b"iTXt" else b"\0\0"
    bomb = chunk(kind, b"name" + between + zlib.compress(bytes(2**25)))
    content = png(noise((8, 8, 3)))
    refused(tmp_path / "a.png", content[:HEADER_END] + bomb + content[HEADER_END:], "far too large")


def test_a_bmp_whose_run_lengths_leave_most_of_it_out(tmp_path: Path) -> None:
    """Two bytes step over 255 rows."""
    runs = 200 * b"\0\2\xff\xff" + b"\0\1"
    head = struct.pack("<IiiHHIIiiII", 40, 30000, 30000, 1, 8, 1, len(runs), 0, 0, 0, 0)
    content = struct.pack("<2sIHHI", b"BM", 0, 0, 0, 54 + 1024) + head + bytes(1024) + runs
    refused(tmp_path / "a.bmp", content, "declares 30,000 x 30,000 pixels, for which")


def test_a_palette_counts_as_the_colours_it_becomes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = Image.fromarray(noise((100, 100, 3))).quantize(64)
    for suffix, free in ((".bmp", 100_000), (".png", 30_000)):
        path = tmp_path / f"a{suffix}"
        picture.save(path)
        (series,) = list_series(path)
        assert same(read_image(path), np.asarray(picture.convert("RGB")), "YXS")
        assert series.lengths == {"Y": 100, "X": 100, "S": 3}
        with monkeypatch.context() as patch:
            patch.setattr(
                psutil, "virtual_memory", lambda free=free: SimpleNamespace(available=free)
            )
            with pytest.raises(ImageFileError, match="its pixels need"):
                read_image(path)


@pytest.mark.parametrize("frames", [0, MAX_WEBP_CHUNKS])
def test_a_webp_that_declares_far_more_than_it_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, frames: int
) -> None:
    """Pillow takes the memory of two such images when it opens the file: 34 GB."""
    free = SimpleNamespace(available=2**33)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: free)
    canvas = (2**16 - 2).to_bytes(3, "little")
    head = chunk_of_webp(b"VP8X", bytes([0x0A if frames else 0x02, 0, 0, 0]) + 2 * canvas)
    pixels = Image.new("RGB", (8, 8))
    buffer = io.BytesIO()
    pixels.save(buffer, "webp", lossless=True)
    frame = chunk_of_webp(
        b"ANMF", bytes(6) + bytes([7, 0, 0, 7, 0, 0]) + bytes(4) + buffer.getvalue()[12:]
    )
    body = (
        b"WEBP" + head + chunk_of_webp(b"ANIM", bytes(6)) + frame + frames * chunk_of_webp(b"abcd")
    )
    content = b"RIFF" + struct.pack("<I", len(body)) + body
    if frames:
        refused(tmp_path / "a.webp", content, "more than 10,000 chunks", (list_series,))
    refused(tmp_path / "a.webp", content, "its pixels need 34.4 GB of memory", (read_image,))
    refused(tmp_path / "a.png", content, "its pixels need 34.4 GB of memory")


def chunk_of_webp(kind: bytes, content: bytes = b"") -> bytes:
    return kind + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("lossless", [False, True])
@pytest.mark.parametrize("turned", [1, 6])
def test_a_webp_is_listed_as_it_is_read(
    tmp_path: Path, mode: str, lossless: bool, turned: int
) -> None:
    path = tmp_path / "a.webp"
    exif = Image.Exif()
    if turned > 1:
        exif[274] = turned
    picture = Image.fromarray(noise((30, 20, len(mode))))
    picture.save(path, lossless=lossless, exif=exif)
    (series,) = list_series(path)
    assert read_image(path).lengths == series.lengths


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp", ".webp"])
def test_only_the_head_of_a_file_is_read_to_list_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    """Folders lie on network disks; a file is opened once, and read once for its pixels."""
    path = tmp_path / f"a{suffix}"
    exif = Image.Exif()
    exif[274] = 6
    Image.fromarray(noise((600, 900, 3))).save(path, exif=exif, quality=95)
    opened: list[Counted] = []

    def counting(self: Path, mode: str = "r", buffering: int = -1) -> Counted:
        assert (mode, buffering) == ("rb", 0)
        opened.append(Counted(self))
        return opened[-1]

    monkeypatch.setattr(Path, "open", counting)
    (series,) = list_series(path)
    (listed,) = opened
    assert listed.nbytes < 4 * HEAD_BYTES < path.stat().st_size
    opened.clear()
    image = read_image(path)
    (read,) = opened
    assert image.lengths == series.lengths
    assert suffix == ".bmp" or read.nbytes <= path.stat().st_size + HEAD_BYTES


class Counted(io.FileIO):
    """A file that counts what is read of it."""

    nbytes = 0

    def readinto(self, buffer: bytearray) -> int | None:  # type: ignore[override]
        count = super().readinto(buffer)
        self.nbytes += count or 0
        return count

    def read(self, size: int | None = -1) -> bytes | None:  # type: ignore[override]
        content = super().read(size)
        self.nbytes += len(content or b"")
        return content
