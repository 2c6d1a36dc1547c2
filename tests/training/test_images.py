"""What is found to learn from, in folders, pairs of folders and layers."""

import os
import unicodedata

import numpy as np
import pytest
import tifffile
from napari.layers import Image, Labels

from napari_autolut.arrays import finish
from napari_autolut.io.files import read_image
from napari_autolut.layers.taking import UnsupportedLayerError
from napari_autolut.storage.summaries import TIMES
from napari_autolut.training.degradation import Degradation
from napari_autolut.training.findings import Findings, summary_text, thumbnail
from napari_autolut.training.images import TrainingDataError, image_files
from napari_autolut.training.layers import (
    LayerPixels,
    folder_name,
    write_for_run,
    write_layers,
)
from napari_autolut.training.preview import effect_of, layer_plane, pair_effect
from napari_autolut.training.runs import runs_folder
from napari_autolut.training.sources import (
    FolderSource,
    LayerSource,
    PairSource,
    learned_from,
    skipped_count,
    skipped_line,
    skipped_text,
    too_few,
)
from tests.pictures import picture
from tests.training_runs import save


@pytest.fixture
def folder(tmp_path):
    """Two 8-bit images, a 16-bit stack below, and three files that cannot be used."""
    root = tmp_path / "my cells"
    save(root / "a.png", picture((64, 80)))
    save(root / "b.png", picture((200, 100, 3)))
    save(root / "deep" / "stack.tif", picture((5, 128, 128), "uint16"))
    (root / "broken.png").write_bytes(b"nothing")
    (root / ".hidden.png").write_bytes(b"nothing")
    (root / "notes.txt").write_text("nothing")
    save(root / "nan.tif", np.full((64, 64), np.nan, np.float32))
    return root


def test_a_folder_is_looked_through(folder):
    findings = finish(FolderSource(folder).find())
    assert {image.name for image in findings.images} == {"a.png", "b.png", "deep/stack.tif"}
    assert set(findings.skipped) == {"broken.png", "nan.tif"}
    assert "NaN" in findings.skipped["nan.tif"]
    assert str(folder) not in findings.skipped["nan.tif"]
    stack = next(image for image in findings.images if "stack" in image.name)
    assert (stack.size, stack.planes, stack.dtype) == ((128, 128), 5, "uint16")
    assert summary_text(findings).startswith(
        f"3 images (7 slices), 16 bits and 8 bits, 80 {TIMES} 64 to "
    )
    assert findings.scale is None


def test_what_was_found_so_far_is_told_after_every_file(folder):
    told = [(each.done, each.total) for each in FolderSource(folder).find()]
    assert told == [(number + 1, 5) for number in range(5)]


def test_a_folder_that_is_gone_is_refused(tmp_path):
    with pytest.raises(TrainingDataError, match="no such folder"):
        finish(FolderSource(tmp_path / "gone").find())
    (tmp_path / "file").touch()
    with pytest.raises(TrainingDataError, match="found no image, expected one or a folder"):
        finish(FolderSource(tmp_path / "file").find())


@pytest.mark.parametrize("name", ["Cells 1.tif", "Cells 1.ome.tif"])
def test_a_file_is_enough(tmp_path, name):
    stack = picture((40, 128, 128), "uint16")
    tifffile.imwrite(tmp_path / name, stack, ome=".ome" in name, metadata={"axes": "ZYX"})
    save(tmp_path / "other.tif", picture((40, 40), "uint16"))
    source = FolderSource(tmp_path / name)
    (found,) = finish(source.find()).images
    assert (found.name, found.slices, source.name) == (name, 40, "Cells 1")


def test_the_order_is_the_same_on_every_system(tmp_path):
    names = ["a-b.png", "a/c.png", "B.png", "c.png", "a.png", "Zelle a\u0308.png", "Zelle z.png"]
    for name in names:
        save(tmp_path / name, picture((64, 64)))
    found = [path.relative_to(tmp_path).as_posix() for path in image_files(tmp_path)]
    composed = [unicodedata.normalize("NFC", name) for name in found]
    assert composed == sorted(composed)
    assert len(found) == len(names)


