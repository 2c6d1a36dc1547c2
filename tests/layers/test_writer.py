"""What napari's own Save writes: sizes, names and colours are kept, and nothing is taken over.

Files are read back by tifffile and ome-types, OME-Zarr by zarr alone.
"""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import dask.array as da
import numpy as np
import pytest
import tifffile
import zarr
from napari.components import ViewerModel
from napari.layers import Image
from napari.plugins import _npe2
from npe2 import PluginManager
from ome_types import from_tiff
from packaging.version import Version

from napari_autolut.io import read_history
from napari_autolut.layers.provenance import METADATA_KEY
from napari_autolut.layers.reader import file_layers
from tests.pictures import picture

PLUGIN = "napari-autolut"
PLACE = {
    "scale": (2.0, 0.5, 0.25),
    "translate": (10.0, 3.0, 4.0),
    "units": ("micrometer",) * 3,
    "axis_labels": ("z", "y", "x"),
}
STACK = picture((3, 20, 30), "uint16", top=4000)

by_whole_ending = pytest.mark.skipif(
    Version(version("npe2")) < Version("0.10"), reason="npe2 looks at the last part of the ending"
)


@pytest.fixture
def viewer() -> ViewerModel:
    PluginManager.instance().discover()
    return ViewerModel()


def saved(viewer: ViewerModel, path: Path, kind: str = "OME-TIFF") -> Path:
    """Save all layers as the dialog does, where that kind is chosen."""
    _, writers = _npe2.file_extensions_string_for_layers(viewer.layers)
    ours = (each for each in writers if each.plugin_name == PLUGIN)
    writer = next(each for each in ours if each.display_name == kind)
    (written,) = viewer.layers.save(str(path), _writer=writer)
    return Path(written)


def ome_of(path: Path) -> dict[str, Any]:
    """The only image of a Zarr, as its JSON has it."""
    said: dict[str, Any] = dict(zarr.open_group(path, mode="r").attrs)["ome"]
    return said


@by_whole_ending
@pytest.mark.parametrize("name", ["a.ome.tif", "a.OME.TIFF", "a.ome.zarr", "a.zarr"])
def test_names_that_are_ours(viewer: ViewerModel, tmp_path: Path, name: str) -> None:
    viewer.add_image(STACK, **PLACE)
    assert viewer.layers.save(str(tmp_path / name)) == [str(tmp_path / name)]
    if name.endswith("zarr"):
        assert ome_of(tmp_path / name)["multiscales"][0]["axes"][0]["unit"] == "micrometer"
    else:
        assert from_tiff(tmp_path / name).images[0].pixels.physical_size_z == 2.0


@pytest.mark.parametrize("name", ["a.tif", "a.png", "a", "a.jpg"])
def test_names_that_are_not(viewer: ViewerModel, tmp_path: Path, name: str) -> None:
    viewer.add_image(picture((20, 30)))
    writer, _ = PluginManager.instance().get_writer(str(tmp_path / name), ["image"])
    assert writer.plugin_name == "napari"
    listed, _ = _npe2.file_extensions_string_for_layers(viewer.layers)
    assert not listed.startswith("AutoLUT")


def test_an_ome_tiff_holds_place_name_and_colour(viewer: ViewerModel, tmp_path: Path) -> None:
    """napari's own file holds pixels alone."""
    viewer.add_image(STACK, name="DAPI", colormap="blue", **PLACE)
    path = saved(viewer, tmp_path / "a.ome.tif")
    (image,) = from_tiff(path).images
    pixels = image.pixels
    found = [getattr(pixels, f"physical_size_{axis}") for axis in "zyx"]
    assert (image.name, found) == ("DAPI", [2.0, 0.5, 0.25])
    assert {getattr(pixels, f"physical_size_{axis}_unit").value for axis in "zyx"} == {"µm"}
    plane = pixels.planes[0]
    assert (plane.position_z, plane.position_y, plane.position_x) == (10.0, 3.0, 4.0)
    assert pixels.channels[0].name == "DAPI"
    assert pixels.channels[0].color.as_rgb_tuple()[:3] == (0, 0, 255)
    data = tifffile.imread(path)
    assert data.dtype == np.uint16
    np.testing.assert_array_equal(data, STACK)


