"""Files: axes, sizes and places, from memory and from disk to disk."""

from dataclasses import replace

import numpy as np
import pytest
import tifffile

from napari_autolut import make_isotropic
from napari_autolut.arrays import finish
from napari_autolut.io import ImageFile, ImageFileError, read_image, write_image
from napari_autolut.io.methods import methods_text
from napari_autolut.isotropic import (
    files,
    interpolation,
    large_results,
    load_axial_tables,
    save_axial_tables,
)
from napari_autolut.isotropic.files import FileOptions, isotropic_file_steps
from napari_autolut.isotropic.layer import LayerStack
from napari_autolut.isotropic.table import cubic_table
from napari_autolut.isotropic.table_file import tables_digest
from napari_autolut.layers.history import history_of
from tests.isotropic.stacks import anisotropic

SIZES = {"Z": 0.4, "Y": 0.1, "X": 0.1}
CUBIC = FileOptions(table=[cubic_table(4)])
THIN = np.s_[:, :20, :24]
"""Of a stack whose pixels hardly matter."""


@pytest.fixture
def source(tmp_path):
    """Two channels of a stack in an OME-TIFF."""
    path = tmp_path / "stack.ome.tif"
    data = np.stack([anisotropic(), 255 - anisotropic()]).astype(np.uint16)
    write_image(path, ImageFile(data, "CZYX", SIZES, "\N{MICRO SIGN}m", "ome"))
    return path


def made(source, out, options=CUBIC):
    return finish(isotropic_file_steps(source, out, options))


def extent(image):
    """Where the stack begins and ends along z, in its unit."""
    size, first = image.pixel_size["Z"], image.origin.get("Z", 0.0)
    return first - size / 2, first + (image.lengths["Z"] - 0.5) * size


@pytest.mark.parametrize("name", ["out.ome.tif", "out.tif"])
def test_a_file_keeps_its_place_and_all_else(source, tmp_path, name):
    done = made(source, tmp_path / name)
    before, after = read_image(source), read_image(tmp_path / name)
    assert after.axes == "CZYX" and after.data.shape == (2, 64, 64, 64)
    assert after.data.dtype == np.uint16 and after.unit == before.unit
    assert after.pixel_size == pytest.approx({"Z": 0.1, "Y": 0.1, "X": 0.1})
    assert extent(after) == pytest.approx(extent(before))
    assert (done.before["Z"], done.after["Z"]) == (16, 64)
    expected = make_isotropic(before.data, 4, table=cubic_table(4), channel_axis=0)
    np.testing.assert_array_equal(after.data, expected)
    assert after.history[-1].operation == "isotropic"


def test_times_of_planes_are_named_where_slices_are_new(tmp_path):
    planes = {"DeltaT": list(range(16)), "DeltaTUnit": ["s"] * 16}
    metadata = {"axes": "ZYX", "Plane": planes} | {f"PhysicalSize{a}": s for a, s in SIZES.items()}
    tifffile.imwrite(tmp_path / "a.ome.tif", anisotropic(), metadata=metadata, ome=True)
    for name in ("out.ome.tif", "out.tif"):
        done = made(tmp_path / "a.ome.tif", tmp_path / name)
        assert "not kept: times of planes" in done.note
    assert "times" not in made(tmp_path / "out.ome.tif", tmp_path / "again.ome.tif", FileOptions(
        table=[cubic_table(2)], spacing=2.0)).note  # fmt: skip


def test_zarr_is_written_region_by_region(source, tmp_path):
    pytest.importorskip("zarr")
    made(source, tmp_path / "out.ome.zarr")
    before, after = read_image(source), read_image(tmp_path / "out.ome.zarr")
    assert extent(after) == pytest.approx(extent(before))
    made(tmp_path / "out.ome.zarr", tmp_path / "back.tif", FileOptions(
        table=[cubic_table(2)], spacing=2.0))  # fmt: skip
    assert read_image(tmp_path / "back.tif").lengths["Z"] == 128
    expected = make_isotropic(before.data, 4, table=cubic_table(4), channel_axis=0)
    np.testing.assert_array_equal(after.data, expected)


@pytest.mark.parametrize("colours", [False, True])
def test_large_files_go_from_disk_to_disk(tmp_path, monkeypatch, colours):
    stack = anisotropic()[:, :50, :61]
    data = np.stack([stack, stack[::-1], 255 - stack], axis=-1 if colours else 0)
    source = tmp_path / "in.tif"
    axes = "ZYXS" if colours else "TZYX"
    write_image(source, ImageFile(data, axes, SIZES, "\N{MICRO SIGN}m", "ome"))
    made(source, tmp_path / "memory.tif")
    monkeypatch.setattr(files, "LARGE", 0)
    monkeypatch.setattr(large_results, "TIFF_SIDE", 32)
    monkeypatch.setattr(interpolation, "MAX_VOXELS", 64 * 33 * 33)
    made(source, tmp_path / "disk.tif")
    memory, disk = (read_image(tmp_path / name) for name in ("memory.tif", "disk.tif"))
    assert disk.axes == memory.axes
    np.testing.assert_array_equal(disk.data, memory.data)
    assert extent(disk) == pytest.approx(extent(memory))


def test_what_is_learned_is_kept(tmp_path):
    source, kept = tmp_path / "in.tif", tmp_path / "microscope.safetensors"
    write_image(source, ImageFile(anisotropic()[:, :48, :48], "ZYX"))
    made(source, tmp_path / "one.tif", FileOptions(spacing=4.0, save_table=kept))
    assert not load_axial_tables(kept)[0].is_cubic
    made(source, tmp_path / "two.tif", FileOptions(spacing=(0.4, 0.1, 0.1), table=kept))
    one, two = (read_image(tmp_path / name) for name in ("one.tif", "two.tif"))
    np.testing.assert_array_equal(one.data, two.data)
    first, second = one.history[0], two.history[0]
    assert (first.model, second.model) == ("learned on the stack", "learned before")
    assert first.model_sha256 == second.model_sha256 == tables_digest(load_axial_tables(kept))
    for step in (first, second):
        assert step.settings["table"] == kept.name and step.scale == 4
        assert step.settings["blur"] == "mean over the slice"