@pytest.fixture
def deny(monkeypatch):
    """Makes folders such that the system does not list them."""
    scandir = os.scandir
    denied = set()

    def guarded(path="."):
        if str(path) in denied:
            raise PermissionError(13, "Operation not permitted", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded)
    return lambda path: denied.add(str(path))


def test_a_folder_that_may_not_be_listed_says_so(folder, deny):
    deny(folder)
    with pytest.raises(PermissionError, match="Operation not permitted"):
        image_files(folder)


def test_a_folder_below_that_may_not_be_listed_is_named(folder, deny):
    deny(folder / "deep")
    findings = finish(FolderSource(folder).find())
    assert {image.name for image in findings.images} == {"a.png", "b.png"}
    assert findings.skipped["deep"] == "Operation not permitted"


def test_of_a_pair_of_folders_the_one_that_may_not_be_listed_is_named(tmp_path, deny):
    sharp, small = tmp_path / "sharp", tmp_path / "small"
    save(sharp / "a.png", picture((64, 64)))
    save(small / "a.png", picture((32, 32)))
    (small / "more").mkdir()
    deny(small / "more")
    findings = finish(PairSource(sharp, small).find())
    assert findings.skipped == {"small/more": "Operation not permitted"}


@pytest.mark.parametrize("name", [".trash", "$RECYCLE.BIN", "System Volume Information", "@eaDir"])
def test_what_lies_in_a_waste_bin_is_left_out_without_a_word(folder, deny, name):
    save(folder / name / "thrown away.png", picture((64, 64)))
    findings = finish(FolderSource(folder).find())
    assert {image.name for image in findings.images} == {"a.png", "b.png", "deep/stack.tif"}
    deny(folder / name)
    assert set(finish(FolderSource(folder).find()).skipped) == {"broken.png", "nan.tif"}


def test_pairs_are_matched_by_name_and_have_one_scale(tmp_path):
    sharp, small = tmp_path / "sharp", tmp_path / "small"
    for name in ("a", "b", "alone", "odd", "triple"):
        save(sharp / f"{name}.png", picture((96, 96)))
    save(small / "a.tif", picture((48, 48), "uint16"))
    save(small / "b_LR.png", picture((48, 48)))
    save(small / "odd.png", picture((50, 48)))
    save(small / "triple.png", picture((32, 32)))
    findings = finish(PairSource(sharp, small).find())
    assert {image.name: image.lr.name for image in findings.images} == {
        "a.png": "a.tif", "b.png": "b_LR.png",
    }  # fmt: skip
    assert findings.scale == 2
    assert findings.skipped["sharp/alone.png"] == "no pair"
    assert "the small image of the pair has 48 x 50" in findings.skipped["odd.png"]
    assert "a scale of 3, where most have 2" in findings.skipped["triple.png"]
    assert summary_text(findings).startswith("2 pairs, scale 2, ")


def test_too_few_images_are_refused_with_what_to_do(folder):
    findings = finish(FolderSource(folder).find())
    assert too_few(findings, 2, 32) == ""
    assert skipped_text(findings, 2, 32) == ""
    assert "1 image of 3 will be skipped: smaller than 96" in skipped_text(findings, 3, 32)
    assert too_few(findings, 4, 32) == ""
    findings.images = [image for image in findings.images if image.name == "a.png"]
    assert "Scale 4 needs images of at least 128" in too_few(findings, 4, 32)
    assert "at scale 2 it takes 112" in too_few(findings, 2, 32)
    assert too_few(Findings(), 2, 32) == "No image that can be used."


