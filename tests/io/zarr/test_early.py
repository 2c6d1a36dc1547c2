"""OME-Zarrs of early versions, and of none that is known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr

from napari_autolut.arrays import finish
from napari_autolut.batch import upscale_file_steps
from napari_autolut.io import ImageFileError, read_image
from tests.conftest import small_model
from tests.io.zarr.described import scale, space, written
from tests.pictures import picture


@pytest.mark.parametrize("version", ["0.3", "0.6"])
def test_versions_that_are_not_known(tmp_path: Path, version: str) -> None:
    path = written(tmp_path / "a.zarr", [space("y"), space("x")], scale(1, 1), version=version)
    with pytest.raises(ImageFileError, match=f"{version} in Zarr 3, expected .* 0.5 in Zarr 3"):
        read_image(path)


def test_a_description_of_the_old_version_in_plain_json(tmp_path: Path) -> None:
    """0.4 as a text editor would write it, beside an array of Zarr 2."""
    path = tmp_path / "a.zarr"
    zarr.create_array(path / "0", data=picture((4, 5)), zarr_format=2)
    (path / ".zgroup").write_text('{"zarr_format": 2}')
    dataset = {"path": "0", "coordinateTransformations": [scale(0.5, 0.5)]}
    said = {"version": "0.4", "axes": [space("y"), space("x")], "datasets": [dataset]}
    (path / ".zattrs").write_text(json.dumps({"multiscales": [said]}))
    assert read_image(path).pixel_size == {"Y": 0.5, "X": 0.5}


@pytest.mark.parametrize(
    ("version", "axes", "separator"),
    [(None, None, "."), ("0.1", None, "."), ("0.2", None, "/"), ("0.3", ["t", "c", "y", "x"], "/")],
)
def test_versions_without_scales(
    tmp_path: Path, version: str | None, axes: list[str] | None, separator: str
) -> None:
    """Two levels as early writers have them, of five axes or with names of axes."""
    data = picture((2, 3, 4, 12, 20) if axes is None else (2, 3, 12, 20), "uint16")
    group = zarr.create_group(tmp_path / "a.zarr", zarr_format=2)
    key = {"name": "v2", "separator": separator}
    for name, level in (("0", data), ("1", data[..., ::2, ::2])):
        group.create_array(name, data=level, chunk_key_encoding=key)
    multiscale = {"version": version, "axes": axes, "datasets": [{"path": "0"}, {"path": "1"}]}
    known = {name: value for name, value in multiscale.items() if value is not None}
    channels = [{"label": name, "color": "FF0000"} for name in "abc"]
    group.attrs.update({"multiscales": [known], "omero": {"channels": channels}})
    found = read_image(tmp_path / "a.zarr")
    assert found.axes == ("TCZYX" if axes is None else "TCYX") and found.remarks == ()
    assert [each.name for each in found.channels] == ["a", "b", "c"]
    np.testing.assert_array_equal(found.data, data)
    finish(upscale_file_steps(tmp_path / "a.zarr", tmp_path / "b.zarr", small_model("s", 1, 2)))
    assert read_image(tmp_path / "b.zarr").lengths["X"] == 40


@pytest.mark.parametrize("axes", [["t", [], "y", "x"], [None, "c", "y", "x"], [1], 7, [{}]])
def test_axes_that_are_none(tmp_path: Path, axes: Any) -> None:
    group = zarr.create_group(tmp_path / "a.zarr", zarr_format=2)
    group.create_array("0", data=picture((1, 2, 4, 5)))
    said = {"version": "0.3", "axes": axes, "datasets": [{"path": "0"}]}
    group.attrs["multiscales"] = [said]
    with pytest.raises(ImageFileError, match=r"a\.zarr: found"):
        read_image(tmp_path / "a.zarr")
