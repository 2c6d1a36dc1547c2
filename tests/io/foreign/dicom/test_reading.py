"""Pixels of DICOM files in many transfer syntaxes: what is read, and what is said of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from napari_autolut.io import ImageFileError, list_series, read_image
from tests.io.foreign.dicom.dicom_files import FILES, changed, given, pydicom, stored


def test_a_slice() -> None:
    found = given("MR_small")
    assert (found.axes, found.unit, found.data.dtype) == ("YX", "mm", np.int16)
    assert found.pixel_size == pytest.approx({"Y": 0.3125, "X": 0.3125})
    assert found.channels[0].window == (-200, 1399)


@pytest.mark.parametrize(
    "name", ["MR_small_bigendian", "MR_small_RLE", "MR_small_jpeg_ls_lossless",
             "MR_small_jp2klossless", "MR_small_implicit"]
)  # fmt: skip
def test_one_slice_in_many_syntaxes(name: str) -> None:
    found = given(name).data
    assert found.dtype == np.dtype("int16") and found.dtype.isnative
    np.testing.assert_array_equal(found, given("MR_small").data)


@pytest.mark.parametrize(
    "name", ["SC_rgb_jpeg_dcmtk", "SC_rgb_jpeg_gdcm", "SC_rgb_jls_lossy_line",
             "SC_rgb_jls_lossy_sample", "SC_ybr_full_422_uncompressed", "SC_rgb_rle"]
)  # fmt: skip
def test_one_coloured_image_in_many_syntaxes(name: str) -> None:
    found, same = given(name), given("SC_rgb_dcmtk_+eb+cr")
    assert found.axes == "YXS" and found.data.dtype == np.uint8
    assert np.abs(found.data.astype(int) - same.data).max() <= 6


@pytest.mark.parametrize("kind", ["BINARY", "FRACTIONAL", ""])
def test_segments_are_labels(tmp_path: Path, kind: str) -> None:
    uid = f"1.2.840.10008.5.1.4.1.1.{'66.4' if kind else '4'}"
    path = changed(tmp_path, SOPClassUID=uid, SegmentationType=kind)
    assert read_image(path).labels == (kind == "BINARY")


def test_frames_palettes_and_twelve_bits() -> None:
    assert given("rtdose").lengths == {"Z": 15, "Y": 10, "X": 10}
    assert given("SC_rgb_rle_16bit_2frame").axes == "ZYXS"
    palette = given("examples_palette")
    assert (palette.axes, palette.data.dtype) == ("YXS", np.uint16)
    assert given("JPGExtended").data.dtype == np.uint16


def test_the_list_says_what_is_read() -> None:
    read = 0
    for path in sorted(FILES.glob("*.dcm")):
        try:
            found = read_image(path)
        except ImageFileError as error:
            assert "\n" not in str(error)
            continue
        (listed,) = list_series(path)
        assert dict(listed.lengths) == found.lengths
        assert listed.dtype.newbyteorder("=") == found.data.dtype
        read += 1
    assert read > 20


def test_where_white_is_zero_values_are_turned_round(tmp_path: Path) -> None:
    path = changed(tmp_path, PhotometricInterpretation="MONOCHROME1")
    np.testing.assert_array_equal(read_image(path).data, -1 - stored(path))
    path = changed(
        tmp_path,
        PhotometricInterpretation="MONOCHROME1",
        PixelRepresentation=0,
        BitsStored=12,
        HighBit=11,
    )
    np.testing.assert_array_equal(read_image(path).data, 4095 - stored(path))


def test_what_makes_values_physical_is_said(tmp_path: Path) -> None:
    path = changed(tmp_path, RescaleSlope=2, RescaleIntercept=-1024)
    found = read_image(path)
    np.testing.assert_array_equal(found.data, stored(path))
    assert "factor and offset" in found.not_kept[-1]


def test_more_than_memory_holds(tmp_path: Path) -> None:
    path = changed(tmp_path, Rows=65535, Columns=65535, NumberOfFrames=2**31 - 1)
    with pytest.raises(ImageFileError, match="of memory"):
        read_image(path)


def test_a_report_is_no_image() -> None:
    with pytest.raises(ImageFileError, match="without an image"):
        given("rtplan")


def test_what_is_padding_is_said(tmp_path: Path) -> None:
    data = pydicom.dcmread(FILES / "MR_small.dcm")
    for value, said in ((-2000, False), (int(data.pixel_array[0, 0]), True)):
        data.add_new("PixelPaddingValue", "SS", value)
        data.save_as(tmp_path / "a.dcm")
        found = read_image(tmp_path / "a.dcm")
        assert (f"the mark that {value:g} is no part of the image" in found.not_kept) == said


def test_values_in_the_upper_bits(tmp_path: Path) -> None:
    """As old files have them; pydicom takes the lower bits."""
    for signed in (0, 1):
        values = np.arange(64 * 64).reshape(64, 64) - 2048 * signed
        pixels = (values << 4).astype(np.uint16).tobytes()
        path = changed(
            tmp_path, PixelData=pixels, HighBit=15, BitsStored=12, PixelRepresentation=signed
        )
        np.testing.assert_array_equal(read_image(path).data, values)


def test_one_bit_is_black_and_white(tmp_path: Path) -> None:
    bits = np.random.default_rng(0).integers(0, 2, (64, 64), "uint8")
    pixels = np.packbits(bits, bitorder="little").tobytes()
    path = changed(
        tmp_path, PixelData=pixels, BitsAllocated=1, BitsStored=1, HighBit=0, PixelRepresentation=0
    )
    found = read_image(path).data
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, 255 * bits)


def test_a_palette_of_bytes_in_words(tmp_path: Path) -> None:
    tables = np.random.default_rng(0).integers(0, 256, (3, 256), "uint16")
    path = changed(tmp_path, PhotometricInterpretation="PALETTE COLOR", PixelRepresentation=0)
    data = pydicom.dcmread(path)
    for name, table in zip(("Red", "Green", "Blue"), tables, strict=True):
        data.add_new(f"{name}PaletteColorLookupTableDescriptor", "US", [256, 0, 8])
        data.add_new(f"{name}PaletteColorLookupTableData", "OW", table.tobytes())
    indices = np.arange(64 * 64, dtype="uint16").reshape(64, 64) % 256
    data.PixelData = indices.tobytes()
    data.save_as(path)
    found = read_image(path).data
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, np.moveaxis(tables[:, indices], 0, -1))


def test_more_values_than_the_header_names(tmp_path: Path) -> None:
    path = changed(tmp_path)
    data = pydicom.dcmread(path)
    data.PixelData *= 2
    data.save_as(path)
    with pytest.raises(ImageFileError, match=r"found \(2, 64, 64\) values, and its header says"):
        read_image(path)
