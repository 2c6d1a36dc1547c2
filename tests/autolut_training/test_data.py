"""Folders of images as training data: what is read, what is skipped, what is said of it."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image
from skimage import data, measure
from skimage.feature import match_template

from autolut_training.data import dataset as training_data
from autolut_training.data.dataset import read_folder
from napari_autolut.arrays.value_range import resolve_range
from napari_autolut.training.blank import is_noise
from napari_autolut.training.images import TrainingDataError, image_files
from napari_autolut.training.likeness import likeness, signature
from napari_autolut.training.planes import read_planes

PICTURE = data.camera()
GREY = PICTURE[:64, 100:164]
COLOURS = data.astronaut()[:64, 200:264]


def read(folder, **options):
    return read_folder(folder, 2, crop=16, **options)


def pieces(count, side=64):
    """Pieces of a photograph that do not overlap."""
    starts = range(0, 513 - side, side)
    places = [(y, x) for y in starts for x in starts]
    return [PICTURE[y : y + side, x : x + side] for y, x in places[:count]]


def planes(dataset):
    return {pair.name: pair.hr for pair in (*dataset.train, *dataset.held_out)}


def names(part):
    return sorted(Path(pair.name).name for pair in part)


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


HIDDEN = np.dstack([COLOURS.astype(np.uint16) * 40, np.full(GREY.shape, 65535)])
HIDDEN[:20] = (60000, 0, 60000, 0)
KINDS = {
    "float colours": np.float32(COLOURS / 255 * 0.8 + 0.1),
    "what alpha hides": HIDDEN.astype(np.uint16),
    "float colours beyond 1": np.float32(COLOURS) * 30,
    "signed": GREY.astype(np.int16) * 20 - 2000,
}


@pytest.mark.parametrize("kind", KINDS)
def test_images_train_in_the_range_that_upscaling_takes(tmp_path, kind):
    """In another one a table would meet other intensities than it has learned."""
    pixels = KINDS[kind]
    rgb, path = pixels.ndim == 3, tmp_path / "a.tif"
    extra = {"extrasamples": ["unassalpha"]} if pixels.shape[-1] == 4 else {}
    tifffile.imwrite(path, pixels, photometric="rgb" if rgb else "minisblack", **extra)
    expected = resolve_range(pixels, rgb=rgb)
    colours = np.moveaxis(pixels[..., :3], -1, 0) if rgb else pixels[None]
    levels = (colours.astype(float) - expected.lo) / expected.unit
    np.testing.assert_allclose(read_planes(path).values, levels.clip(0, 255), atol=1e-3)


def test_an_image_of_which_a_sample_is_one_value_is_skipped(tmp_path):
    """Its range is flat, and its intensities would be no numbers."""
    sparse = np.zeros((1100, 1100), np.uint16)
    sparse[1, 1] = 9
    assert resolve_range(sparse).is_flat
    tifffile.imwrite(tmp_path / "sparse.tif", sparse)
    with pytest.raises(TrainingDataError, match="hardly a pixel is other than 0, expected an"):
        read_planes(tmp_path / "sparse.tif")


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


def test_a_spot_in_one_plane_is_no_noise():
    planes = np.random.default_rng(0).normal(100, 5, (3, 600, 600))
    assert is_noise(planes)
    planes[0, 550:553, 550:553] += 100
    assert not is_noise(planes)


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


@pytest.mark.parametrize(("count", "held_out"), [(12, 1), (20, 2), (39, 3)])
def test_held_out_images_are_no_training_images(tmp_path, count, held_out):
    for i, piece in enumerate(pieces(count)):
        Image.fromarray(piece).save(tmp_path / f"{i:02}.png")
    dataset = read(tmp_path)
    assert [len(dataset.train), len(dataset.held_out)] == [count - held_out, held_out]
    assert not {*names(dataset.train)} & {*names(dataset.held_out)}
    assert names(read(tmp_path).held_out) == names(dataset.held_out)


def test_copies_are_found_and_used_once(tmp_path):
    """Six copies of one photograph once gave a figure of +3.95 dB, of pixels learned by heart."""
    picture = PICTURE[:200, :200]
    Image.fromarray(picture).save(tmp_path / "a.png")
    Image.fromarray(picture).save(tmp_path / "b.bmp")
    tifffile.imwrite(tmp_path / "c.tif", picture.astype(np.uint16) * 257)
    tifffile.imwrite(tmp_path / "d.tif", picture.astype(np.float32) / 255)
    Image.fromarray(np.dstack([picture] * 3)).save(tmp_path / "e.png")
    Image.fromarray(np.dstack([*[picture] * 3, np.full_like(picture, 200)])).save(
        tmp_path / "f.png"
    )
    dataset = read(tmp_path)
    copies = {name: why for name, why in dataset.skipped.items() if "the same as" in why}
    assert copies == {
        f"{name}": "shows the same as a.png" for name in ("b.bmp", "c.tif", "d.tif")
    } | {"f.png": "shows the same as e.png"}
    assert_nothing_is_on_both_sides(dataset)


def assert_nothing_is_on_both_sides(dataset, gap=16):
    """No held-out pixel, nor one near it, is learned from; all are pieces of PICTURE."""
    learned = np.zeros(PICTURE.shape, bool)
    for pair in dataset.train:
        top, left = place_of(pair.hr[0])
        _, rows, columns = pair.hr.shape
        learned[top : top + rows, left : left + columns] = True
    for pair in dataset.held_out:
        top, left = place_of(pair.hr[0])
        _, rows, columns = pair.hr.shape
        near = learned[
            max(0, top - gap) : top + rows + gap, max(0, left - gap) : left + columns + gap
        ]
        assert not near.any()


def place_of(plane):
    """Where a piece lies in PICTURE, whatever its range."""
    found = match_template(PICTURE.astype(float), plane.astype(float))
    assert found.max() > 0.999
    return np.unravel_index(found.argmax(), found.shape)


@pytest.mark.parametrize("name", ["", "one.png"], ids=["folder", "file"])
def test_one_image_is_enough(tmp_path, name):
    Image.fromarray(PICTURE[:200, :150]).save(tmp_path / "one.png")
    dataset = read(tmp_path / name)
    assert len(dataset.train) == len(dataset.held_out) == 1
    assert_nothing_is_on_both_sides(dataset)
    assert any("A part of the image is held out" in note for note in dataset.notes)


def test_one_stack_is_enough_and_slices_are_cut_at_one_place(tmp_path):
    drifting = np.stack([PICTURE[:120, i : i + 160] for i in range(12)])
    tifffile.imwrite(tmp_path / "stack.tif", drifting, imagej=True, metadata={"axes": "ZYX"})
    dataset = read(tmp_path)
    (train,), (held_out,) = dataset.train, dataset.held_out
    assert len(train.hr) == len(held_out.hr) == 12
    assert_nothing_is_on_both_sides(dataset, gap=4)


def test_of_a_stack_of_small_slices_the_last_are_held_out_with_a_gap(tmp_path):
    tifffile.imwrite(
        tmp_path / "stack.tif", np.stack(pieces(40, 40)), imagej=True, metadata={"axes": "ZYX"}
    )
    dataset = read(tmp_path)
    (train,), (held_out,) = dataset.train, dataset.held_out
    assert (len(train.hr), len(held_out.hr)) == (32, 6)


def test_frames_of_one_scene_are_cut_at_one_place(tmp_path):
    random = np.random.default_rng(0)
    for number in range(6):
        frame = random.poisson(np.asarray(PICTURE[:160, :160], float) * 10).astype(np.uint16)
        tifffile.imwrite(tmp_path / f"t{number}.tif", frame)
    dataset = read(tmp_path)
    assert names(dataset.train) == names(dataset.held_out)
    shapes = {pair.hr.shape for pair in dataset.held_out}
    assert len(shapes) == 1 and shapes != {(1, 160, 160)}


def frames(count, side, step, noise=6):
    """A scene that drifts by pixels from one frame to the next, in noise."""
    random = np.random.default_rng(0)
    seen = [PICTURE[100 : 100 + side, 120 + step * i :][:, :side] for i in range(count)]
    return [(each + random.normal(0, noise, each.shape)).clip(0, 255) for each in seen]


def write_stack(path, planes):
    stack = np.rint(planes).astype(np.uint8)
    tifffile.imwrite(path, stack, imagej=True, metadata={"axes": "TYX"})


def test_frames_that_drift_in_noise_are_known_as_one_scene(tmp_path):
    """No spot has the same neighbours in two of them, and no small image the same pixels."""
    for number, frame in enumerate(frames(10, 200, 16)):
        Image.fromarray(np.rint(frame).astype(np.uint8)).save(tmp_path / f"{number:02}.png")
    dataset = read(tmp_path)
    assert any("overlap or show one scene" in note for note in dataset.notes)


@pytest.mark.parametrize("turned", [1, -1], ids=["negative", "mirrored negative"])
def test_a_negative_is_no_other_image(turned):
    """It was held out, and its pixels were learned from by the image that it is of."""
    picture = PICTURE[:200, :150]
    others = [PICTURE[300:, :200], PICTURE[300:, 250:]]
    planes = [picture, (255 - picture)[:, ::turned], *others]
    assert likeness([signature(plane[None]) for plane in planes]).groups == [[0, 1], [2], [3]]


@pytest.mark.parametrize("angle", [-8, 2, 3, 5])
def test_a_copy_that_is_rotated_by_some_degrees_is_no_other_image(angle):
    """As after a registration: it was held out, and its pixels were learned from."""
    picture = np.asarray(PICTURE[:256, 100:356])
    copy = np.asarray(Image.fromarray(picture).rotate(angle, Image.Resampling.BICUBIC))
    others = [PICTURE[300:, :200], PICTURE[300:, 250:]]
    planes = [picture, copy, *others]
    assert likeness([signature(plane[None]) for plane in planes]).groups == [[0, 1], [2], [3]]


def test_files_of_frames_that_drift_are_cut_with_a_gap_as_wide(tmp_path):
    """One of them was held out as a whole, of which the others show nearly all."""
    for number, frame in enumerate(frames(8, 240, 6)):
        Image.fromarray(np.rint(frame).astype(np.uint8)).save(tmp_path / f"{number}.png")
    dataset = read(tmp_path)
    assert names(dataset.train) == names(dataset.held_out)
    gaps = np.subtract(240, [dataset.train[0].hr.shape, dataset.held_out[0].hr.shape]).sum(0) - 240
    assert max(gaps[1:]) == pytest.approx(16 + 42, abs=6)
    assert not any("show" in note for note in dataset.notes)


@pytest.mark.parametrize(("step", "between"), [(0, 16), (6, 64)])
def test_the_gap_is_as_wide_as_a_stack_drifts(tmp_path, step, between):
    write_stack(tmp_path / "t.tif", frames(9, 240, step))
    dataset = read(tmp_path)
    train, held_out = dataset.train[0].hr.shape, dataset.held_out[0].hr.shape
    gaps = [240 - a - b for a, b in zip(train, held_out, strict=True)][1:]
    assert max(gaps) == pytest.approx(between, abs=6)
    assert not any("show the same" in note for note in dataset.notes)


@pytest.mark.parametrize(("side", "step"), [(60, 0), (128, 30)])
def test_that_held_out_frames_show_what_is_learned_from_is_said(tmp_path, side, step):
    """There is no room for a region, or for the gap."""
    write_stack(tmp_path / "t.tif", frames(9, side, step))
    assert any("Slices or frames show the same" in note for note in read(tmp_path).notes)


def test_crops_that_overlap_a_held_out_one_are_left_out(tmp_path):
    for number in range(8):
        crop = PICTURE[50 * number : 50 * number + 100, 100:228]
        Image.fromarray(crop).save(tmp_path / f"{number}.png")
    dataset = read(tmp_path)
    assert len(dataset.held_out) == 1
    dropped = [n for n, why in dataset.skipped.items() if why == "shows a part of a held-out image"]
    assert dropped
    assert_nothing_is_on_both_sides(dataset, gap=0)


def test_what_overlaps_and_is_too_small_to_be_cut_is_said(tmp_path):
    for number in range(3):
        Image.fromarray(PICTURE[10 * number : 10 * number + 60, :60]).save(
            tmp_path / f"{number}.png"
        )
    dataset = read(tmp_path)
    assert (len(dataset.train), len(dataset.held_out)) == (2, 1)
    assert any("overlap or show one scene" in note for note in dataset.notes)


def test_images_are_split_alike_on_every_system(tmp_path):
    for name in ("b/1.png", "b-2.png", "B.png", "a.png", "c.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.fromarray(GREY).save(tmp_path / name)
    found = [path.relative_to(tmp_path).as_posix() for path in image_files(tmp_path)]
    assert found == ["B.png", "a.png", "b-2.png", "b/1.png", "c.png"]


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


def test_every_image_of_a_file_is_learned_from_or_held_out_as_a_whole(tmp_path):
    with tifffile.TiffWriter(tmp_path / "positions.ome.tif", ome=True) as writer:
        for piece in pieces(6):
            writer.write(piece, photometric="minisblack")
    Image.fromarray(COLOURS[..., 1]).save(tmp_path / "other.png")
    dataset = read(tmp_path)
    whole = {f"positions.ome.tif, series {n}": piece for n, piece in enumerate(pieces(6))}
    assert {*planes(dataset)} == {*whole, "other.png"}
    assert (len(dataset.train), len(dataset.held_out)) == (6, 1)
    for name, piece in whole.items():
        assert (planes(dataset)[name][0] == piece).all()


def test_neighbouring_slices_in_one_file_are_on_one_side(tmp_path):
    rng = np.random.default_rng(0)
    with tifffile.TiffWriter(tmp_path / "slices.ome.tif", ome=True) as writer:
        for _ in range(5):
            noisy = PICTURE[:200, :150] + rng.normal(0, 5, (200, 150))
            writer.write(noisy.clip(0, 255).astype(np.uint8), photometric="minisblack")
    dataset = read(tmp_path)
    assert (len(dataset.train), len(dataset.held_out)) == (5, 5)
    for first, second in zip(dataset.train, dataset.held_out, strict=True):
        together = [first.hr.shape[axis] + second.hr.shape[axis] for axis in (1, 2)]
        assert together in ([184, 300], [400, 134])
