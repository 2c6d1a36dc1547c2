"""Results of layers that go to disk, and lie where they would in memory."""

from __future__ import annotations

from pathlib import Path

import dask.array as da
import numpy as np
import pytest
from napari.layers import Image, Labels, Layer

pytest.importorskip("zarr", reason="the extra zarr is not installed")
pytest.importorskip("yaozarrs", reason="the extra zarr is not installed")

from napari_autolut import load_model
from napari_autolut.arrays import finish
from napari_autolut.io import ImageFileError, read_history, read_image
from napari_autolut.io.zarr import levels
from napari_autolut.layers import LabelsTask, LayerPart, LayerTask
from napari_autolut.layers.plan import RunPlan
from napari_autolut.layers.reader import file_layers
from napari_autolut.layers.saving import saved_file
from napari_autolut.util.grid import NEAREST
from tests.imagelayers import assert_same_extent, picture

pytestmark = pytest.mark.usefixtures("models_folder")


@pytest.fixture
def results(tmp_path: Path) -> Path:
    (tmp_path / "results").mkdir()
    return tmp_path / "results"


def saved(layer: Image, folder: Path, **options):
    task = LayerTask.of(layer, load_model("small-x2"), **options)
    (data,) = finish(RunPlan.of([task], "disk", folder).steps())
    return Layer.create(*data), Layer.create(*finish(task.steps()))


def test_a_saved_stack_is_the_one_in_memory(results: Path) -> None:
    source = Image(picture(3, 20, 30, dtype=np.uint16), name="a/b: c", scale=(2, 0.5, 0.25),
                   translate=(5, -3, 1), units=("µm",) * 3, axis_labels="zyx")  # fmt: skip
    found, expected = saved(source, results)
    assert hasattr(found.data, "dask")
    np.testing.assert_array_equal(found.data.compute(), expected.data)
    np.testing.assert_allclose(found.translate, expected.translate)
    assert_same_extent(found, source)
    (file,) = results.iterdir()
    assert file.name == "a_b_ c x2 (small-x2).ome.zarr"
    image = read_image(file)
    assert (image.axes, image.unit) == ("ZYX", "µm")
    assert [image.pixel_size[axis] for axis in "ZYX"] == pytest.approx(list(found.scale))
    assert [image.origin.get(axis, 0) for axis in "ZYX"] == pytest.approx(list(found.translate))


def test_the_file_alone_opens_where_the_layer_was(results: Path) -> None:
    source = Image(picture(30, 40), scale=(3, 2), translate=(-7, 100), units=("nm", "nm"))
    found, _ = saved(source, results)
    data, meta, _ = file_layers(next(results.iterdir()))[0]
    alone = Image(data, **meta)
    assert_same_extent(alone, source)
    assert alone.units == found.units


@pytest.mark.parametrize(
    ("colormap", "colour"),
    [("green", (0, 1, 0)), ("#ff8800", (1, 0.533, 0)), ("gray", (1, 1, 1)), ("viridis", (1, 1, 1))],
)
def test_the_file_has_the_colour_of_the_layer(results: Path, colormap: str, colour) -> None:
    saved(Image(picture(30, 40), colormap=colormap, name="nuclei"), results)
    data, meta, _ = file_layers(next(results.iterdir()))[0]
    brightest = Image(data, **meta).colormap.map(1.0).ravel()[:3]
    np.testing.assert_allclose(brightest, colour, atol=0.01)


def test_units_that_differ_become_one(results: Path) -> None:
    source = Image(picture(9, 8), scale=(500, 0.25), units=("nm", "µm"))
    saved(source, results)
    image = read_image(next(results.iterdir()))
    assert image.unit == "µm" and image.pixel_size == pytest.approx({"Y": 0.25, "X": 0.125})


@pytest.mark.parametrize("unit", ["pixel", "degree"])
def test_slices_without_a_length_take_no_unit_from_pixels(results: Path, unit: str) -> None:
    source = Image(picture(3, 9, 8), scale=(15, 0.5, 0.5), units=(unit, "um", "um"))
    found, _ = saved(source, results)
    image = read_image(next(results.iterdir()))
    assert image.unit == "µm" and image.pixel_size == pytest.approx({"Y": 0.25, "X": 0.25})
    assert_same_extent(found, source)


@pytest.mark.parametrize(("meta", "interval"), [
    ({}, None), ({"scale": (30, 1, 1)}, 30), ({"units": ("min", "um", "um")}, 60),
])  # fmt: skip
def test_frames_have_no_interval_that_nobody_set(results: Path, meta, interval) -> None:
    saved(Image(picture(3, 9, 8), axis_labels=("t", "y", "x"), **meta), results)
    image = read_image(next(results.iterdir()))
    assert image.axes == "TYX" and image.pixel_size.get("T") == interval


