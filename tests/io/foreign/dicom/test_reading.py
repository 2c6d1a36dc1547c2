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


def test_where_a_slice_lies() -> None:
    found = given("MR_small")
    assert found.origin == {"X": -83.9063, "Y": -91.2}
    assert found.not_kept == ("the slice's place along z",)
    assert "the place in the patient" in given("J2K_pixelrep_mismatch").not_kept  # tilted


def stacked(folder: Path, heights: list[float]) -> Path:
    """Frames at places of their own, 5 mm thick."""
    data = pydicom.dcmread(FILES / "MR_small.dcm")
    data.PixelData, data.NumberOfFrames = data.PixelData * len(heights), len(heights)
    data.SliceThickness = 5
    data.PerFrameFunctionalGroupsSequence = frames = pydicom.Sequence()
    for height in heights:
        plane = pydicom.Dataset()
        plane.ImagePositionPatient = [-3, 4, height]
        frames.append(pydicom.Dataset())
        frames[-1].PlanePositionSequence = pydicom.Sequence([plane])
    path = folder / "a.dcm"
    data.save_as(path)
    return path


def test_distances_of_slices_are_those_of_their_places(tmp_path: Path) -> None:
    """They were their thickness, where nothing else named a distance."""
    found = read_image(stacked(tmp_path, [1, 3.5, 6]))
    assert found.pixel_size["Z"] == 2.5 and found.origin == {"X": -3, "Y": 4, "Z": 1}
    assert not found.not_kept
    backwards = read_image(stacked(tmp_path, [6, 3.5, 1]))
    assert backwards.pixel_size["Z"] == 2.5 and not backwards.origin
    assert backwards.not_kept == ("the place in the patient",)
    assert not found.remarks
    uneven = read_image(stacked(tmp_path, [1, 3, 6]))
    assert uneven.pixel_size["Z"] == 2.5
    assert uneven.remarks == ("its slices do not lie evenly; the distance is their mean",)
    doses = changed(tmp_path, GridFrameOffsetVector=[0, -3])
    assert read_image(doses).not_kept == ("the place in the patient",)


@pytest.mark.parametrize(
    ("heights", "lengths"),
    [
        ([1, 3, 5, 1, 3, 5], {"T": 2, "Z": 3}),
        ([1, 1, 3, 3, 5, 5], {"Z": 3, "T": 2}),
        ([1, 1, 1], {"T": 3}),
        ([1, 5, 3], {"Z": 3}),
        ([1, 3, 1, 5], {"Z": 4}),
    ],
)
def test_places_that_come_again_are_times(
    tmp_path: Path, heights: list[float], lengths: dict[str, int]
) -> None:
    """All were slices, 5 mm apart."""
    found = read_image(stacked(tmp_path, heights))
    assert found.lengths == {**lengths, "Y": 64, "X": 64}
    assert found.pixel_size.get("Z") == (2 if lengths.get("T") == 2 else None)
    assert any("in their order" in each for each in found.remarks) == ("T" not in lengths)
    assert list_series(tmp_path / "a.dcm")[0].lengths == found.lengths


def test_sizes_may_be_said_of_each_frame(tmp_path: Path) -> None:
    data = pydicom.dcmread(stacked(tmp_path, [1, 3]))
    measures = pydicom.Dataset()
    measures.PixelSpacing = [0.5, 0.25]
    del data.PixelSpacing
    for frame in data.PerFrameFunctionalGroupsSequence:
        frame.PixelMeasuresSequence = pydicom.Sequence([measures])
    data.save_as(tmp_path / "a.dcm")
    assert read_image(tmp_path / "a.dcm").pixel_size == {"Z": 2, "Y": 0.5, "X": 0.25}


def test_what_is_padding_is_said(tmp_path: Path) -> None:
    data = pydicom.dcmread(FILES / "MR_small.dcm")
    for value, said in ((-2000, False), (int(data.pixel_array[0, 0]), True)):
        data.add_new("PixelPaddingValue", "SS", value)
        data.save_as(tmp_path / "a.dcm")
        found = read_image(tmp_path / "a.dcm")
        assert (f"the mark that {value:g} is no part of the image" in found.not_kept) == said


def test_geometry_that_is_none(tmp_path: Path) -> None:
    path = changed(tmp_path, ImageOrientationPatient=[1, 0], ImagePositionPatient=[1, 2])
    assert read_image(path).origin == {}


def test_values_in_the_upper_bits(tmp_path: Path) -> None:
    """As old files have them; pydicom took the lower bits."""
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


def test_sizes_of_ultrasound() -> None:
    """They are said of regions, in centimetres."""
    found = given("examples_ybr_color")
    assert found.axes == "TYXS"
    assert (found.unit, found.pixel_size["X"]) == ("mm", pytest.approx(0.5104970559))
    assert found.pixel_size["Y"] == pytest.approx(0.5104970559)


@pytest.mark.parametrize(
    ("second", "expected"),
    [({"PhysicalDeltaX": 0.02}, {"Y": 0.3, "X": 0.2}),
     ({"PhysicalDeltaX": 0.04}, {}),  # another depth
     ({"RegionSpatialFormat": 3, "PhysicalUnitsXDirection": 4, "PhysicalDeltaX": 0.01},
      {"Y": 0.3, "X": 0.2}),  # a spectrum beside the image
     ({"PhysicalUnitsXDirection": 0}, {})],
)  # fmt: skip
def test_regions_of_ultrasound(
    tmp_path: Path, second: dict[str, float], expected: dict[str, float]
) -> None:
    regions = []
    for values in ({}, second):
        region = pydicom.Dataset()
        region.RegionSpatialFormat = 1
        region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = 3
        region.PhysicalDeltaX, region.PhysicalDeltaY = 0.02, -0.03
        for name, value in values.items():
            setattr(region, name, value)
        regions.append(region)
    found = read_image(
        changed(tmp_path, PixelSpacing=None, Modality="US", SequenceOfUltrasoundRegions=regions)
    )
    assert found.pixel_size == pytest.approx(expected)


def test_pixels_that_are_not_square_and_sizes_on_the_detector(tmp_path: Path) -> None:
    found = read_image(changed(tmp_path, PixelSpacing=None, PixelAspectRatio=[3, 2]))
    assert (dict(found.pixel_size), found.unit) == ({"Y": 1.5, "X": 1.0}, None)
    path = changed(tmp_path, ImagerPixelSpacing=[0.2, 0.2])
    assert read_image(path).pixel_size == pytest.approx({"Y": 0.3125, "X": 0.3125})
    assert read_image(path).remarks == ()
    data = pydicom.dcmread(path)
    del data.PixelSpacing
    data.save_as(path)
    found = read_image(path)
    assert found.pixel_size == pytest.approx({"Y": 0.2, "X": 0.2})
    assert "on the detector" in found.remarks[0]


def test_frames_of_films_are_times(tmp_path: Path) -> None:
    """Without a word of their interval they were taken for slices."""
    stored_values = stored(FILES / "MR_small.dcm")
    path = changed(
        tmp_path,
        Modality="XA",
        NumberOfFrames=2,
        PixelData=np.stack([stored_values, stored_values + 1]).tobytes(),
    )
    found = read_image(path)
    assert (found.axes, "T" in found.pixel_size) == ("TYX", False)
