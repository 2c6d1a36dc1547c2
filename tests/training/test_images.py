"""What is found to learn from in folders and pairs of folders, and what is said of the rest."""

import os
import unicodedata
from pathlib import Path

import numpy as np
import pytest
import tifffile

from napari_autolut.arrays import finish
from napari_autolut.storage.summaries import TIMES
from napari_autolut.training.findings import Findings, summary_text, thumbnail
from napari_autolut.training.images import TrainingDataError, image_files
from napari_autolut.training.sources import (
    FolderSource,
    PairSource,
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
    with pytest.raises(TrainingDataError, match="address on the network, expected a folder"):
        finish(FolderSource(Path("smb://server/cells")).find())
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
    assert too_few(findings, 2) == ""
    assert skipped_text(findings, 2) == ""
    assert "1 image of 3 will be skipped: smaller than 96" in skipped_text(findings, 3)
    assert too_few(findings, 4) == ""
    findings.images = [image for image in findings.images if image.name == "a.png"]
    assert "Scale 4 needs images of at least 128" in too_few(findings, 4)
    assert "at scale 2 it takes 112" in too_few(findings, 2)
    assert too_few(Findings(), 2) == "No image that can be used."


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
