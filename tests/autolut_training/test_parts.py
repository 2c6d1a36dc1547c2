"""Which part of the images is held out, so that nothing of it is learned from."""

import numpy as np
import pytest
import tifffile
from PIL import Image
from skimage.feature import match_template

from tests.autolut_training.photographs import COLOURS, PICTURE, names, pieces, planes, read


@pytest.mark.parametrize(("count", "held_out"), [(12, 1), (20, 2), (39, 3)])
def test_held_out_images_are_no_training_images(tmp_path, count, held_out):
    for i, piece in enumerate(pieces(count)):
        Image.fromarray(piece).save(tmp_path / f"{i:02}.png")
    dataset = read(tmp_path)
    assert [len(dataset.train), len(dataset.held_out)] == [count - held_out, held_out]
    assert not {*names(dataset.train)} & {*names(dataset.held_out)}
    assert names(read(tmp_path).held_out) == names(dataset.held_out)


def test_copies_are_found_and_used_once(tmp_path):
    """Six copies of one photograph would give +3.95 dB, of pixels learned by heart."""
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


def test_files_of_frames_that_drift_are_cut_with_a_gap_as_wide(tmp_path):
    """None is held out as a whole, for the others show nearly all of it."""
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