def test_layers_of_one_place_are_channels(viewer: ViewerModel, tmp_path: Path) -> None:
    viewer.add_image(STACK, name="DAPI", colormap="blue", **PLACE)
    viewer.add_image(da.from_array(STACK + 1), name="FITC", colormap="green", **PLACE)
    viewer.add_labels(STACK // 1000, name="cells", **PLACE)
    path = saved(viewer, tmp_path / "a.ome.tif")
    image, labels = from_tiff(path).images
    assert [each.name for each in image.pixels.channels] == ["DAPI", "FITC"]
    colours = [each.color.as_rgb_tuple()[:3] for each in image.pixels.channels]
    assert (colours, labels.name) == ([(0, 0, 255), (0, 255, 0)], "cells")
    with tifffile.TiffFile(path) as file:
        first, second = file.series
        assert (first.axes, second.axes) == ("CZYX", "ZYX")
        np.testing.assert_array_equal(first.asarray(), [STACK, STACK + 1])
        np.testing.assert_array_equal(second.asarray(), STACK // 1000)


def test_layers_of_other_places_are_images_of_their_own(
    viewer: ViewerModel, tmp_path: Path
) -> None:
    viewer.add_image(STACK, name="one", **PLACE)
    viewer.add_image(STACK, name="other", **{**PLACE, "scale": (2.0, 0.5, 0.5)})
    images = from_tiff(saved(viewer, tmp_path / "a.ome.tif")).images
    assert [each.name for each in images] == ["one", "other"]
    assert [each.pixels.physical_size_x for each in images] == [0.25, 0.5]


def test_an_ome_zarr_holds_place_name_and_colour(viewer: ViewerModel, tmp_path: Path) -> None:
    """The first level of a pyramid; units of an axis each are made one."""
    place = {**PLACE, "units": ("micrometer", "nanometer", "nanometer")}
    levels = [da.from_array(STACK), da.from_array(STACK[:, ::2, ::2])]
    viewer.add_image(levels, name="DAPI", colormap="blue", contrast_limits=(5, 900), **place)
    path = saved(viewer, tmp_path / "a", "OME-Zarr")
    assert path.name == "a.ome.zarr"
    ome = ome_of(path)
    (scale,) = ome["multiscales"]
    assert [(each["name"], each["unit"]) for each in scale["axes"]] == [
        ("z", "micrometer"), ("y", "micrometer"), ("x", "micrometer")]  # fmt: skip
    sizes, places = scale["datasets"][0]["coordinateTransformations"]
    assert sizes["scale"] == pytest.approx([2.0, 0.0005, 0.00025])
    assert places["translation"] == pytest.approx([10.0, 0.003, 0.004])
    (channel,) = ome["omero"]["channels"]
    assert (channel["label"], channel["color"]) == ("DAPI", "0000FF")
    assert (channel["window"]["start"], channel["window"]["end"]) == (5, 900)
    np.testing.assert_array_equal(zarr.open_array(path / "0", mode="r")[...], STACK)
    with pytest.raises(OSError, match=r"a\.ome\.zarr: exists already"):
        saved(viewer, tmp_path / "a.ome.zarr", "OME-Zarr")


def test_colours_and_a_layer_without_a_place(viewer: ViewerModel, tmp_path: Path) -> None:
    data = picture((40, 50, 3))
    viewer.add_image(data, rgb=True)
    path = saved(viewer, tmp_path / "a.ome.tif")
    pixels = from_tiff(path).images[0].pixels
    assert (pixels.physical_size_x, pixels.channels[0].samples_per_pixel) == (None, 3)
    np.testing.assert_array_equal(tifffile.imread(path), data)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (STACK[0].astype("int64"), "an OME-TIFF holds no int64 with axes YX"),
        (np.zeros((1, 2, 1, 2, 4, 5)), "found 6 axes, and a file holds up to 5"),
    ],
    ids=["type", "axes"],
)
def test_what_no_file_holds(viewer: ViewerModel, tmp_path: Path, data: Any, problem: str) -> None:
    """Of a ValueError napari says only that it found no plugin."""
    viewer.add_image(data)
    with pytest.raises(OSError, match=problem):
        saved(viewer, tmp_path / "a.ome.tif")
    assert not list(tmp_path.iterdir())


