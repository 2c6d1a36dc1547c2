"""Where slices, frames and regions of DICOM lie, and how large their pixels are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from napari_autolut.io import list_series, read_image
from tests.io.foreign.dicom.dicom_files import FILES, changed, given, pydicom, stacked, stored


def test_sizes_that_are_none(tmp_path: Path) -> None:
    path = changed(tmp_path, PixelSpacing=[0, 0])
    found = read_image(path)
    assert (dict(found.pixel_size), found.unit) == ({}, None)


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


def test_distances_of_slices_are_those_of_their_places(tmp_path: Path) -> None:
    """Not their thickness, where nothing else names a distance."""
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
    """They are no slices, 5 mm apart."""
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


def test_geometry_that_is_none(tmp_path: Path) -> None:
    path = changed(tmp_path, ImageOrientationPatient=[1, 0], ImagePositionPatient=[1, 2])
    assert read_image(path).origin == {}


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
    """Without a word of their interval they are no slices either."""
    stored_values = stored(FILES / "MR_small.dcm")
    path = changed(
        tmp_path,
        Modality="XA",
        NumberOfFrames=2,
        PixelData=np.stack([stored_values, stored_values + 1]).tobytes(),
    )
    found = read_image(path)
    assert (found.axes, "T" in found.pixel_size) == ("TYX", False)
