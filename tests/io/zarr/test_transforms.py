"""Transformations that writers leave out, put elsewhere, or list in another order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr

from napari_autolut.arrays import finish
from napari_autolut.batch import upscale_file_steps
from napari_autolut.io import ImageFileError, read_image
from napari_autolut.layers.reader import file_layers
from tests.conftest import small_model
from tests.io.zarr.described import scale, space, translation, written
from tests.pictures import picture

DATA = picture((4, 12, 20), "uint16")
MICRONS = [space(name, "micrometer") for name in "zyx"]
SIZES = {"Z": 2.0, "Y": 0.5, "X": 0.25}


def pyramid(path: Path, of_levels: list[Any], version: str = "0.4", **more: Any) -> Path:
    """Two levels, half as large in plane; None for a level without any transformations."""
    zarr_format = 2 if version == "0.4" else 3
    group = zarr.create_group(path, zarr_format=zarr_format)
    for name, level in (("0", DATA), ("1", DATA[:, ::2, ::2])):
        group.create_array(name, data=level)
    key = "coordinateTransformations"
    levels = [
        {"path": str(number)} | ({} if each is None else {key: each})
        for number, each in enumerate(of_levels)
    ]
    image = {"version": version, "axes": MICRONS, "datasets": levels} | more
    said = {"multiscales": [image]}
    group.attrs.update(said if zarr_format == 2 else {"ome": {"version": version, **said}})
    return path


OF_IMAGE = {"coordinateTransformations": [scale(2, 0.5, 0.25)]}


@pytest.mark.parametrize("version", ["0.4", "0.5"])
@pytest.mark.parametrize(
    ("levels", "more", "sizes", "origin"),
    [
        ([None, None], OF_IMAGE, SIZES, {}),
        ([[], []], OF_IMAGE, SIZES, {}),
        ([[scale(1, 1, 1)], [scale(1, 2, 2)]], OF_IMAGE, SIZES, {}),
        ([[translation(1, 2, 4), scale(2, 0.5, 0.25)], [scale(2, 1, 0.5)]], {}, SIZES,
         {"Z": 2.0, "Y": 1.0, "X": 1.0}),
        ([[scale(None, 0.5, 0.25)], [scale(None, 1, 0.5)]], {}, {"Y": 0.5, "X": 0.25}, {}),
        ([[scale(2, 0.5, 0.25), translation(1, 2, 4)], [scale(2, 1, 0.5)]],
         {"coordinateTransformations": [translation(10, 0, 0)]}, SIZES,
         {"Z": 11.0, "Y": 2.0, "X": 4.0}),
    ],
)  # fmt: skip
def test_sizes_are_found_wherever_they_stand(
    tmp_path: Path, version: str, levels: Any, more: Any, sizes: Any, origin: Any
) -> None:
    path = pyramid(tmp_path / "a.zarr", levels, version, **more)
    found = read_image(path)
    assert (found.pixel_size, found.unit, found.origin) == (sizes, "µm", origin)
    assert (found.remarks, found.not_kept) == ((), ())
    np.testing.assert_array_equal(found.data, DATA)
    ((layers, meta, _),) = file_layers(path)
    assert [each.shape for each in layers] == [(4, 12, 20), (4, 6, 10)]
    assert meta["scale"] == [sizes.get("Z", 1.0), 0.5, 0.25]


@pytest.mark.parametrize("nothing", [None, [], [{"type": "identity"}]])
def test_without_any_nothing_is_known(tmp_path: Path, nothing: Any) -> None:
    """One micrometre would be invented."""
    path = pyramid(tmp_path / "a.zarr", [nothing, nothing])
    found = read_image(path)
    assert (found.pixel_size, found.unit, found.remarks) == ({}, None, ())
    finish(upscale_file_steps(path, tmp_path / "b.zarr", small_model("s", 1, 2)))
    places = []
    for each in (path, tmp_path / "b.zarr"):
        data, meta, _ = file_layers(each)[0]
        shape = (data[0] if isinstance(data, list) else data).shape
        sizes = np.array(meta["scale"])
        first = np.array(meta["translate"]) - sizes / 2
        places.append((first, first + sizes * shape))
    np.testing.assert_allclose(*places)


def test_sizes_below_0_are_taken_by_their_amount(tmp_path: Path) -> None:
    path = written(tmp_path / "a.zarr", MICRONS, scale(2, -0.5, 0.25), translation(1, 9, 3))
    found = read_image(path)
    assert (found.pixel_size, found.origin) == (SIZES, {"Z": 1.0, "X": 3.0})
    assert found.remarks == ("its pixel size along y is below 0; its amount was taken",)


def test_a_size_of_0_is_none(tmp_path: Path) -> None:
    axes = [{"name": "c", "type": "channel"}, *MICRONS[1:]]
    found = read_image(written(tmp_path / "a.zarr", axes, scale(0, 0, 0.25)))
    assert found.pixel_size == {"X": 0.25}
    assert found.not_kept == ("the size along y, which is 0",)


def test_axes_that_are_names_alone(tmp_path: Path) -> None:
    found = read_image(pyramid(tmp_path / "a.zarr", [None, None], axes=["z", "y", "x"], **OF_IMAGE))
    assert (found.axes, found.pixel_size, found.unit) == ("ZYX", SIZES, None)


@pytest.mark.parametrize(
    "wrong", [[scale(1, 1)], [scale(1, "a", 1)], [{"type": "affine"}], [7], [{"type": "scale"}]]
)
def test_what_is_not_understood_is_a_sentence(tmp_path: Path, wrong: Any) -> None:
    with pytest.raises(ImageFileError, match="found no valid OME-Zarr"):
        read_image(pyramid(tmp_path / "a.zarr", [wrong, wrong]))


def test_attributes_where_another_version_has_them(tmp_path: Path) -> None:
    """Else sizes are lost without a word, as of a group that is no image."""
    new = pyramid(tmp_path / "new.zarr", [None, None], "0.5", **OF_IMAGE)
    group = zarr.open_group(new, mode="r+")
    group.attrs.put(dict(group.attrs["ome"]))
    old = pyramid(tmp_path / "old.zarr", [None, None], **OF_IMAGE)
    group = zarr.open_group(old, mode="r+")
    group.attrs.put({"ome": dict(group.attrs)})
    for path in (new, old):
        found = read_image(path)
        assert (found.axes, found.pixel_size, found.unit) == ("ZYX", SIZES, "µm")
