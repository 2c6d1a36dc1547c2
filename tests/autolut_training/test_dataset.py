"""Folders of images as training data: what is read, what is skipped, what is said of it."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image
from skimage import data, measure

from autolut_training.data import dataset as training_data
from napari_autolut.training.degradation import Degradation
from napari_autolut.training.images import TrainingDataError
from tests.autolut_training.photographs import COLOURS, GREY, PICTURE, pieces, planes, read


def test_every_kind_of_image_below_a_folder(tmp_path):
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    parts = pieces(20)
    colours = [np.dstack(parts[i : i + 3]) for i in (7, 10, 13)]
    Image.fromarray(GREY).save(tmp_path / "grey.png")
    Image.fromarray(colours[0]).save(tmp_path / "colours.webp", lossless=True)
    Image.fromarray(colours[1]).save(deep / "photo.JPG")
    Image.fromarray(np.dstack([colours[2], GREY])).save(deep / "alpha.png")
    tifffile.imwrite(
        deep / "stack.tif",
        np.stack([parts[16], parts[17] // 2, parts[18]]),
        photometric="minisblack",
        metadata={"axes": "ZYX"},
    )
    tifffile.imwrite(tmp_path / "16bit.tiff", parts[19].astype(np.uint16) * 100 + 50)
    tifffile.imwrite(tmp_path / "float.tif", COLOURS[..., 1].astype(np.float32) / 255)
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
    np.testing.assert_array_equal(found["colours.webp"], colours[0].transpose(2, 0, 1))
    np.testing.assert_array_equal(found["stack.tif"][1], parts[17] // 2)
    for name, plane in (("16bit.tiff", parts[19]), ("float.tif", COLOURS[..., 1])):
        low, high = np.sort(plane, None)[[4, -5]].astype(float)  # 0.1 % lie beyond the range
        stretched = ((plane - low) * (255 / (high - low))).clip(0, 255)
        np.testing.assert_allclose(found[name][0], stretched, atol=1e-3)


def test_channels_have_their_own_range(tmp_path):
    channels = np.stack([GREY.astype(np.uint16) + 7, GREY.astype(np.uint16) * 200])
    for number in range(4):
        turned = np.rot90(channels, number, (1, 2))
        tifffile.imwrite(tmp_path / f"{number}.tif", turned, imagej=True, metadata={"axes": "CYX"})
    for hr in planes(read(tmp_path)).values():
        np.testing.assert_allclose(hr[0], hr[1], atol=1e-3)
        assert (hr[0].min(), hr[0].max()) == (0, 255)


def test_dark_frames_of_bytes_are_skipped_and_faint_images_are_not(tmp_path):
    dark = (np.random.default_rng(0).random((64, 64)) < 0.1).astype(np.uint8)
    dark[5, 5] = 255
    for number, piece in enumerate(pieces(4)):
        Image.fromarray(piece).save(tmp_path / f"{number}.png")
    Image.fromarray(dark).save(tmp_path / "dark.png")
    Image.fromarray(COLOURS[..., 1] // 20).save(tmp_path / "faint.png")
    stars = np.zeros((64, 64), np.uint8)
    stars[10:14, 10:14] = 200
    stars[30, 30:33] = 40, 90, 35
    Image.fromarray(stars).save(tmp_path / "stars.png")
    said = {"dark.png": "hardly a pixel is other than 0, expected an image"}
    assert dict(read(tmp_path).skipped) == said


def test_frames_of_noise_alone_are_named(tmp_path):
    """They spoil a table, and where they are held out the figure means nothing."""
    random = np.random.default_rng(0)
    for number, piece in enumerate(pieces(4)):
        Image.fromarray(piece).save(tmp_path / f"{number}.png")
    tifffile.imwrite(tmp_path / "dark.tif", random.poisson(100, (64, 64)).astype(np.uint16))
    seen = random.poisson(0.02 * COLOURS[..., 1])
    tifffile.imwrite(tmp_path / "few photons.tif", seen.astype(np.uint16))
    (said,) = (note for note in read(tmp_path).notes if "noise alone" in note)
    assert said.startswith("There is noise alone in dark.tif: nothing can be learned there")


def test_what_cannot_be_used_is_listed(tmp_path):
    for number, piece in enumerate(pieces(4)):
        Image.fromarray(piece).save(tmp_path / f"{number}.png")
    Image.fromarray(np.full_like(GREY, 9)).save(tmp_path / "flat.png")
    Image.fromarray(GREY[:30]).save(tmp_path / "low.png")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    (tmp_path / "folder.png").mkdir()
    tifffile.imwrite(tmp_path / "nan.tif", np.full((64, 64), np.nan, np.float32))
    tifffile.imwrite(tmp_path / "fourier.tif", np.fft.fft2(GREY).astype(np.complex64))
    blobs = data.binary_blobs(64, rng=0)
    Image.fromarray(blobs).save(tmp_path / "mask.png")
    tifffile.imwrite(tmp_path / "labels.tif", measure.label(blobs).astype(np.uint16))
    dataset = read(tmp_path)
    assert dataset.skipped.pop("broken.png").startswith("cannot be read as an image")
    labels = dataset.skipped.pop("labels.tif")
    assert labels.startswith("a label image: regions of one value each")
    assert dataset.skipped == {
        "flat.png": "every pixel is 9, expected an image",
        "low.png": "64 x 30 pixels, expected at least 32 x 32",
        "nan.tif": "holds NaN or infinite values in its midst, expected a finite part",
        "fourier.tif": "holds complex64, expected integers or floats",
        "mask.png": "a mask: two values alone, expected an image",
    }


def test_of_an_image_with_nan_at_its_borders_the_finite_part_serves(tmp_path):
    holed = PICTURE[:128, :128].astype(np.float32)
    holed[:5] = np.nan
    holed[:, -3:] = np.inf
    tifffile.imwrite(tmp_path / "nan.tif", holed)
    dataset = read(tmp_path)
    assert all(np.isfinite(pair.hr).all() for pair in (*dataset.train, *dataset.held_out))
    assert dataset.skipped["nan.tif"].endswith(
        "at the borders; 125 x 123 of 128 x 128 pixels are used"
    )


def test_of_several_channels_a_blank_one_and_a_mask_are_left_out(tmp_path):
    cells, blank = PICTURE[:128, :128].astype(np.uint16), np.zeros((128, 128), np.uint16)
    mask = data.binary_blobs(128, rng=0).astype(np.uint16)
    tifffile.imwrite(
        tmp_path / "a.tif", np.stack([cells, blank, mask]), imagej=True, metadata={"axes": "CYX"}
    )
    dataset = read(tmp_path)
    assert len(dataset.train[0].hr) == 1
    assert dataset.skipped["a.tif"].startswith(
        "used in part: channel 2 is left out: every pixel is 0"
    )
    assert "channel 3 is left out: a mask" in dataset.skipped["a.tif"]


def test_little_data_is_said_plainly(tmp_path, monkeypatch):
    for i, piece in enumerate(pieces(12)):
        Image.fromarray(piece).save(tmp_path / f"{i:02}.png")
    held_out, note = read(tmp_path).notes
    (pair,) = read(tmp_path).held_out
    assert held_out == f"Held out: {pair.name}."
    assert "little to learn from: 11 images with 0.045 million pixels" in note
    assert "Expect a table for images just like these" in note
    monkeypatch.setattr(training_data, "ENOUGH_PIXELS", 40_000)
    assert read(tmp_path).notes == (held_out,)


def test_a_folder_without_images(tmp_path):
    with pytest.raises(TrainingDataError, match=r"missing: no such folder"):
        read(tmp_path / "missing")
    with pytest.raises(TrainingDataError, match="found no image files, expected PNG, JPEG"):
        read(tmp_path)
    Image.fromarray(np.zeros_like(GREY)).save(tmp_path / "black.png")
    with pytest.raises(TrainingDataError, match=r"found no usable image .* black\.png: every"):
        read(tmp_path)
    Image.fromarray(GREY).save(tmp_path / "one.png")
    message = "one.png: found this image alone, 64 x 64 pixels, expected at least 80 x 32"
    with pytest.raises(TrainingDataError, match=message):
        read(tmp_path)


def test_a_folder_that_vanishes_while_it_is_read(tmp_path, monkeypatch):
    folder = tmp_path / "stick"
    folder.mkdir()
    for name in ("0.png", "1.png"):
        Image.fromarray(GREY).save(folder / name)
    read_planes = training_data.read_planes

    def pulled(path, **options):
        shutil.rmtree(folder, ignore_errors=True)
        return read_planes(path, **options)

    monkeypatch.setattr(training_data, "read_planes", pulled)
    with pytest.raises(TrainingDataError, match="stick: vanished while its images were read"):
        read(folder)


def test_smaller_versions_are_learned_from_too(tmp_path):
    for number, piece in enumerate(pieces(4, 128)):
        Image.fromarray(piece).save(tmp_path / f"{number}.png")
    plain, more = read(tmp_path), read(tmp_path, multi_scale=(0.5, 0.1))
    assert [p.name for p in more.held_out] == [p.name for p in plain.held_out]
    assert [p.name for p in more.train] == [p.name for p in plain.train]
    parts = {p.name.split(" at ")[1] for p in more.augmented}
    assert parts == {"1/2"}, "a tenth would be too small"
    added = more.augmented
    assert added[0].hr.shape[1:] == (64, 64) and added[0].lr.shape[1:] == (32, 32)


def test_lr_pixels_can_begin_elsewhere(folder):
    plain, more = read(folder), read(folder, sub_pixel_phases=2)
    assert [p.name for p in more.held_out] == [p.name for p in plain.held_out]
    assert len(more.augmented) == 3 * len(more.train)
    for pair in more.augmented:
        name, place = pair.name.split(" from ")
        down, right = (int(part) for part in place.split(", "))
        original = next(p for p in plain.train if p.name == name)
        height, width = pair.hr.shape[1:]
        moved = original.hr[:, down : down + height, right : right + width]
        np.testing.assert_array_equal(pair.hr, moved)
        np.testing.assert_array_equal(pair.lr, Degradation().downscale(moved, 2))
    assert {p.name.split(" from ")[1] for p in more.augmented} == {"0, 1", "1, 0", "1, 1"}