def test_axes_that_run_backwards_are_mirrored(viewer: ViewerModel, tmp_path: Path) -> None:
    """No file holds pixel sizes below 0; the picture is the same in the world."""
    source = viewer.add_image(STACK, **{**PLACE, "scale": (2.0, -0.5, 0.25)})
    (data, meta, _), *_ = file_layers(saved(viewer, tmp_path / "a.ome.tif"))
    np.testing.assert_array_equal(data, STACK[:, ::-1])
    found = Image(data, **meta)
    np.testing.assert_allclose(found.scale, np.abs(source.scale))
    np.testing.assert_allclose(found.extent.world, source.extent.world)


@pytest.mark.parametrize("kind", ["OME-TIFF", "OME-Zarr"])
def test_a_place_without_a_unit_is_kept(viewer: ViewerModel, tmp_path: Path, kind: str) -> None:
    viewer.add_image(STACK[0], translate=(7, -3))
    (_, meta, _), *_ = file_layers(saved(viewer, tmp_path / "a", kind))
    assert [*meta["translate"]] == [7, -3]


@pytest.mark.parametrize("kind", ["OME-TIFF", "OME-Zarr"])
@pytest.mark.parametrize("rotate", [None, np.diag([1.0, -1.0, -1.0])], ids=["plain", "half turn"])
def test_sizes_that_the_affine_alone_has(
    viewer: ViewerModel, tmp_path: Path, kind: str, rotate: Any
) -> None:
    """Plugins give whole transforms; files held pixels of size 1 at 0."""
    affine = np.diag([3.0, -2.0, 10.0, 1.0])
    affine[:3, 3] = (100.0, 200.0, -7.0)
    source = viewer.add_image(STACK, affine=affine, rotate=rotate, **PLACE)
    (data, meta, _), *_ = file_layers(saved(viewer, tmp_path / "a", kind))
    found = Image(data, **meta)
    np.testing.assert_allclose(found.scale, np.multiply(PLACE["scale"], (3, 2, 10)))
    np.testing.assert_allclose(found.extent.world, source.extent.world)
    there = np.rint(found.world_to_data(source.data_to_world((1, 2, 3)))).astype(int)
    assert np.asarray(found.data[tuple(there)]) == STACK[1, 2, 3]


def test_a_layer_that_is_turned_keeps_its_pixel_sizes(viewer: ViewerModel, tmp_path: Path) -> None:
    affine = np.eye(4)
    affine[1:3, 1:3] = 4 * np.array([[0.8, -0.6], [0.6, 0.8]])
    viewer.add_image(STACK, affine=affine, **PLACE)
    with pytest.warns(UserWarning, match="rotation and shear stay"):
        path = saved(viewer, tmp_path / "a.ome.tif")
    pixels = from_tiff(path).images[0].pixels
    sizes = [getattr(pixels, f"physical_size_{axis}") for axis in "zyx"]
    assert sizes == pytest.approx([2.0, 2.0, 1.0])


