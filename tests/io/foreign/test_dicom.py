"""DICOM files that pydicom brings, of many transfer syntaxes, and some made from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from napari_autolut.io import ImageFile, ImageFileError, list_series, read_image

pydicom = pytest.importorskip("pydicom", reason="pydicom is not installed")

FILES = Path(pydicom.__file__).parent / "data" / "test_files"


def given(name: str, **options: Any) -> ImageFile:
    path = FILES / f"{name}.dcm"
    if not path.exists():
        pytest.skip(f"this pydicom brings no {path.name}")
    return read_image(path, **options)


def changed(folder: Path, **values: object) -> Path:
    """A small grey file with other values in its header."""
    data = pydicom.dcmread(FILES / "MR_small.dcm")
    for name, value in values.items():
        setattr(data, name, value)
    path = folder / "a.dcm"
    data.save_as(path)
    return path


def stored(path: Path) -> np.ndarray:
    return pydicom.dcmread(path).pixel_array


def test_a_slice() -> None:
    found = given("MR_small")
    assert (found.axes, found.unit, found.data.dtype) == ("YX", "mm", np.int16)
    assert found.pixel_size == pytest.approx({"Y": 0.3125, "X": 0.3125})
    assert found.channels[0].window == (-200, 1399)
    assert not found.not_kept


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
        tmp_path, PhotometricInterpretation="MONOCHROME1", PixelRepresentation=0, BitsStored=12
    )
    np.testing.assert_array_equal(read_image(path).data, 4095 - stored(path))


def test_what_makes_values_physical_is_said(tmp_path: Path) -> None:
    path = changed(tmp_path, RescaleSlope=2, RescaleIntercept=-1024)
    found = read_image(path)
    np.testing.assert_array_equal(found.data, stored(path))
    assert "factor and offset" in found.not_kept[0]


def test_sizes_that_are_none(tmp_path: Path) -> None:
    path = changed(tmp_path, PixelSpacing=[0, 0])
    found = read_image(path)
    assert (dict(found.pixel_size), found.unit) == ({}, None)


def test_more_than_memory_holds(tmp_path: Path) -> None:
    path = changed(tmp_path, Rows=65535, Columns=65535, NumberOfFrames=2**31 - 1)
    with pytest.raises(ImageFileError, match="of memory"):
        read_image(path)


def test_a_report_is_no_image() -> None:
    with pytest.raises(ImageFileError, match="without an image"):
        given("rtplan")


@pytest.mark.parametrize("said", [{"FrameTime": "40"}, {"FrameTimeVector": ["0", "40"]}])
def test_frames_in_time(tmp_path: Path, said: dict[str, Any]) -> None:
    frame = stored(FILES / "MR_small.dcm").tobytes()
    path = changed(tmp_path, NumberOfFrames=2, PixelData=2 * frame, **said)
    found = read_image(path)
    assert (found.axes, found.unit) == ("TYX", "mm")
    assert found.pixel_size == pytest.approx({"T": 0.04, "Y": 0.3125, "X": 0.3125})
