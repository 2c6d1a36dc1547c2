"""DICOM files of some kB that unpack to far more than their header says of their pixels."""

from __future__ import annotations

import struct
import tracemalloc
import zlib
from pathlib import Path

import imagecodecs
import numpy as np
import pytest

from napari_autolut.io import ImageFileError, list_series, read_image
from tests.io.foreign.dicom.dicom_files import FILES, given, stored

pydicom = pytest.importorskip("pydicom", reason="pydicom is not installed")

BOMB = 2**26
PIXELS = b"\xe0\x7f\x10\x00OW\0\0"


def deflated(path: Path) -> tuple[bytes, bytes]:
    """A small grey file, deflated: what stands before, and the rest unpacked."""
    data = pydicom.dcmread(FILES / "MR_small.dcm")
    data.file_meta.TransferSyntaxUID = pydicom.uid.DeflatedExplicitVRLittleEndian
    data.save_as(path)
    content = path.read_bytes()
    start = 144 + struct.unpack_from("<I", content, 140)[0]
    return content[:start], zlib.decompress(content[start:], -zlib.MAX_WBITS)


def packed(content: bytes) -> bytes:
    packing = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    return packing.compress(content) + packing.flush()


def refused(path: Path, words: str) -> None:
    tracemalloc.start()
    try:
        for question in (list_series, read_image):
            with pytest.raises(ImageFileError, match=words):
                question(path)
        assert tracemalloc.get_traced_memory()[1] < BOMB
    finally:
        tracemalloc.stop()


def test_a_deflated_file_is_read_as_any_other(tmp_path: Path) -> None:
    deflated(tmp_path / "a.dcm")
    expected = given("MR_small")
    (series,) = list_series(tmp_path / "a.dcm")
    found = read_image(tmp_path / "a.dcm")
    assert series.lengths == found.lengths
    np.testing.assert_array_equal(found.data, expected.data)
    assert (found.pixel_size, found.unit) == (expected.pixel_size, expected.unit)
    assert given("image_dfl").data.shape == stored(FILES / "image_dfl.dcm").shape


@pytest.mark.parametrize("where", ["pixels", "a private element", "behind its pixels"])
def test_a_deflated_file_that_unpacks_to_far_more_than_its_pixels(
    tmp_path: Path, where: str
) -> None:
    path = tmp_path / "a.dcm"
    before, plain = deflated(path)
    at = plain.index(PIXELS)
    much = struct.pack("<I", BOMB) + bytes(BOMB)
    if where == "pixels":
        plain = plain[: at + len(PIXELS)] + much
    elif where == "a private element":
        plain = plain[:at] + b"\xd1\x7f\x10\x10OB\0\0" + much + plain[at:]
    else:
        plain += b"\xfc\xff\xfc\xffOB\0\0" + much
    path.write_bytes(before + packed(plain))
    assert path.stat().st_size < BOMB / 100
    refused(path, "unpacks to more than 16,785,408 bytes, expected 8,192 of its pixels")


def test_a_deflated_file_that_breaks_off(tmp_path: Path) -> None:
    deflated(tmp_path / "a.dcm")
    content = (tmp_path / "a.dcm").read_bytes()
    (tmp_path / "a.dcm").write_bytes(content[:-2000])
    refused(tmp_path / "a.dcm", "breaks off")


LARGE = np.zeros((2000, 3000), np.uint8)
FRAMES = {
    "JPEGBaseline8Bit": imagecodecs.jpeg_encode(LARGE),
    "JPEG2000Lossless": imagecodecs.jpeg2k_encode(LARGE, codecformat="j2k", level=0),
    "HTJ2KLossless": imagecodecs.jpeg2k_encode(LARGE, codecformat="j2k", level=0),
    "JPEGLSLossless": imagecodecs.jpegls_encode(LARGE),
}


@pytest.mark.parametrize("syntax", FRAMES)
def test_a_frame_that_is_larger_than_the_header_says(tmp_path: Path, syntax: str) -> None:
    data = pydicom.dcmread(FILES / "MR_small.dcm")
    data.file_meta.TransferSyntaxUID = getattr(pydicom.uid, syntax)
    data.PixelData = pydicom.encaps.encapsulate([FRAMES[syntax]])
    data["PixelData"].VR = "OB"
    data.save_as(tmp_path / "a.dcm")
    with pytest.raises(ImageFileError, match="a frame holds 3,000 x 2,000 pixels, expected 64 x 6"):
        read_image(tmp_path / "a.dcm")


def test_run_lengths_that_have_no_room_for_their_pixels(tmp_path: Path) -> None:
    data = pydicom.dcmread(FILES / "MR_small_RLE.dcm")
    data.Rows = data.Columns = 20_000
    data.save_as(tmp_path / "a.dcm")
    with pytest.raises(ImageFileError, match="declares 400,000,000 values, and has"):
        read_image(tmp_path / "a.dcm")