def test_the_file_says_how_it_was_made(results: Path) -> None:
    before = {"operation": "denoise", "source": "raw", "strength": 0.5, "tables": ["denoise-10"],
              "noise": [{"gain": 2.0, "offset_variance": 3.0, "correlation": ()}]}  # fmt: skip
    metadata = {"napari-autolut": before, "other": 1}
    source = Image(picture(9, 8, dtype=np.uint16), name="cells", metadata=metadata)
    found, _ = saved(source, results, value_range=(10.0, 200.0))
    first, second = read_history(next(results.iterdir()))
    assert (first.operation, first.model, first.source) == ("denoise", "denoise-10", "raw")
    assert first.noise[0].gain == 2 and first.settings == {"strength": 0.5}
    assert (second.operation, second.model, second.scale) == ("upscale", "small-x2", 2)
    assert second.source == "cells" and second.value_range == ((10, 200),)
    assert second.model_sha256 == found.metadata["napari-autolut"]["model_sha256"]
    assert second.settings["value_range"] == "10,200"


def test_labels_say_so_too(results: Path) -> None:
    layer = Labels(np.ones((9, 8), int), name="nuclei")
    finish(RunPlan.of([LabelsTask.of(layer, 2)], "disk", results).steps())
    (step,) = read_history(next(results.iterdir()))
    assert (step.operation, step.model, step.source) == ("upscale", NEAREST, "nuclei")


@pytest.mark.parametrize("colours", [3, 4])
def test_colours(results: Path, colours: int) -> None:
    found, expected = saved(Image(picture(12, 13, colours), rgb=True), results)
    assert found.rgb
    np.testing.assert_array_equal(np.asarray(found.data), expected.data)


def test_other_orders_of_axes(results: Path) -> None:
    labels = ("z", "c", "y", "x")
    found, expected = saved(Image(picture(2, 3, 9, 8), axis_labels=labels), results)
    np.testing.assert_array_equal(np.asarray(found.data), expected.data)
    assert read_image(next(results.iterdir())).axes == "CZYX"


def test_a_lazy_layer_and_one_slice_of_it(results: Path) -> None:
    pixels = picture(3, 20, 30, dtype=np.uint16)
    source = Image(da.from_array(pixels, chunks=(1, 8, 9)), contrast_limits=(0, 65535))
    found, expected = saved(source, results, part=LayerPart(index={0: 2}), value_range="dtype")
    assert found.data.shape == (1, 40, 60)
    np.testing.assert_array_equal(np.asarray(found.data), np.asarray(expected.data))


def test_large_results_have_all_levels_of_the_file(results: Path) -> None:
    found, _ = saved(Image(picture(300, 400)), results)
    assert found.multiscale and [level.shape for level in found.data] == [(600, 800), (300, 400)]


@pytest.mark.filterwarnings("ignore:Non-orthogonal slicing:UserWarning")
def test_what_the_format_cannot_hold_stays_in_napari(results: Path) -> None:
    source = Image(picture(9, 8), rotate=30, translate=(4, 5))
    with pytest.warns(UserWarning, match="rotation and shear"):
        found, _ = saved(source, results)
    assert_same_extent(found, source)


def test_a_name_that_is_taken_gets_a_number(results: Path) -> None:
    source = Image(picture(9, 8), name="a")
    saved(source, results)
    saved(source, results)
    assert sorted(each.name for each in results.iterdir()) == [
        "a x2 (small-x2)-2.ome.zarr", "a x2 (small-x2).ome.zarr"]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("aux.v2", "_aux.v2 x2"),
        ("a/b", "a_b x2"),
        ("\N{MICROSCOPE}" * 90, "\N{MICROSCOPE}" * 50 + "."),
    ],
)
def test_names_that_not_every_system_takes_are_changed(
    results: Path, name: str, start: str
) -> None:
    """Windows keeps some for devices, and disks take so many bytes."""
    saved(Image(picture(9, 8), name=name), results)
    (found,) = results.iterdir()
    assert found.name.startswith(start)