def test_copies_and_masks_are_named(tmp_path):
    root = tmp_path / "cells"
    save(root / "a.png", picture((64, 80)))
    save(root / "b.tif", picture((64, 80)).astype(np.uint16) * 257)
    mask = np.zeros((64, 80), np.uint8)
    mask[10:40, 20:50] = 255
    save(root / "mask.png", mask)
    findings = finish(FolderSource(root).find())
    assert [image.name for image in findings.images] == ["a.png"]
    assert findings.skipped == {
        "b.tif": "shows the same as a.png",
        "mask.png": "a mask: two values alone, expected an image",
    }


def test_what_is_used_in_part_is_not_called_skipped(tmp_path):
    holed = picture((64, 80)).astype(np.float32)
    holed[:4] = np.nan
    tifffile.imwrite(tmp_path / "holed.tif", holed)
    findings = finish(FolderSource(tmp_path).find())
    (image,) = findings.images
    assert image.size == (60, 80)
    assert skipped_count(findings.skipped) == "1 file used in part"
    (line,) = (skipped_line(*each) for each in findings.skipped.items())
    assert line.startswith("skipped holed.tif in part: NaN or infinite values at the borders")
    skipped = findings.skipped | {"a.tif": "every pixel is 0", "b.tif": "a mask"}
    assert skipped_count(skipped) == "2 files skipped, 1 used in part"
    assert skipped_line("b.tif", "a mask") == "skipped b.tif: a mask"


def test_thumbnails_are_small_and_show_all_values():
    wide = picture((3, 40, 1000), "uint16", top=3000)
    drawn = thumbnail(wide, (1, 2), rgb=False)
    assert drawn.dtype == np.uint8 and max(drawn.shape) <= 72
    assert drawn.min() == 0 and drawn.max() == 255
    colours = picture((50, 60, 4))
    np.testing.assert_array_equal(thumbnail(colours, (0, 1), rgb=True), colours[..., :3])
    assert thumbnail(np.zeros((9, 9)), (0, 1), rgb=False).max() == 0


# --- layers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "dtype", "rgb", "slices"),
    [
        ((64, 50), "uint16", False, 1),
        ((300, 300), "float32", False, 1),
        ((7, 64, 50), "uint16", False, 7),
        ((5, 9, 40, 64), "uint8", False, 45),
        ((64, 64, 3), "uint8", True, 1),
        ((1, 40, 64), "float64", False, 1),
    ],
)
def test_layers_are_written_value_by_value(tmp_path, shape, dtype, rgb, slices):
    data = picture(shape, dtype)
    layer = LayerPixels.of(Image(data, rgb=rgb, name="cells"))
    found = layer.found(layer.usable())
    assert (found.slices, found.size, found.dtype) == (slices, layer.size, dtype)
    folder = finish(write_layers([layer], tmp_path / "out"))
    (path,) = folder.iterdir()
    image = read_image(path)
    assert str(image.data.dtype) == dtype
    np.testing.assert_array_equal(image.data.ravel(), data.ravel())


def test_slices_of_a_lazy_layer_are_computed_one_by_one(tmp_path):
    import dask.array as da

    data = picture((6, 32, 32), "uint16")
    layer = LayerPixels("lazy", da.from_array(data, chunks=(1, 32, 32)), False)
    folder = finish(write_layers([layer], tmp_path / "out"))
    back = np.concatenate(
        [read_image(p).data.reshape(-1, 32, 32) for p in sorted(folder.iterdir())]
    )
    np.testing.assert_array_equal(back, data)


def test_progress_counts_planes(tmp_path):
    layers = [
        LayerPixels("a", picture((3, 32, 32)), False),
        LayerPixels("b", picture((32, 32)), False),
    ]
    told = [(each.done, each.total) for each in write_layers(layers, tmp_path / "out")]
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_of_a_layer_beyond_all_memory_slices_from_everywhere_are_taken(tmp_path, monkeypatch):
    monkeypatch.setattr("napari_autolut.training.layers.MAX_PIXELS", 25 * 32 * 32)
    layer = LayerPixels("long", np.arange(99)[:, None, None] * np.ones((32, 32), int), False)
    assert layer.found(None).planes == 25
    folder = finish(write_layers([layer], tmp_path / "out"))
    values = np.concatenate([read_image(p).data.ravel() for p in sorted(folder.iterdir())])
    taken = np.unique(values)
    assert (len(taken), taken.min(), taken.max()) == (25, 0, 98)


