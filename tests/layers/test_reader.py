"""Image files as layers: where their pixels lie in the world."""

import numpy as np
import pytest
from napari.layers import Layer

from napari_autolut.arrays.steps import finish
from napari_autolut.io import (
    ImageFile,
    ImageFileError,
    ProcessingStep,
    list_series,
    read_image,
    write_image,
)
from napari_autolut.io.file_pixels import FilePixels
from napari_autolut.io.zarr.result import ZarrResult
from napari_autolut.layers import LayerTask, Region, preview_steps, reader, upscaled_layer_data
from napari_autolut.layers.reader import file_layers, image_layer_data
from tests.conftest import small_model
from tests.damaged import partly_damaged
from tests.pictures import picture


def test_a_stack_keeps_its_pixel_sizes_and_units(tmp_path):
    sizes = {"T": 2.0, "Z": 1.5, "Y": 0.25, "X": 0.5}
    stack = ImageFile(picture((2, 3, 4, 5), "uint16"), "TZYX", sizes, "µm")
    data, meta, kind = file_layers(write_image(tmp_path / "stack.ome.tif", stack))[0]
    np.testing.assert_array_equal(data, stack.data)
    assert meta["scale"] == pytest.approx([2, 1.5, 0.25, 0.5])
    assert meta["units"] == ["s", "µm", "µm", "µm"]
    assert (meta["name"], meta["rgb"], kind) == ("stack", False, "image")
    assert meta["axis_labels"] == ["t", "z", "y", "x"]


def test_colours_stay_last_and_pictures_have_pixels(tmp_path):
    data, meta, _ = image_layer_data(ImageFile(picture((4, 5, 3)), "YXS"), "name")
    assert data.shape == (4, 5, 3)
    assert (meta["rgb"], meta["scale"], "units" in meta) == (True, [1, 1], False)


def test_rows_and_columns_come_last():
    data, meta, _ = image_layer_data(ImageFile(picture((4, 5, 2)), "YXC", {"Y": 3}, "mm"), "name")
    assert data.shape == (2, 4, 5)
    assert meta["scale"] == [1, 3, 1]
    assert meta["units"] == ["pixel", "mm", "pixel"]
    times = ImageFile(picture((2, 4, 5)), "TYX", {"T": 1.0, "X": 2.0})
    assert image_layer_data(times, "name")[1]["units"] == ["s", "pixel", "pixel"]


@pytest.mark.parametrize("name", ["a.tif", "a.png", "a.zarr", "a.ome.zarr"])
@pytest.mark.parametrize(("scale", "factor"), [(2, 2), (2.5, 253 / 101)])
def test_a_result_of_a_file_without_sizes_covers_its_source(tmp_path, name, scale, factor):
    """What is opened without a size has pixels of 1, and so its result's are smaller."""
    history = (ProcessingStep("upscale", scale=scale),)
    side = round(101 * factor)
    result = ImageFile(picture((side, side), "uint16"), "YX", history=history)
    if name.endswith(".zarr"):
        pytest.importorskip("zarr")
        with ZarrResult(tmp_path / name, result, {}) as written:
            whole = slice(0, side)
            written.write(written.region((), whole, whole), result.data)
            list(written.coarser_levels())
    else:
        write_image(tmp_path / name, result)
    _, meta, _ = file_layers(tmp_path / name)[0]
    assert meta["scale"] == pytest.approx([1 / factor] * 2)
    assert meta["translate"] == pytest.approx([(1 / factor - 1) / 2] * 2)


def test_labels_beside_an_image_become_labels_layers(tmp_path):
    zarr = pytest.importorskip("zarr", reason="the extra zarr is not installed")
    pytest.importorskip("yaozarrs", reason="the extra zarr is not installed")
    sizes = {"Y": 0.5, "X": 0.25}
    source = write_image(tmp_path / "a.zarr", ImageFile(picture((8, 9)), "YX", sizes, "µm"))
    around = zarr.create_group(source / "labels")
    around.attrs["ome"] = {"version": "0.5", "labels": ["cells", "gone"]}
    numbers = picture((8, 9)).astype(np.uint32) + 2**31
    cells = ImageFile(numbers, "YX", sizes, "µm", labels=True)
    write_image(tmp_path / "cells.zarr", cells).rename(source / "labels" / "cells")
    image, labels = (Layer.create(*each) for each in file_layers(source))
    assert (type(image).__name__, type(labels).__name__) == ("Image", "Labels")
    np.testing.assert_array_equal(labels.data, numbers)
    assert (labels.name, *labels.scale) == ("cells", *image.scale)


def test_napari_makes_a_layer_of_it():
    stack = ImageFile(picture((2, 4, 5)), "TYX", {"T": 2.0, "Y": 1, "X": 1}, "µm")
    layer = Layer.create(*image_layer_data(stack, "name"))
    assert layer.scale == pytest.approx([2, 1, 1])


def test_all_images_of_a_file_become_layers(tmp_path):
    images = [ImageFile(picture((4, 5)), "YX"), ImageFile(picture((7, 6, 3)), "YXS")]
    layers = file_layers(write_image(tmp_path / "two.tif", images))
    assert [(data.shape, meta["name"]) for data, meta, _ in layers] == [
        ((4, 5), "two 0"),
        ((7, 6, 3), "two 1"),
    ]
    (only,) = file_layers(write_image(tmp_path / "one.tif", images[0]))
    assert only[1]["name"] == "one"


@pytest.mark.parametrize(("shape", "axes"), [((4, 40, 50), "ZYX"), ((40, 50, 3), "YXS")])
def test_a_layer_on_disk_gives_what_one_in_memory_gives(tmp_path, monkeypatch, shape, axes):
    path = write_image(tmp_path / "a.tif", ImageFile(picture(shape, "uint16", top=4000), axes))
    in_memory = Layer.create(*file_layers(path)[0])
    monkeypatch.setattr(reader, "MEMMAP_BYTES", 0)
    on_disk = Layer.create(*file_layers(path)[0])
    assert isinstance(on_disk.data, FilePixels)
    np.testing.assert_array_equal(on_disk._slice.image.raw, in_memory._slice.image.raw)
    model, region = small_model("m-x2", 2), Region(((0, 1), (3, 20), (9, 41))[3 - on_disk.ndim :])
    for result in (
        lambda layer: upscaled_layer_data(layer, model)[0],
        lambda layer: finish(preview_steps(LayerTask.of(layer, model), region)).pixels,
    ):
        np.testing.assert_array_equal(result(on_disk), result(in_memory))


def test_images_with_endless_names_are_called_in_few_words(tmp_path):
    """A list of layers with megabytes in a line stands still, and a sentence with them is none."""
    image = ImageFile(picture((8, 8)), "YX", name="x" * 10**6)
    path = write_image(tmp_path / "a.ome.tif", [image, image])
    names = [meta["name"] for _, meta, _ in file_layers(path)]
    assert len(names) == 2
    said = [str(each) for each in list_series(path)]
    assert max(map(len, (*names, *said))) < 200


def test_a_damaged_image_of_a_file_does_not_hide_the_others(tmp_path):
    path = partly_damaged(tmp_path / "damaged.ome.tif")
    with pytest.warns(UserWarning, match=r"damaged.ome.tif: left out, damaged: P1 \("):
        layers = file_layers(path)
    assert [meta["name"] for _, meta, _ in layers] == ["damaged P0", "damaged P2"]
    for (data, *_), number in zip(layers, (0, 2), strict=True):
        np.testing.assert_array_equal(data, read_image(path, series=number).data)
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(ImageFileError):
        file_layers(path)