@pytest.mark.parametrize("factor", [2, 1.7])
@pytest.mark.parametrize("scale", [(-2, 0.5, 0.25), (2, 0.5, -0.25), (-2, -0.5, 0.25)])
def test_axes_that_run_backwards_are_mirrored_in_the_file(
    results: Path, scale: tuple[float, ...], factor: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(levels, "CHUNK", 16)
    monkeypatch.setattr(levels, "MAX_SIDE", 16)
    source = Image(picture(3, 20, 30), name="a", scale=scale, translate=(5, -3, 1))
    found, expected = saved(source, results, scale=factor)
    assert_same_extent(found, source)
    np.testing.assert_array_equal(found.data.compute(), expected.data)
    data, meta, _ = file_layers(next(results.iterdir()))[0]
    alone = Image(data, **meta)
    assert all(alone.scale > 0)
    np.testing.assert_allclose(alone.extent.world, found.extent.world)
    for place in ((0, 0, 0), (2, 33, 50), (1, 7, 40)):
        there = np.rint(alone.world_to_data(found.data_to_world(place))).astype(int)
        assert alone.data[tuple(there)].compute() == found.data[place].compute()


def test_sizes_that_the_affine_alone_has(results: Path) -> None:
    affine = np.diag([3.0, -0.5, 0.25, 1.0])
    affine[:3, 3] = (100, 200, -7)
    source = Image(picture(3, 20, 30), name="a", affine=affine)
    found, expected = saved(source, results)
    assert_same_extent(found, source)
    np.testing.assert_array_equal(found.data.compute(), expected.data)
    data, meta, _ = file_layers(next(results.iterdir()))[0]
    alone = Image(data, **meta)
    np.testing.assert_allclose(alone.scale, (3, 0.25, 0.125))
    np.testing.assert_allclose(alone.extent.world, found.extent.world)
    np.testing.assert_array_equal(alone.data.compute(), expected.data[:, ::-1])


def test_what_cannot_be_saved(results: Path) -> None:
    stack = Image(picture(3, 9, 8))
    model = load_model("small-x2")
    with pytest.raises(ImageFileError, match="no such folder"):
        saved_file(LayerTask.of(stack, model), results / "no")
    with pytest.raises(ImageFileError, match="last two axes"):
        saved_file(LayerTask.of(stack, model, LayerPart((0, 1))), results)
    sideways = Image(picture(3, 9, 8), axis_labels=("y", "x", "z"))
    with pytest.raises(ImageFileError, match="last two axes, and found YXZ"):
        saved_file(LayerTask.of(sideways, model), results)
    with pytest.raises(ImageFileError, match="up to 5"):
        saved_file(LayerTask.of(Image(picture(1, 1, 1, 1, 9, 8)), model), results)
    assert not list(results.iterdir())
    (results / "zarr.json").touch()
    with pytest.raises(ImageFileError, match="lies in the Zarr"):
        saved_file(LayerTask.of(stack, model), results)


@pytest.mark.parametrize("name", ["a", "renamed meanwhile"])
def test_stopped_work_goes_on(results: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from napari_autolut.io.zarr.result import ZarrResult

    monkeypatch.setattr(levels, "CHUNK", 16)
    monkeypatch.setattr(levels, "MAX_SIDE", 16)
    source = Image(picture(30, 40), name="a")
    task = LayerTask.of(source, load_model("small-x2"))
    written = []
    write = ZarrResult.write
    monkeypatch.setattr(ZarrResult, "write", lambda *a: (write(*a), written.append(1)))
    steps = RunPlan.of([task], "disk", results).steps()
    for _ in range(3):
        next(steps)
    steps.close()
    before = len(written)
    source.name = name
    again = LayerTask.of(source, load_model("small-x2"))
    ((data, meta, _),) = finish(RunPlan.of([again], "disk", results).steps())
    _, expected = saved(source, results)
    finest = data[0] if meta["multiscale"] else data
    np.testing.assert_array_equal(np.asarray(finest), expected.data)
    assert before == 3
    regions = sum(-(-n // 16) * -(-m // 16) for n, m in ((60, 80), (30, 40), (15, 20), (8, 10)))
    assert [each.name for each in results.iterdir() if each.name.startswith(".")] == []
    assert len(written) <= 2 * regions


def test_stopped_work_on_a_zarr_that_was_written_anew_begins_anew(results: Path) -> None:
    import zarr

    stack = picture(4, 30, 40)
    array = zarr.create_array(results.parent / "stack.zarr", data=stack, chunks=(1, 30, 40))
    steps = RunPlan.of(
        [LayerTask.of(Image(array), load_model("small-x2"))], "disk", results
    ).steps()
    for _ in range(3):
        next(steps)
    steps.close()
    array[:] = stack[:, ::-1]
    found, expected = saved(Image(array), results)
    np.testing.assert_array_equal(found.data.compute(), np.asarray(expected.data))