def test_writing_that_is_stopped_leaves_nothing(models_folder):
    steps = write_for_run([LayerPixels("a", picture((3, 32, 32)), False)])
    next(steps)
    assert len(list(runs_folder().iterdir())) == 1
    steps.close()
    assert list(runs_folder().iterdir()) == []


def test_labels_are_refused():
    with pytest.raises(UnsupportedLayerError, match="Labels"):
        LayerPixels.of(Labels(np.zeros((4, 4), int)))


def test_the_folder_is_named_after_the_layers():
    layers = [LayerPixels(name, np.zeros((4, 4)), False) for name in ("DAPI/1", "a*b")]
    assert folder_name(layers) == "open layers DAPI 1 a b"


def test_layers_are_a_source_like_any_other():
    layer = LayerPixels("cells", picture((3, 64, 64)), False)
    source = LayerSource((layer,))
    findings = finish(source.find())
    assert [image.name for image in findings.images] == ["cells"]
    assert learned_from(source, findings) == "1 open layer: cells"
    assert source.effect(findings.images[0], 2, Degradation(), 0).before.shape == (64, 64)


# --- pictures of degradations ------------------------------------------------------------------


@pytest.mark.parametrize("scale", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [(200, 300), (50, 70)])
def test_both_pictures_of_an_effect_have_one_size(scale, size):
    effect = effect_of(picture(size).astype(np.float32), scale, Degradation())
    assert effect.before.shape == effect.after.shape
    assert effect.before.dtype == effect.after.dtype == np.uint8
    assert min(effect.before.shape) > 40
    blocks = effect.after[::scale, ::scale]
    np.testing.assert_array_equal(effect.after, blocks.repeat(scale, 0).repeat(scale, 1))


def test_noise_is_seen():
    plane = np.full((128, 128), 100, np.float32)
    plane[40:80] = 200
    quiet = effect_of(plane, 1, Degradation())
    noisy = effect_of(plane, 1, Degradation(noise=20))
    np.testing.assert_array_equal(quiet.before, quiet.after)
    assert (noisy.after != noisy.before).mean() > 0.3


def test_another_place_is_another_picture():
    plane = picture((600, 600)).astype(np.float32)
    first, second = (effect_of(plane, 2, Degradation(), place) for place in (0, 1))
    assert (first.before != second.before).any()


def test_a_pair_is_shown_at_the_same_place():
    lr = picture((150, 120)).astype(np.float32)
    hr = lr.repeat(3, 0).repeat(3, 1)
    effect = pair_effect(hr, lr, place=0)
    np.testing.assert_array_equal(effect.before, effect.after)


def test_planes_of_any_type_are_seen_in_256_levels():
    layer = LayerPixels("deep", picture((3, 40, 40), "uint16", top=60000), False)
    plane = layer_plane(layer)
    assert (plane.min(), plane.max()) == (0, 255)
    assert not np.isnan(layer_plane(LayerPixels("flat", np.zeros((40, 40)), False))).any()


@pytest.mark.filterwarnings("error")
def test_of_an_image_with_nan_at_its_borders_the_finite_part_is_shown(tmp_path):
    """Its thumbnail was black, and so was each place that showed what a degradation does."""
    image = picture((200, 150), "float32")
    image[:40] = np.nan
    image[:, -20:] = np.inf
    save(tmp_path / "a.tif", image)
    source = FolderSource(tmp_path)
    (found,) = finish(source.find()).images
    assert found.thumbnail.std() > 20
    plane = source.plane(found)
    assert plane.shape == (160, 130) and np.isfinite(plane).all()
    effect = source.effect(found, 2, Degradation(), 0)
    assert effect.before.std() > 20
