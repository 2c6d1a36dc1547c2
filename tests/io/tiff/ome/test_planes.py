"""Distances that OME-XML gives for single planes alone: times of frames, places of slices."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tifffile

from napari_autolut.io import ImageFile, read_image, write_image
from tests.io.tiff.ome_schema import check_valid
from tests.pictures import picture

SIZES = {"PhysicalSizeX": 200, "PhysicalSizeXUnit": "nm", "PhysicalSizeY": 200,
         "PhysicalSizeYUnit": "nm"}  # fmt: skip


def written(path: Path, planes: dict[str, list[object]], **said: object) -> Path:
    """An OME-TIFF of 3 frames, 2 channels and 4 slices, which says something of each plane."""
    data = np.zeros((3, 2, 4, 6, 5), np.uint16)
    metadata = {"axes": "TCZYX", **SIZES, **said, "Plane": planes}
    tifffile.imwrite(path, data, ome=True, photometric="minisblack", metadata=metadata)
    return path


def of_planes(*, t: float = 0.0, c: float = 0.0, z: float = 0.0, first: float = 0.0) -> list[float]:
    """A value for each plane that grows by so much along each axis."""
    return [first + t * a + c * b + z * d for a, b, d in np.ndindex(3, 2, 4)]


def test_times_of_planes_are_the_interval_where_none_is_given(tmp_path: Path) -> None:
    planes = {"DeltaT": of_planes(t=2500, c=200, z=10), "DeltaTUnit": ["ms"] * 24}
    image = read_image(written(tmp_path / "a.ome.tif", planes))
    assert image.pixel_size["T"] == pytest.approx(2.5)
    out = write_image(tmp_path / "b.ome.tif", image)
    xml = tifffile.tiffcomment(out)
    assert 'TimeIncrement="2.5"' in xml and 'DeltaT="2710.0"' in xml


@pytest.mark.parametrize("name", ["b.ome.tif", "b.zarr"])
def test_a_series_begins_when_it_did(tmp_path: Path, name: str) -> None:
    """It does not begin at 0 in an OME-TIFF that is made of another file."""
    planes = {"DeltaT": of_planes(t=2500, c=200, first=700), "DeltaTUnit": ["ms"] * 24}
    image = read_image(written(tmp_path / "a.ome.tif", planes))
    assert image.origin == {"T": pytest.approx(0.7)}
    between = write_image(tmp_path / name, image)
    out = write_image(tmp_path / "c.ome.tif", replace(read_image(between), metadata={}))
    check_valid(tifffile.tiffcomment(out))
    assert 'DeltaT="5.7"' in tifffile.tiffcomment(out)
    assert read_image(out).origin == image.origin


def test_the_interval_that_is_given_counts(tmp_path: Path) -> None:
    planes = {"DeltaT": of_planes(t=2.4)}
    said = {"TimeIncrement": 2.0, "TimeIncrementUnit": "s"}
    assert read_image(written(tmp_path / "a.ome.tif", planes, **said)).pixel_size["T"] == 2.0


def test_places_of_slices_are_their_spacing_where_none_is_given(tmp_path: Path) -> None:
    unit = {f"Position{axis}Unit": ["µm"] * 24 for axis in "XYZ"}
    places = {"PositionX": of_planes(t=9, first=50), "PositionY": of_planes(first=60),
              "PositionZ": of_planes(t=0.1, z=-0.5, first=70)}  # fmt: skip
    image = read_image(written(tmp_path / "a.ome.tif", places | unit))
    assert image.unit == "nm"
    assert image.pixel_size["Z"] == pytest.approx(500)
    assert image.origin == pytest.approx({"X": 50_000, "Y": 60_000, "Z": 70_000})


def test_uneven_distances_are_said(tmp_path: Path) -> None:
    """Their mean is not taken in silence; a stage that misses its place by a hundredth is even."""
    unit = {"PositionZUnit": ["µm"] * 24}
    heights, times = [0.0, 0.501, 1.0, 1.5], [0.0, 1.0, 7.0]
    planes = {"PositionZ": [heights[z] for _, _, z in np.ndindex(3, 2, 4)], **unit,
              "DeltaT": [times[t] for t, _, _ in np.ndindex(3, 2, 4)]}  # fmt: skip
    found = read_image(written(tmp_path / "a.ome.tif", planes))
    assert found.pixel_size["Z"] == pytest.approx(500) and found.pixel_size["T"] == 3.5
    assert found.remarks == ("its frames were not taken evenly; the interval is their mean",)
    planes["PositionZ"] = [z * z for _, _, z in np.ndindex(3, 2, 4)]
    assert len(read_image(written(tmp_path / "b.ome.tif", planes)).remarks) == 2


@pytest.mark.parametrize(
    "times",
    [
        of_planes(),
        [*of_planes(t=2)[:16], *[0.0] * 8],
        [*of_planes(t=2)[:16], *["soon"] * 8],
    ],
    ids=["all the same", "back again", "no number"],
)
def test_times_that_are_none_say_nothing(tmp_path: Path, times: list[object]) -> None:
    assert "T" not in read_image(written(tmp_path / "a.ome.tif", {"DeltaT": times})).pixel_size


def test_frames_without_a_time_say_nothing_and_cost_nothing(tmp_path: Path) -> None:
    path = written(tmp_path / "a.ome.tif", {"DeltaT": of_planes(t=2)})
    xml = path.read_bytes()
    start = xml.index(b'TheT="1"', xml.index(b"<Plane"))
    path.write_bytes(xml[:start] + b'TheT="7"' + xml[start + 8 :])
    assert "T" not in read_image(path).pixel_size


def test_a_place_without_a_unit_is_kept_and_moves_with_the_pixels(tmp_path: Path) -> None:
    """As of MetaImage and OME-Zarr; OME-XML has a unit for that, too."""
    path = tmp_path / "a.ome.tif"
    image = ImageFile(picture((3, 8, 9)), "ZYX", {"Z": 2.0, "Y": 0.5, "X": 0.5}, flavour="ome",
                      origin={"Z": 10.0, "Y": 4.0, "X": -3.0})  # fmt: skip
    write_image(path, image)
    check_valid(tifffile.tiffcomment(path))
    found = read_image(path)
    assert (found.unit, found.pixel_size, found.origin) == (None, image.pixel_size, image.origin)
    write_image(tmp_path / "b.ome.tif", found.enlarged(picture((3, 16, 18)), 2))
    check_valid(tifffile.tiffcomment(tmp_path / "b.ome.tif"))
    again = read_image(tmp_path / "b.ome.tif")
    assert again.origin == pytest.approx({"Z": 10.0, "Y": 3.875, "X": -3.125})


def test_places_of_a_stage_that_name_no_unit_are_none(tmp_path: Path) -> None:
    """Pixels in micrometres lie nowhere in a reference frame of any unit."""
    path = written(tmp_path / "a.ome.tif", {"PositionX": [5.0] * 24}, PhysicalSizeX=0.5)
    assert not read_image(path).origin
