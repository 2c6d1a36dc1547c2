"""Folders of images as training data: what is read, what is skipped, what is said of it."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image
from skimage import data

from autolut_training.data import dataset as training_data
from autolut_training.data.dataset import read_folder
from napari_autolut.training.images import TrainingDataError

GREY = data.camera()[:64, 100:164]
COLOURS = data.astronaut()[:64, 200:264]


def read(folder, **options):
    return read_folder(folder, 2, crop=16, **options)


def planes(dataset):
    return {pair.name: pair.hr for pair in (*dataset.train, *dataset.held_out)}


def test_every_kind_of_image_below_a_folder(tmp_path):
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    Image.fromarray(GREY).save(tmp_path / "grey.png")
    Image.fromarray(COLOURS).save(tmp_path / "colours.webp", lossless=True)
    Image.fromarray(COLOURS).save(deep / "photo.JPG")
    Image.fromarray(np.dstack([COLOURS, GREY])).save(deep / "alpha.png")
    tifffile.imwrite(
        deep / "stack.tif",
        np.stack([GREY, GREY // 2, GREY.T]),
        photometric="minisblack",
        metadata={"axes": "ZYX"},
    )
    tifffile.imwrite(tmp_path / "16bit.tiff", GREY.astype(np.uint16) * 100 + 50)
    tifffile.imwrite(tmp_path / "float.tif", GREY.astype(np.float32) / 255)
    (tmp_path / ".grey.png").write_bytes(b"left by a file manager")
    (tmp_path / "notes.txt").write_text("no image")
    dataset = read(tmp_path)
    found = {Path(name).name: hr for name, hr in planes(dataset).items()}
    assert {name: len(hr) for name, hr in found.items()} == {
        "grey.png": 1, "colours.webp": 3, "photo.JPG": 3, "alpha.png": 3, "stack.tif": 3,
        "16bit.tiff": 1, "float.tif": 1,
    }  # fmt: skip
    assert not dataset.skipped
    np.testing.assert_array_equal(found["grey.png"][0], GREY)
    np.testing.assert_array_equal(found["colours.webp"], COLOURS.transpose(2, 0, 1))
    np.testing.assert_array_equal(found["stack.tif"][1], GREY // 2)
    low, high = np.sort(GREY, None)[[4, -5]].astype(float)  # 0.1 % lie beyond the automatic range
    stretched = ((GREY - low) * (255 / (high - low))).clip(0, 255)
    for name in ("16bit.tiff", "float.tif"):
        np.testing.assert_allclose(found[name][0], stretched, atol=1e-3)


def test_channels_have_their_own_range(tmp_path):
    channels = np.stack([GREY.astype(np.uint16) + 7, GREY.astype(np.uint16) * 200])
    for name in ("a.tif", "b.tif"):
        tifffile.imwrite(tmp_path / name, channels, imagej=True, metadata={"axes": "CYX"})
    for hr in planes(read(tmp_path)).values():
        np.testing.assert_allclose(hr[0], hr[1], atol=1e-3)
        assert (hr[0].min(), hr[0].max()) == (0, 255)


def test_what_cannot_be_used_is_listed(tmp_path):
    for name in ("0.png", "1.png"):
        Image.fromarray(GREY).save(tmp_path / name)
    Image.fromarray(np.full_like(GREY, 9)).save(tmp_path / "flat.png")
    Image.fromarray(GREY[:30]).save(tmp_path / "low.png")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    (tmp_path / "folder.png").mkdir()
    holed = GREY.astype(np.float32)
    holed[3, 3] = np.nan
    tifffile.imwrite(tmp_path / "nan.tif", holed)
    tifffile.imwrite(tmp_path / "fourier.tif", np.fft.fft2(GREY).astype(np.complex64))
    dataset = read(tmp_path)
    assert dataset.skipped.pop("broken.png").startswith("cannot be read as an image")
    assert dataset.skipped == {
        "flat.png": "every pixel is 9, expected an image",
        "low.png": "64 x 30 pixels, expected at least 32 x 32",
        "nan.tif": "holds NaN or infinite values, expected finite ones",
        "fourier.tif": "holds complex64, expected integers or floats",
    }


def test_held_out_images_are_no_training_images(tmp_path):
    for i in range(40):
        Image.fromarray(np.roll(GREY, i)).save(tmp_path / f"{i:02}.png")
    dataset = read(tmp_path)
    names = [{pair.name for pair in part} for part in (dataset.train, dataset.held_out)]
    assert [len(part) for part in names] == [38, 2] and not names[0] & names[1]
    again = read(tmp_path)
    assert {pair.name for pair in again.held_out} == names[1]


def test_little_data_is_said_plainly(tmp_path, monkeypatch):
    for i in range(12):
        Image.fromarray(np.roll(GREY, i)).save(tmp_path / f"{i:02}.png")
    (note,) = read(tmp_path).notes
    assert "little to learn from: 11 images with 0.045 million pixels" in note
    assert "Expect a table for images just like these" in note
    monkeypatch.setattr(training_data, "ENOUGH_PIXELS", 40_000)
    assert not read(tmp_path).notes
    for path in sorted(tmp_path.iterdir())[2:]:
        path.unlink()
    assert "little to learn from: 1 image with" in read(tmp_path).notes[0]


def test_a_folder_without_images(tmp_path):
    with pytest.raises(TrainingDataError, match=r"missing: no such folder"):
        read(tmp_path / "missing")
    with pytest.raises(TrainingDataError, match="found no image files, expected some of png, jpg"):
        read(tmp_path)
    Image.fromarray(GREY).save(tmp_path / "one.png")
    Image.fromarray(np.zeros_like(GREY)).save(tmp_path / "black.png")
    message = "found 1 usable images among 2 image files, expected at least 2 .* black.png: every"
    with pytest.raises(TrainingDataError, match=message):
        read(tmp_path)


def test_a_folder_that_vanishes_while_it_is_read(tmp_path, monkeypatch):
    folder = tmp_path / "stick"
    folder.mkdir()
    for name in ("0.png", "1.png"):
        Image.fromarray(GREY).save(folder / name)
    read_planes = training_data.read_planes

    def pulled(path):
        shutil.rmtree(folder, ignore_errors=True)
        return read_planes(path)

    monkeypatch.setattr(training_data, "read_planes", pulled)
    with pytest.raises(TrainingDataError, match="stick: vanished while its images were read"):
        read(folder)
