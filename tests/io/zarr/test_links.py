"""Links and names in a Zarr: nothing outside its folder is read."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
import zarr

from napari_autolut.io import ImageFileError, list_series, read_image
from tests.io.zarr.described import changed, said


@pytest.mark.skipif(os.name == "nt", reason="links and named pipes ask for rights there")
@pytest.mark.parametrize("place", ["0/c/1/1", "0/c/1", "0/zarr.json"])
@pytest.mark.parametrize("kind", ["link", "pipe", "device"])
def test_nothing_but_files_of_the_folder_is_read(path: Path, place: str, kind: str) -> None:
    shutil.move(path / place, path.parent / "outside")
    if kind == "pipe":
        os.mkfifo(path / place)
    else:
        outside = path.parent / "outside" if kind == "link" else Path("/dev/zero")
        (path / place).symlink_to(outside)
    with pytest.raises(ImageFileError, match=r"leads out|pipe or device|missing"):
        read_image(path)


@pytest.mark.skipif(os.name == "nt", reason="links ask for rights there")
def test_many_links_to_one_image_are_one_image(path: Path) -> None:
    """Three groups of a thousand links each would be a thousand million images."""
    outer = path.parent / "outer.zarr"
    for group in (outer, outer / "in", outer / "in" / "in"):
        zarr.create_group(group)
        for number in range(40):
            (group / str(number)).symlink_to("in")
    shutil.copytree(path, outer / "in" / "in" / "in")
    names = [each.name for each in list_series(outer)]
    assert names == ["0/0/0"]


@pytest.mark.skipif(os.name == "nt", reason="links ask for rights there")
def test_a_link_within_the_folder_is_followed(path: Path) -> None:
    expected = read_image(path).data
    (path / "0" / "c" / "1" / "1").rename(path / "0" / "here")
    (path / "0" / "c" / "1" / "1").symlink_to(Path("..", "..", "here"))
    assert (read_image(path).data == expected).all()
    (path.parent / "other.zarr").symlink_to(path)
    assert (read_image(path.parent / "other.zarr").data == expected).all()


@pytest.mark.skipif(os.name == "nt", reason="links ask for rights there")
def test_names_that_no_disk_takes(path: Path) -> None:
    shutil.rmtree(path / "0")
    (path / "0").symlink_to("0")
    with pytest.raises(ImageFileError, match="not there"):
        read_image(path)
    changed(path / "zarr.json", lambda c: said(c)["datasets"][0].update(path="a" * 5000))
    with pytest.raises(ImageFileError, match="not there") as error:
        read_image(path)
    assert len(str(error.value)) < 1000


def test_an_image_that_is_named_twice_counts_once(path: Path) -> None:
    plate = path.parent / "plate.zarr"
    wells, images = [{"path": "A/1"}] * 3, [{"path": "0"}, {"path": "0/"}] * 3
    holders = {plate: {"plate": {"wells": wells}}, plate / "A" / "1": {"well": {"images": images}}}
    for folder, holder in holders.items():
        folder.mkdir(parents=True)
        group = {"zarr_format": 3, "node_type": "group", "attributes": {"ome": holder}}
        (folder / "zarr.json").write_text(json.dumps(group))
    shutil.copytree(path, plate / "A" / "1" / "0")
    assert [each.name for each in list_series(plate)] == ["A/1/0"]
