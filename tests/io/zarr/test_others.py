"""OME-Zarr as other programs write it: units, transformations, layouts around the image."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import zarr

from napari_autolut.arrays import finish
from napari_autolut.batch import upscale_file_steps
from napari_autolut.io import ImageFileError, read_image
from napari_autolut.layers.reader import file_layers
from tests.conftest import small_model
from tests.io.zarr.described import TIME, scale, space, translation, written
from tests.pictures import picture


def test_units_are_made_one(tmp_path: Path) -> None:
    axes = [space("z", "angstrom"), space("y", "nanometer"), space("x", "micrometer")]
    found = read_image(written(tmp_path / "a.zarr", axes, scale(20000, 500, 0.25)))
    assert found.unit == "µm"
    assert found.pixel_size == pytest.approx({"Z": 2.0, "Y": 0.5, "X": 0.25})


def test_time_is_in_seconds(tmp_path: Path) -> None:
    axes = [TIME, space("y"), space("x")]
    found = read_image(written(tmp_path / "a.zarr", axes, scale(40, 1, 1), translation(500, 0, 0)))
    assert (found.axes, found.unit, found.pixel_size["T"]) == ("TYX", None, 0.04)
    assert found.origin == {"T": 0.5}


def test_units_of_other_spellings(tmp_path: Path) -> None:
    """Not as the specification writes them, but as programs do; one of them is no unit."""
    axes = [{"name": "t", "type": "time", "unit": "ms"}, space("y", "nm"), space("x")]
    found = read_image(written(tmp_path / "a.zarr", axes, scale(40, 250, 3)))
    assert found.pixel_size == pytest.approx({"T": 0.04, "Y": 250}) and found.unit == "nm"
    assert found.not_kept == ("the size along x, in no unit",)
    axes = [
        {**TIME, "unit": "frame"},
        space("y", "\N{GREEK SMALL LETTER MU}m"),
        space("x", "microns"),
    ]
    found = read_image(written(tmp_path / "b.zarr", axes, scale(40, 0.5, 0.25)))
    assert found.pixel_size == {"Y": 0.5, "X": 0.25} and found.unit == "µm"
    assert found.not_kept == ("the size along t, in frame",)


def test_transformations_of_all_levels_come_after_those_of_one(tmp_path: Path) -> None:
    shared = {"coordinateTransformations": [scale(10, 10), translation(1, 2)]}
    axes = [space("y", "micrometer"), space("x", "micrometer")]
    found = read_image(
        written(tmp_path / "a.zarr", axes, scale(2, 3), translation(4, 5), multiscale=shared)
    )
    assert found.pixel_size == {"Y": 20, "X": 30} and found.origin == {"Y": 41, "X": 52}


def test_space_of_other_names(tmp_path: Path) -> None:
    axes = [space("depth"), space("row"), space("column")]
    assert read_image(written(tmp_path / "a.zarr", axes, scale(1, 1, 1))).axes == "ZYX"


def test_axes_without_a_type(tmp_path: Path) -> None:
    """The specification advises one, and some programs write none."""
    axes = [{"name": "c"}, {"name": "y"}, {"name": "x"}]
    assert read_image(written(tmp_path / "a.zarr", axes, scale(1, 1, 1))).axes == "CYX"
    axes = [{"name": 7}, {"name": "y"}, {"name": "x"}]
    with pytest.raises(ImageFileError, match="no valid OME-Zarr"):
        read_image(written(tmp_path / "b.zarr", axes, scale(1, 1, 1)))


def test_an_axis_of_another_kind(tmp_path: Path) -> None:
    axes = [{"name": "angle"}, space("y"), space("x")]
    assert read_image(written(tmp_path / "a.zarr", axes, scale(1, 1, 1))).axes == "QYX"


def test_other_images_of_a_description_are_said(tmp_path: Path) -> None:
    """They are not left out in silence."""
    path = written(tmp_path / "a.zarr", [space("y"), space("x")], scale(1, 1))
    group = zarr.open_group(path)
    ome = dict(group.attrs["ome"])
    group.attrs["ome"] = {**ome, "multiscales": ome["multiscales"] * 2}
    said = ("1 of its 2 multiscales, which are other images",)
    assert read_image(path).not_kept == said


def test_channels_that_make_no_sense_are_left_out(tmp_path: Path) -> None:
    axes = [{"name": "c", "type": "channel"}, space("y"), space("x")]
    window = {"start": 5, "end": 1, "min": 0, "max": 1}
    omero = {
        "channels": [
            {"label": 3, "color": "red", "window": window},
            None,
            {"color": "#0f0f0f"},
            {"color": "0f0f10ff"},
        ]
    }
    found = read_image(written(tmp_path / "a.zarr", axes, scale(1, 1, 1), omero=omero))
    assert [each.colour for each in found.channels] == [None, None, "0F0F0F", "0F0F10"]
    assert read_image(written(tmp_path / "b.zarr", axes, scale(1, 1, 1), omero=7)).channels == ()


def test_rows_and_columns_first(tmp_path: Path) -> None:
    """The result's line says what is kept of it, whatever the order of the axes."""
    axes = [space(name, "micrometer") for name in "xyz"]
    source = written(tmp_path / "a.zarr", axes, scale(0.1, 0.2, 0.5))
    done = finish(upscale_file_steps(source, tmp_path / "b.ome.tif", small_model("s", 1, 2)))
    result = read_image(tmp_path / "b.ome.tif")
    assert result.axes == "ZYX" and done.note == ""
    assert result.pixel_size == pytest.approx({"X": 0.05, "Y": 0.1, "Z": 0.5})