@pytest.mark.parametrize(
    ("labels", "axes"),
    [
        (("y", "x", "z"), "YXZ"),
        (("Time", "Column", "Row"), "TXY"),
        (("trial", "y", "x"), "ZYX"),
        (("axis -3", "channel", "x"), "ZYX"),
        (("channel", "axis -2", "axis -1"), "CYX"),
    ],
)
def test_axes_go_by_their_labels(
    viewer: ViewerModel, tmp_path: Path, labels: tuple[str, ...], axes: str
) -> None:
    """Rows that are not last are no slices."""
    sizes = dict(zip(axes, (2.0, 0.5, 0.25), strict=True))
    place = {**PLACE, "axis_labels": labels}
    if "T" in axes:
        place["units"] = ("second", "micrometer", "micrometer")
    viewer.add_image(STACK, **place)
    path = saved(viewer, tmp_path / "a.ome.tif")
    written = [axis for axis in "TCZYX" if axis in axes]
    with tifffile.TiffFile(path) as file:
        assert file.series[0].axes == "".join(written)
        expected = STACK.transpose([axes.index(axis) for axis in written])
        np.testing.assert_array_equal(file.series[0].asarray(), expected)
    pixels = from_tiff(path).images[0].pixels
    for axis in {*axes} & {*"ZYX"}:
        assert getattr(pixels, f"physical_size_{axis.lower()}") == sizes[axis]


@pytest.mark.parametrize("kind", ["OME-TIFF", "OME-Zarr"])
def test_an_axis_without_a_label_is_what_its_unit_measures(
    viewer: ViewerModel, tmp_path: Path, kind: str
) -> None:
    """Frames must not become slices, nor lose the time between them."""
    units = ("minute", "micrometer", "micrometer")
    viewer.add_image(STACK, scale=(2, 0.5, 0.25), units=units)
    (_, meta, _), *_ = file_layers(saved(viewer, tmp_path / "a", kind))
    assert meta["axis_labels"] == ["t", "y", "x"] and [*meta["scale"]] == [120, 0.5, 0.25]


def test_times_in_a_unit_of_length_are_no_seconds(viewer: ViewerModel, tmp_path: Path) -> None:
    viewer.add_image(STACK, **{**PLACE, "axis_labels": ("t", "y", "x")})
    pixels = from_tiff(saved(viewer, tmp_path / "a.ome.tif")).images[0].pixels
    assert (pixels.size_t, pixels.time_increment, pixels.physical_size_x) == (3, None, 0.25)


def test_a_name_counts_more_than_the_kind_beside_it(viewer: ViewerModel, tmp_path: Path) -> None:
    """In the dialog a kind is always chosen, and users type a name with another ending."""
    viewer.add_image(picture((20, 30)))
    saved(viewer, tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert [each.name for each in tmp_path.iterdir()] == ["a.png"]


def test_how_a_result_was_made_is_kept(viewer: ViewerModel, tmp_path: Path) -> None:
    made = {"source": "a", "model": "micro-x2", "scale": 2, "limits": (0.0, 9.0)}
    for name, limits in (("one", (0.0, 9.0)), ("other", (1.0, 8.0))):
        viewer.add_image(STACK, name=name, metadata={METADATA_KEY: {**made, "limits": limits}})
    (step,) = read_history(saved(viewer, tmp_path / "a.ome.tif"))
    assert (step.model, step.scale) == ("micro-x2", 2)
    assert step.value_range == ((0.0, 9.0), (1.0, 8.0))
    viewer.layers[1].metadata[METADATA_KEY]["model"] = "micro-x4"
    assert not read_history(saved(viewer, tmp_path / "b.ome.tif"))


@pytest.mark.parametrize(
    ("lowest", "highest", "kept"), [(0, 2**32 - 1, np.uint32), (-1, 2**31 - 1, np.int32)]
)
def test_labels_of_64_bits_are_written_as_32(viewer, tmp_path, lowest, highest, kept):
    numbers = np.array([[lowest, highest], [7, 3]])
    viewer.add_labels(numbers)
    written = tifffile.imread(saved(viewer, tmp_path / "cells.ome.tif"))
    assert written.dtype == kept
    assert np.array_equal(written, numbers)


def test_labels_that_32_bits_do_not_hold_are_refused(viewer, tmp_path):
    viewer.add_labels(np.array([[0, 2**32]]))
    with pytest.raises(OSError, match=r"holds no int64 with axes YX; save it as \.ome\.zarr"):
        saved(viewer, tmp_path / "cells.ome.tif")
