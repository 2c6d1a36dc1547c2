"""Labels and masks of files: enlarged by nearest neighbour where something says what they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from napari_autolut.arrays import finish
from napari_autolut.batch import (
    choose_model_of_files,
    find_files,
    run_batch,
    upscale_file_steps,
    upscale_request,
)
from napari_autolut.batch.files import upscaling
from napari_autolut.batch.files.options import FileOptions, UpscaleOptions
from napari_autolut.io import ImageFile, ProcessingStep, read_image, write_image
from napari_autolut.io.methods import methods_text
from napari_autolut.io.tiff import tiles
from napari_autolut.model import LutModel
from tests.batch.files.labelled import SIZES, doubled, numbers
from tests.commandline import fails, succeeds
from tests.conftest import small_model
from tests.pictures import picture

LARGEST = 2**64 - 1


# --- single files --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["a_cp_masks.tif", "Labels.tif", "a-seg.tif", "masks/7.tif", "cellMask.tif", "a.tif"]
)
def test_named_and_looking_like_labels(tmp_path: Path, model: LutModel, name: str) -> None:
    source = tmp_path / name
    source.parent.mkdir(exist_ok=True)
    tifffile.imwrite(source, numbers("int32"))
    done = finish(upscale_file_steps(source, tmp_path / "out.tif", model))
    if name in ("cellMask.tif", "a.tif"):
        assert done.model == model.name
        assert done.note.startswith("looks like a label image")
        return
    assert done.model == "nearest neighbour"
    assert "enlarged by nearest neighbour, values kept" in done.note
    result = read_image(tmp_path / "out.tif")
    np.testing.assert_array_equal(result.data, doubled(numbers("int32")))
    assert result.data.dtype == np.int32


@pytest.mark.parametrize("suffix", [".zarr", ".tif"])
def test_true_and_false_are_a_mask(tmp_path: Path, model: LutModel, suffix: str) -> None:
    zarr = pytest.importorskip("zarr")
    mask = picture((60, 48)) > 90
    zarr.save_array(str(tmp_path / "cells.zarr"), mask)
    out = tmp_path / f"out{suffix}"
    done = finish(upscale_file_steps(tmp_path / "cells.zarr", out, model))
    assert done.model == "nearest neighbour" and "nearest neighbour" in done.note
    if suffix == ".zarr":
        group = zarr.open_group(str(out), mode="r")
        result, said = group["0"][...], group.attrs["ome"]
        assert "image-label" not in said  # which OME-Zarr allows integers alone
        assert read_image(out).labels
    else:
        result = tifffile.imread(out)
    assert result.dtype == np.bool_
    np.testing.assert_array_equal(result, doubled(mask))


def test_a_name_alone_says_nothing(tmp_path: Path, model: LutModel) -> None:
    source = tmp_path / "masks.tif"
    tifffile.imwrite(source, picture((60, 48), "uint16", top=4000))
    done = finish(upscale_file_steps(source, tmp_path / "out.tif", model))
    assert (done.model, done.note) == (model.name, "")


@pytest.mark.parametrize(
    ("second", "known"),
    [(numbers() // 2, True), (np.zeros_like(numbers()), True),
     (picture((60, 48), "uint16", top=4000), False)],
)  # fmt: skip
def test_all_channels_must_look_like_labels(
    tmp_path: Path, model: LutModel, second: np.ndarray, known: bool
) -> None:
    """An image with its mask as a channel stays an image; an empty mask is none."""
    data = np.stack([numbers(), second])
    tifffile.imwrite(tmp_path / "a_mask.tif", data, imagej=True, metadata={"axes": "CYX"})
    done = finish(upscale_file_steps(tmp_path / "a_mask.tif", tmp_path / "b.tif", model))
    assert (done.model == "nearest neighbour") == known


def test_a_channel_named_as_labels(tmp_path: Path, model: LutModel) -> None:
    metadata = {"axes": "YX", "Channel": {"Name": "Nuclei labels"}}
    tifffile.imwrite(tmp_path / "a.ome.tif", numbers(), metadata=metadata)
    done = finish(upscale_file_steps(tmp_path / "a.ome.tif", tmp_path / "b.ome.tif", model))
    assert done.model == "nearest neighbour"
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "b.ome.tif"), doubled(numbers()))


def test_colours_of_labels_are_kept(tmp_path: Path, model: LutModel) -> None:
    few = np.array([[0, 7, 0], [3, 0, 9]], np.uint8)
    indexed = Image.fromarray(np.kron(few, np.ones((30, 40), np.uint8)), "P")
    indexed.putpalette(np.random.default_rng(0).integers(0, 256, 768).tolist())
    indexed.save(tmp_path / "a_labels.png")
    finish(upscale_file_steps(tmp_path / "a_labels.png", tmp_path / "b.png", model))
    expected = np.asarray(indexed.convert("RGB")).repeat(2, 0).repeat(2, 1)
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "b.png")), expected)


def test_a_result_is_known_as_labels(tmp_path: Path, model: LutModel) -> None:
    """Enlarged again, whatever its name."""
    tifffile.imwrite(tmp_path / "a_labels.tif", numbers())
    finish(upscale_file_steps(tmp_path / "a_labels.tif", tmp_path / "b.tif", model))
    result = read_image(tmp_path / "b.tif")
    assert result.labels
    assert "look-up table" not in methods_text(result.history).lower()
    finish(upscale_file_steps(tmp_path / "b.tif", tmp_path / "c.tif", model))
    np.testing.assert_array_equal(read_image(tmp_path / "c.tif").data, doubled(doubled(numbers())))


def test_a_fraction_covers_the_same_place(tmp_path: Path, model: LutModel) -> None:
    image = ImageFile(numbers(), "YX", SIZES, "µm", origin={"Y": 3.0, "X": 1.0}, flavour="ome")
    write_image(tmp_path / "a_labels.ome.tif", image)
    how = UpscaleOptions(scale=1.7)
    finish(upscale_file_steps(tmp_path / "a_labels.ome.tif", tmp_path / "b.ome.tif", model, how))
    result = read_image(tmp_path / "b.ome.tif")
    rows, columns = result.data.shape
    assert (rows, columns) == (102, 82)
    source = numbers()[(np.arange(102) * 2 + 1) * 60 // 204][:, (np.arange(82) * 2 + 1) * 48 // 164]
    np.testing.assert_array_equal(result.data, source)
    for axis, length, before in (("Y", rows, 60), ("X", columns, 48)):
        size = result.pixel_size[axis]
        assert size * length == pytest.approx(SIZES[axis] * before)
        edge = result.origin[axis] - size / 2
        assert edge == pytest.approx(image.origin[axis] - SIZES[axis] / 2)


@pytest.mark.parametrize("scale", [2, 1.7])
@pytest.mark.parametrize("shape", [(60, 48), (3, 60, 48), (60, 48, 3)])
def test_tile_by_tile_is_as_in_memory(
    tmp_path: Path,
    model: LutModel,
    monkeypatch: pytest.MonkeyPatch,
    scale: float,
    shape: tuple[int, ...],
) -> None:
    plane = numbers("uint8")
    data = {2: plane, 3: np.stack([plane] * 3, -1 if shape[-1] == 3 else 0)}[len(shape)]
    colours = "rgb" if shape[-1] == 3 else "minisblack"
    tifffile.imwrite(tmp_path / "a_labels.tif", data, photometric=colours)
    how = UpscaleOptions(scale=scale)
    for name, large in (("whole", upscaling.LARGE), ("tiled", 0)):
        monkeypatch.setattr(upscaling, "LARGE", large)
        monkeypatch.setattr(tiles, "MAX_TILE_SIDE", 32)
        paths = tmp_path / "a_labels.tif", tmp_path / f"{name}.tif"
        assert finish(upscale_file_steps(*paths, model, how)).model == "nearest neighbour"
    with tifffile.TiffFile(tmp_path / "tiled.tif") as tif:
        assert tif.pages.first.is_tiled
    np.testing.assert_array_equal(
        read_image(tmp_path / "tiled.tif").data, read_image(tmp_path / "whole.tif").data
    )


def test_the_mask_page_of_a_file_is_a_mask(tmp_path: Path, model: LutModel) -> None:
    mask = numbers() > 0
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(picture((60, 48)))
        writer.write(mask, subfiletype=4, photometric="mask")
    options = FileOptions(series=1)
    done = finish(
        upscale_file_steps(tmp_path / "a.tif", tmp_path / "b.tif", model, options=options)
    )
    assert done.model == "nearest neighbour"
    result = read_image(tmp_path / "b.tif").data
    np.testing.assert_array_equal(result, doubled(mask).astype(np.uint8) * 255)


@pytest.mark.parametrize("out", ["b.tif", "b.zarr"])
def test_noise_is_not_taken_out_of_labels(tmp_path: Path, out: str) -> None:
    if out == "b.zarr":
        pytest.importorskip("yaozarrs", reason="the extra zarr is not installed")
    source = tmp_path / "a_labels.tif"
    tifffile.imwrite(source, numbers("uint32"))
    said = succeeds("denoise", source, tmp_path / out)
    assert said.strip().endswith(f"{out}: nothing to take away; labels: left as they are")
    result = read_image(tmp_path / out)
    np.testing.assert_array_equal(result.data, numbers("uint32"))
    assert result.data.dtype == np.uint32
    assert result.history == ()


def test_slices_of_labels_are_not_filled_in(tmp_path: Path) -> None:
    source = tmp_path / "a_labels.tif"
    tifffile.imwrite(source, np.stack([numbers()] * 4), imagej=True, metadata={"axes": "ZYX"})
    said = fails("isotropic", source, tmp_path / "b.tif", "--spacing", "2")
    assert "found labels, whose numbers have no mean; expected an image" in said


def test_touching_regions_with_numbers_that_follow_each_other(
    tmp_path: Path, model: LutModel
) -> None:
    """As relabelled ones: only the name tells them from an image in steps."""
    steps = np.kron(np.arange(12, dtype=np.uint16).reshape(1, -1), np.ones((40, 10), np.uint16))
    for name, known in (("a.tif", False), ("a_labels.tif", True)):
        tifffile.imwrite(tmp_path / name, steps)
        done = finish(upscale_file_steps(tmp_path / name, tmp_path / f"2{name}", model))
        assert (done.model == "nearest neighbour") == known


# --- folders -------------------------------------------------------------------------------------


def test_a_folder_of_images_and_labels(tmp_path: Path, model: LutModel) -> None:
    """No error of labels is estimated, no model chosen by them; the second run does nothing."""
    folder = tmp_path / "in"
    folder.mkdir()
    tifffile.imwrite(folder / "a.tif", picture((60, 48), "uint16", top=4000))
    tifffile.imwrite(folder / "a_cp_masks.tif", numbers())
    items, work = find_files(folder, tmp_path / "out"), lambda a, b: upscale_file_steps(a, b, model)
    for expected in (["Done"] * 2, ["Skipped"] * 2):
        outcomes = finish(run_batch(items, work, request=upscale_request(model)))
        assert [type(each).__name__ for each in outcomes] == expected
    again = upscale_request(small_model("small-x1", 1))
    outcomes = finish(run_batch(items, work, request=again))
    assert [type(each).__name__ for each in outcomes] == ["Failed"] * 2
    tifffile.imwrite(folder / "b_cp_masks.tif", numbers())
    assert "1 of 3 files" in choose_model_of_files(sorted(folder.iterdir())).reason


@pytest.mark.parametrize(("asked", "expected"), [(None, 2), (3, 3)])
def test_auto_takes_labels_for_those_of_a_micrograph(
    tmp_path: Path, asked: int | None, expected: int
) -> None:
    tifffile.imwrite(tmp_path / "a_labels.tif", numbers())
    how = UpscaleOptions(scale=asked)
    done = finish(upscale_file_steps(tmp_path / "a_labels.tif", tmp_path / "b.tif", "auto", how))
    assert done.after["Y"] == 60 * expected
    assert done.note.startswith("2 times, as micrographs are") == (asked is None)


def test_no_error_of_labels_is_estimated(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a_labels.tif", numbers())
    paths = tmp_path / "a_labels.tif", tmp_path / "b.tif"
    succeeds("upscale", *paths, "--model", "natural-x2", "--expected-error")
    assert {each.name for each in tmp_path.iterdir()} == {"a_labels.tif", "b.tif"}


def test_a_step_of_labels_answers_by_scale_alone() -> None:
    made = ProcessingStep("upscale", "nearest neighbour", scale=2)
    assert made.answers(ProcessingStep("upscale", "any", "ab" * 32, 2, settings={"x": 1}))
    assert not made.answers(ProcessingStep("upscale", "any", "ab" * 32, 3))
    assert not made.answers(ProcessingStep("denoise", "any", "ab" * 32, 2))