def test_one_table_of_several_channels_has_the_hash_of_its_file(source, tmp_path):
    kept = save_axial_tables([cubic_table(4)], tmp_path / "t.safetensors")
    made(source, tmp_path / "out.tif", FileOptions(table=kept))
    (step,) = read_image(tmp_path / "out.tif").history
    assert step.model_sha256 == tables_digest(load_axial_tables(kept))
    assert step.model == "cubic interpolation" and "without a table" in methods_text([step])
    assert "follow" not in methods_text([step])


def test_a_layer_says_the_same_as_a_file():
    from napari.layers import Image

    taken = LayerStack.of(Image(anisotropic(), name="stack", scale=(0.4, 0.1, 0.1)))
    plan = finish(taken.plan_steps(table=[cubic_table(4)]))
    _, meta, _ = finish(taken.result_steps(plan))
    (step,) = history_of(meta["metadata"])
    assert (step.operation, step.scale, step.source) == ("isotropic", 4, "stack")
    assert step.model_sha256 == tables_digest(plan.tables) and len(step.value_range) == 1
    assert "4 times as many slices" in methods_text([step]) and "psf" not in step.settings
    learned = replace(plan, given=None, psf=2.0)
    _, meta, _ = finish(taken.result_steps(learned))
    assert history_of(meta["metadata"])[0].settings["psf"] == "2.0"


@pytest.mark.filterwarnings("ignore::napari_autolut.isotropic.IsotropicWarning")
def test_a_result_is_made_again_from_its_record(tmp_path):
    """Of a distance that is no whole number of pixels but for rounding, too."""
    stack = anisotropic().astype(np.uint16)
    sizes = {"Z": 0.3, "Y": 0.1, "X": 0.1}
    write_image(tmp_path / "in.ome.tif", ImageFile(stack, "ZYX", sizes, "nm", "ome"))
    made(tmp_path / "in.ome.tif", tmp_path / "out.tif", FileOptions(psf="1"))
    result = read_image(tmp_path / "out.tif")
    (step,) = result.history
    again = make_isotropic(stack, step.scale, psf=step.settings["psf"])
    np.testing.assert_array_equal(again, result.data)


def test_a_result_answers_what_is_asked_for_again(source, tmp_path):
    """Else a folder that was stopped cannot go on: its results look like those of another scale."""
    kept = save_axial_tables([cubic_table(4)], tmp_path / "t.safetensors")
    other = replace(cubic_table(4), base=cubic_table(4).base * np.float32(0.5))
    save_axial_tables([other], tmp_path / "other.safetensors")
    options = FileOptions(table=kept)
    made(source, tmp_path / "out.tif", options)
    (step,) = read_image(tmp_path / "out.tif").history
    assert step.answers(options.request)
    assert not step.answers(FileOptions(table=tmp_path / "other.safetensors").request)
    assert not step.answers(FileOptions().request)
    assert not step.answers(FileOptions(table=kept, spacing=3.0).request)


@pytest.mark.parametrize(
    ("axes", "sizes", "says"),
    [
        ("ZYX", {}, "found no pixel size along Z and Y and X"),
        ("TYX", SIZES, "expected a stack with an axis Z"),
        ("ZYX", {"Z": 0.1, "Y": 0.1, "X": 0.1}, "isotropic already"),
    ],
)
def test_files_that_are_no_such_stacks(tmp_path, axes, sizes, says):
    source = tmp_path / "in.tif"
    write_image(source, ImageFile(anisotropic()[THIN], axes, sizes, "\N{MICRO SIGN}m", "ome"))
    with pytest.raises(ImageFileError, match=says):
        made(source, tmp_path / "out.tif", FileOptions())
    assert not (tmp_path / "out.tif").exists()


@pytest.mark.parametrize("name", ["out.ome.tif", "out.tif", "out.zarr"])
@pytest.mark.parametrize(
    ("known", "spacing", "expected"),
    [
        ({}, 4.0, {}),
        ({}, (0.8, 0.2, 0.2), dict.fromkeys("ZYX", 0.2)),
        ({"Z": 0.4}, 4.0, dict.fromkeys("ZYX", 0.1)),
        ({"Y": 0.1, "X": 0.1}, 4.0, dict.fromkeys("ZYX", 0.1)),
        ({"Y": 0.1, "X": 0.1}, (0.8, 0.2, 0.2), dict.fromkeys("ZYX", 0.1)),
    ],
)
def test_sizes_of_a_stack_that_lacks_some(tmp_path, name, known, spacing, expected):
    """A size that follows from another one is written; numbers without a unit have none."""
    if name.endswith("zarr"):
        pytest.importorskip("yaozarrs", reason="the extra zarr is not installed")
    source, unit = tmp_path / "in.ome.tif", "µm" if known else None
    write_image(source, ImageFile(anisotropic()[THIN], "ZYX", known, unit, "ome"))
    options = FileOptions(table=[cubic_table(4)], spacing=spacing)
    done = made(source, tmp_path / name, options)
    result = read_image(tmp_path / name)
    assert ("no pixel size is known" in done.note) == (not expected)
    if not expected and name.endswith("zarr"):
        expected = dict.fromkeys("ZYX", 1.0)  # which OME-Zarr cannot leave open
    assert result.pixel_size == pytest.approx(expected)
    assert result.unit == unit