@pytest.mark.parametrize("version", ["0.4", "0.5"])
@pytest.mark.parametrize(
    ("scales", "size", "is_said"),
    [((1.0, 0.5), 0.5, False), ((1.0, 1.0), 1.0, True), ((0.5, 1.0), 1.0, True)],
    ids=["theirs", "all the same", "the other way round"],
)
def test_the_smallest_level_is_listed_first(
    tmp_path: Path, version: str, scales: tuple[float, float], size: float, is_said: bool
) -> None:
    """Not the smallest, with its pixel size."""
    new = version == "0.5"
    group = zarr.create_group(tmp_path / "a.zarr", zarr_format=3 if new else 2)
    large = picture((20, 24), "uint16", top=4000)
    for name, data in (("small", large[::2, ::2]), ("large", large)):
        group.create_array(name, data=data)
    datasets = [
        {"path": name, "coordinateTransformations": [scale(each, each)]}
        for name, each in zip(("small", "large"), scales, strict=True)
    ]
    multiscale = {
        "axes": [space("y", "micrometer"), space("x", "micrometer")],
        "datasets": datasets,
    }
    ome = {"multiscales": [multiscale if new else {**multiscale, "version": "0.4"}]}
    group.attrs.update({"ome": {"version": "0.5", **ome}} if new else ome)
    if new and scales[0] < scales[1]:  # yaozarrs checks the order of scales there
        with pytest.raises(ImageFileError, match="not ordered from highest to lowest resolution"):
            read_image(tmp_path / "a.zarr")
        return
    found = read_image(tmp_path / "a.zarr")
    np.testing.assert_array_equal(found.data, large)
    assert found.pixel_size == {"Y": size, "X": size}
    assert any("the pixel size may be wrong" in each for each in found.remarks) == is_said
    levels, _, _ = file_layers(tmp_path / "a.zarr")[0]
    assert [level.shape for level in levels] == [(20, 24), (10, 12)]


CHANNELS, SLICES, ROWS, COLUMNS = {"name": "c", "type": "channel"}, *map(space, "zyx")


@pytest.mark.parametrize(
    ("axes", "letters"),
    [([ROWS, COLUMNS, CHANNELS], "YXC"), ([COLUMNS, ROWS, TIME], "XYT"),
     ([SLICES, CHANNELS, ROWS, COLUMNS], "ZCYX"), ([CHANNELS, TIME, ROWS, COLUMNS], "CTYX")],
)  # fmt: skip
def test_axes_in_an_order_that_the_specification_forbids(
    tmp_path: Path, axes: list[dict[str, str]], letters: str
) -> None:
    """Pixels, scales and translations go by the axes as they are listed."""
    sizes, shape = {"T": 30.0, "Z": 4.0, "Y": 0.25, "X": 0.5, "C": 1.0}, range(3, 3 + len(letters))
    steps = [1000 * sizes[axis] if axis == "T" else sizes[axis] for axis in letters]
    group = zarr.create_group(tmp_path / "a.zarr")
    data = picture(tuple(shape), "uint16")
    group.create_array("0", data=data)
    moved = [10.0 * number for number in range(len(letters))]
    dataset = {"path": "0", "coordinateTransformations": [scale(*steps), translation(*moved)]}
    group.attrs["ome"] = {"version": "0.5", "multiscales": [{"axes": axes, "datasets": [dataset]}]}
    found = read_image(tmp_path / "a.zarr")
    assert found.axes == letters
    assert found.pixel_size == {axis: sizes[axis] for axis in letters if axis != "C"}
    seconds = {axis: 1000 if axis == "T" else 1 for axis in letters}
    places = {axis: 10 * n / seconds[axis] for n, axis in enumerate(letters) if n}
    assert found.origin == pytest.approx(places)
    np.testing.assert_array_equal(found.data, data)
    layer, meta, _ = file_layers(tmp_path / "a.zarr")[0]
    order = [meta["axis_labels"].index(each.lower()) for each in letters]
    back = np.asarray(layer).transpose(order)
    np.testing.assert_array_equal(back, data)
    finish(upscale_file_steps(tmp_path / "a.zarr", tmp_path / "b.zarr", small_model("s", 1, 2)))
    result = read_image(tmp_path / "b.zarr")
    assert result.axes == "".join(sorted(letters, key="TCZYX".index))
    assert result.pixel_size["X"] == 0.25 and result.lengths["X"] == 2 * found.lengths["X"]
