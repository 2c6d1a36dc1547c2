"""What lies in a Zarr's folders: arrays alone, converted files, plates, labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import zarr

from napari_autolut.io import ImageFileError, list_series, open_images, read_image
from napari_autolut.io.zarr import is_zarr, reading
from tests.io.zarr.described import scale, space, written
from tests.pictures import picture


def test_an_array_alone(tmp_path: Path) -> None:
    data = picture((3, 4, 5), ">u2")
    zarr.create_array(tmp_path / "a.zarr", data=data, zarr_format=2)
    found = read_image(tmp_path / "a.zarr")
    assert found.axes == "ZYX" and found.data.dtype.isnative
    np.testing.assert_array_equal(found.data, data)


def test_images_of_a_converted_file(tmp_path: Path) -> None:
    root = zarr.create_group(tmp_path / "a.zarr")
    root.attrs["ome"] = {"version": "0.5", "bioformats2raw.layout": 3}
    written(tmp_path / "a.zarr" / "0", [space("y"), space("x")], scale(1, 1))
    assert read_image(tmp_path / "a.zarr").axes == "YX"
    written(tmp_path / "a.zarr" / "1", [space("y"), space("x")], scale(1, 1))
    assert [str(each) for each in list_series(tmp_path / "a.zarr")] == [
        "0 (0, 5 x 4)",
        "1 (1, 5 x 4)",
    ]
    assert read_image(tmp_path / "a.zarr", series=1).axes == "YX"
    assert is_zarr(tmp_path / "a.zarr" / "1")
    assert read_image(tmp_path / "a.zarr" / "1").axes == "YX"


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_images_in_groups_that_say_nothing_of_them(tmp_path: Path, zarr_format: int) -> None:
    """As of SpatialData, whose tables and shapes are no images."""
    path = tmp_path / "a.zarr"
    root = zarr.create_group(path, zarr_format=zarr_format, attributes={"other": 1})
    root.create_group("tables/cells").create_array("X", data=picture((4, 5)))
    with pytest.raises(ImageFileError, match="found no image in it, expected"):
        read_image(path)
    written(path / "images" / "blobs", [space("y"), space("x")], scale(1, 1))
    root.require_group("images")
    assert [each.name for each in list_series(path)] == ["images/blobs"]
    with open_images(path) as opened:
        assert not opened.lost


def test_an_array_in_a_group_is_named(tmp_path: Path) -> None:
    zarr.create_group(tmp_path / "a.zarr").create_array("cells", data=picture((4, 5)))
    with pytest.raises(ImageFileError, match=r"arrays .* \(cells\); give the folder of one"):
        read_image(tmp_path / "a.zarr")
    assert read_image(tmp_path / "a.zarr" / "cells").axes == "YX"


def test_images_of_a_converted_file_that_have_names(tmp_path: Path) -> None:
    root = zarr.create_group(tmp_path / "a.zarr")
    root.attrs["ome"] = {"version": "0.5", "bioformats2raw.layout": 3}
    for name in ("before", "after"):
        written(tmp_path / "a.zarr" / name, [space("y"), space("x")], scale(1, 1))
    root.create_group("OME").attrs["ome"] = {"version": "0.5", "series": ["before", "after"]}
    assert [each.name for each in list_series(tmp_path / "a.zarr")] == ["before", "after"]


@pytest.mark.parametrize(
    ("names", "shape", "axes"),
    [
        (None, (4, 5, 3), "YXS"),
        (["y", "x", "channel"], (4, 5, 3), "YXS"),
        (["y", "x", "c"], (4, 5, 2), "YXC"),
        (["time", "y", "x"], (2, 4, 5), "TYX"),
        (["z", "Rows", "Columns"], (2, 4, 3), "ZYX"),
        (["a", "b", "c"], (2, 4, 5), "ZYX"),
    ],
)
def test_axes_that_an_array_names(
    tmp_path: Path, names: list[str] | None, shape: tuple[int, ...], axes: str
) -> None:
    """Without them, colours would be columns: rows and columns alone are enlarged."""
    data = picture(shape)
    zarr.create_array(tmp_path / "a.zarr", data=data, dimension_names=names)
    assert read_image(tmp_path / "a.zarr").axes == axes
    old = zarr.create_array(tmp_path / "b.zarr", data=data, zarr_format=2)
    if names is not None:  # as xarray says it
        old.attrs["_ARRAY_DIMENSIONS"] = names
    assert read_image(tmp_path / "b.zarr").axes == axes


def test_a_plate_and_a_well(tmp_path: Path) -> None:
    plate = zarr.create_group(tmp_path / "p.zarr")
    plate.attrs["ome"] = {"version": "0.5", "plate": {"wells": [{"path": "A/1"}, {"path": "A/2"}]}}
    with pytest.raises(ImageFileError, match="'A/1', which is not there"):
        read_image(tmp_path / "p.zarr")
    well = zarr.create_group(tmp_path / "p.zarr" / "A" / "1")
    well.attrs["ome"] = {"version": "0.5", "well": {"images": [{"path": "0"}, {"path": "1"}]}}
    for name in "01":
        written(tmp_path / "p.zarr" / "A" / "1" / name, [space("y"), space("x")], scale(1, 1))
    assert len(list_series(tmp_path / "p.zarr" / "A" / "1")) == 2
    empty = zarr.create_group(tmp_path / "p.zarr" / "A" / "2")
    empty.attrs["ome"] = {"version": "0.5", "well": {"images": []}}
    assert [each.name for each in list_series(tmp_path / "p.zarr")] == ["A/1/0", "A/1/1"]


def test_labels_are_told_from_images(tmp_path: Path) -> None:
    label = {"image-label": {"colors": []}}
    path = written(tmp_path / "a.zarr", [space("y"), space("x")], scale(1, 1), **label)
    assert read_image(path).labels
    image = written(tmp_path / "b.zarr", [space("y"), space("x")], scale(1, 1))
    around = zarr.create_group(image / "labels")
    around.attrs["ome"] = {"version": "0.5", "labels": ["cells"]}
    cells = written(image / "labels" / "cells", [space("y"), space("x")], scale(1, 1))
    assert read_image(cells).labels
    assert not read_image(image).labels


def test_the_folders_of_a_plate_are_gone_through_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once for each of its images, a plate of 384 wells takes minutes before the first pixel."""
    root = zarr.create_group(tmp_path / "a.zarr")
    root.attrs["ome"] = {"version": "0.5", "bioformats2raw.layout": 3}
    for name in "012":
        written(tmp_path / "a.zarr" / name, [space("y"), space("x")], scale(1, float(name) + 1))
    found, gone_through = reading.images_of, []
    monkeypatch.setattr(reading, "images_of", lambda path: gone_through.append(path) or found(path))
    with open_images(tmp_path / "a.zarr") as opened:
        sizes = [opened.read(each.index, 0).pixel_size["X"] for each in opened.series]
        with pytest.raises(ImageFileError, match="found no series 7"):
            opened.read(7)
    assert (sizes, len(gone_through)) == ([1.0, 2.0, 3.0], 1)
