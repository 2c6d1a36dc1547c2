"""Folders of HR and LR images: which belong together, in one scale, unit and place."""

import re

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, rotate, zoom
from scipy.ndimage import shift as moved
from skimage import data, io

from autolut_training import api
from autolut_training.data import alignment
from autolut_training.data.alignment import Placement, aligned, placement
from autolut_training.data.pairs import read_pairs, scale_of_pairs
from autolut_training.data.parts import Pair
from autolut_training.settings import Settings, SettingsError
from napari_autolut import load_model
from napari_autolut.arrays.value_range import robust_range
from napari_autolut.training.degradation import Degradation
from napari_autolut.training.events import Started
from napari_autolut.training.images import TrainingDataError
from napari_autolut.training.request import TrainRequest
from tests.recipes import TINY, recipe_text

PICTURE = data.camera().astype(np.float32)


def pieces(count=4, side=128):
    return [PICTURE[side * i : side * (i + 1), 150 : 150 + side] for i in range(count)]


def downscaled(hr, scale=2):
    return Degradation("area").downscale(hr[None], scale)[0] if scale > 1 else hr


def save(path, values, dtype=np.uint8):
    path.parent.mkdir(parents=True, exist_ok=True)
    io.imsave(path, np.rint(values).astype(dtype), check_contrast=False)


@pytest.fixture
def folders(tmp_path):
    """Writes pairs; ``change(i, hr, lr)`` may change them."""

    def write(change=lambda i, hr, lr: (hr, lr), *, scale=2, dtype=np.uint8, suffix=".png"):
        for i, piece in enumerate(pieces()):
            hr, lr = change(i, piece, downscaled(piece, scale))
            save(tmp_path / "hr" / f"{i}{suffix}", hr, dtype)
            save(tmp_path / "lr" / f"{i}x{scale}{suffix}", lr, dtype)
        return tmp_path / "hr", tmp_path / "lr"

    return write


def automatic(values):
    """The range of upscaling: all but one in a thousand on either side."""
    found = robust_range(values)
    return found.lo, found.hi


def every(dataset):
    return sorted((*dataset.train, *dataset.held_out), key=lambda pair: pair.name)


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_pairs_are_found_and_said_to_fit(folders, scale):
    hr, lr = folders(scale=scale)
    assert scale_of_pairs(hr, lr) == scale
    dataset = read_pairs(hr, lr, scale, crop=16)
    assert len(dataset.held_out) == 1 and len(dataset.train) == 3 and not dataset.skipped
    for pair, piece in zip(every(dataset), pieces(), strict=True):
        np.testing.assert_array_equal(pair.hr[0], piece)
        np.testing.assert_array_equal(pair.lr[0], np.rint(downscaled(piece, scale)))
    assert (
        "The small images lie on their sharp images (+0.00 px in x and +0.00 px in y"
        in dataset.notes[0]
    )


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_a_shift_is_refused_and_measured(folders, scale):
    def change(i, hr, lr):
        return hr, downscaled(moved(hr, (-0.7 * scale, 1.5 * scale), mode="nearest"), scale)

    hr, lr = folders(change, scale=scale)
    with pytest.raises(TrainingDataError, match=r"lie \+1\.[45]\d px in x and -0\.[67]\d px in y"):
        read_pairs(hr, lr, scale, crop=16)


def test_sharp_images_are_moved_by_a_part_of_a_pixel(folders):
    """As of LR images of every second pixel; a table would learn to blur."""
    hr, lr = folders(lambda i, hr, lr: (hr, hr[::2, ::2]))
    dataset = read_pairs(hr, lr, 2, crop=16)
    assert re.search(r"\(\+0.2[56] px in x and \+0.2[56] px in y, median of 4\); 4 sharp ones",
                     dataset.notes[0])  # fmt: skip
    for pair, piece in zip(every(dataset), pieces(), strict=True):
        expected = moved(piece, (0.5, 0.5), order=5, mode="nearest")
        difference = (pair.hr[0] - expected)[8:-8, 8:-8]
        assert abs(difference).mean() < 1, "without it, four times as much"
        assert pair.hr.dtype == np.uint8


def test_each_pair_is_moved_by_its_own_shift_and_one_astray_is_left_out(folders):
    shifts = [(0.4, 0), (-0.4, 0.2), (6, 0), (0, 0)]
    hr, lr = folders(lambda i, hr, lr: (hr, downscaled(moved(hr, shifts[i], mode="nearest"))))
    dataset = read_pairs(hr, lr, 2, crop=16)
    found = dict(dataset.skipped)
    assert "lies +0.00 px in x and +3." in found.pop("2.png") and not found
    for pair in every(dataset):
        assert placement(pair, 2).beside(0, 0) < 0.03


@pytest.mark.parametrize(
    "change", [lambda hr: zoom(hr, 1.03)[2:130, 2:130], lambda hr: rotate(hr, 1.5, reshape=False)]
)
def test_one_that_is_magnified_or_rotated_is_left_out(folders, change):
    """Its middle lies right, and its corners do not."""
    hr, lr = folders(lambda i, hr, lr: (hr, downscaled(change(hr)) if i == 1 else lr))
    dataset = read_pairs(hr, lr, 2, crop=16)
    assert "corners lie" in dataset.skipped["1.png"] and len(dataset.skipped) == 1


def test_a_shift_that_is_not_sure_is_that_of_most_others(monkeypatch):
    """A dim image of a series lies where the others do, not where its noise says."""
    shifts = {"sure": (0.2, 0.0, 0.01), "other": (0.3, 0.0, 0.01), "dim": (0.1, 0.4, 0.2)}
    by_name = {}

    def placed(pair, scale):
        return Placement(*shifts[pair.name], (1.0, 1.0), 0.0)

    monkeypatch.setattr(alignment, "placement", placed)
    monkeypatch.setattr(alignment, "_moved", lambda pair, by, _: by_name.update({pair.name: by}))
    plane = np.zeros((1, 4, 4))
    aligned([Pair(name, plane, plane) for name in shifts], 1)
    assert by_name == {"sure": (0.2, 0.0), "other": (0.3, 0.0), "dim": (0.2, 0.0)}


def test_noise_and_blur_are_no_displacement(folders):
    random = np.random.default_rng(0)

    def change(i, hr, lr):
        return hr, (gaussian_filter(lr, 1) + random.normal(0, 12, lr.shape)).clip(0, 255)

    dataset = read_pairs(*folders(change), 2, crop=16)
    assert not dataset.skipped and len(every(dataset)) == 4


def test_mixed_scales_are_an_error(folders):
    hr, lr = folders(lambda i, hr, lr: (hr, hr[::4, ::4] if i == 3 else lr))
    with pytest.raises(TrainingDataError, match=r"3\.png: found a scale of 4 .* expected 2"):
        read_pairs(hr, lr, 2, crop=16)


def test_what_does_not_fit_is_listed(folders):
    def change(i, hr, lr):
        return hr, {1: lr[:50], 3: 255 - lr}.get(i, lr)

    hr, lr = folders(change)
    save(hr / "alone.png", PICTURE)
    save(lr / "deep" / "0.png", PICTURE)
    dataset = read_pairs(hr, lr, 2, crop=16)
    assert dict(dataset.skipped) == {
        "hr/alone.png": "no pair",
        "lr/deep/0.png": "no pair",
        "1.png": "128 x 128 pixels, and the small image of the pair has 64 x 50; expected 1, 2, 3 "
        "or 4 times as many a side",
        "3.png": "does not show what the small image of the pair shows (correlation -1.00)",
    }


def test_sizes_may_leave_a_remainder(folders):
    hr, lr = folders(lambda i, hr, lr: (hr[:127, :127], lr[:63, :63]))
    assert {pair.hr.shape for pair in every(read_pairs(hr, lr, 2, crop=16))} == {(1, 126, 126)}


def test_values_in_the_units_of_the_small_images(folders):
    """16 bits: the LR image's automatic range is 0 to 255; a brighter HR image is brought to it."""
    hr, lr = folders(
        lambda i, hr, lr: (100 * hr + 500, 20 * lr + 90), dtype=np.uint16, suffix=".tif"
    )
    for pair, piece in zip(every(read_pairs(hr, lr, 2, crop=16)), pieces(), strict=True):
        low, high = automatic(np.rint(downscaled(piece)))
        assert (pair.lr.min(), pair.lr.max()) == (0, 255)
        np.testing.assert_allclose(pair.hr[0], (piece - low) * (255 / (high - low)), atol=3)


def test_bytes_of_another_exposure_are_brought_to_the_small_images_too(folders):
    """Else a table would brighten, and its gain over interpolation would be that."""
    hr, lr = folders(lambda i, hr, lr: (hr, 0.4 * lr + 20))
    for pair in every(read_pairs(hr, lr, 2, crop=16)):
        binned = pair.hr.reshape(1, 64, 2, 64, 2).mean((2, 4))
        assert np.polyfit(pair.lr.ravel(), binned.ravel(), 1) == pytest.approx([1, 0], abs=1)
        assert abs(binned.mean() - pair.lr.mean()) < 1


def test_equal_units_are_left_alone(folders):
    hr, lr = folders(lambda i, hr, lr: (50 * hr, 50 * lr), dtype=np.uint16, suffix=".tif")
    for pair, piece in zip(every(read_pairs(hr, lr, 2, crop=16)), pieces(), strict=True):
        low, high = automatic(np.rint(50 * downscaled(piece)))
        expected = (50 * piece - low) * (255 / (high - low))
        np.testing.assert_allclose(pair.hr[0], expected, rtol=1e-4, atol=1e-3)


def test_one_image_in_several_degradations_is_learned_from_in_all(folders):
    """Copies are pairs of which both images are the same; all others stay on one side."""
    hr, lr = folders()
    for i, piece in enumerate(pieces()):
        save(hr / f"{i}-soft.png", piece)
        save(lr / f"{i}-softx2.png", downscaled(gaussian_filter(piece, 1.5)))
        save(hr / f"{i}-again.png", piece)
        save(lr / f"{i}-againx2.png", downscaled(piece))
    dataset = read_pairs(hr, lr, 2, crop=16)
    assert sorted(dataset.skipped) == [f"{i}.png" for i in range(4)]
    assert len(every(dataset)) == 8
    sides = [{pair.name[0] for pair in part} for part in (dataset.train, dataset.held_out)]
    assert not sides[0] & sides[1]


def test_a_run_on_pairs(folders, tmp_path):
    hr, lr = folders()
    recipe = tmp_path / "small.toml"
    degradation = {"method": "gaussian", "sigma": 1.0, "noise": 3.0}
    recipe.write_text(recipe_text(**TINY | degradation | {"scale": 4}))
    out = tmp_path / "t.safetensors"
    api.train_request(TrainRequest(hr, out, lr, str(recipe)))
    model = load_model(out)
    assert model.scale == 2, "as the pairs have it"
    assert "undoes what the LR images of the pairs suffer from" in model.card.description


def test_given_without_images_and_the_other_way_round(folders, tmp_path):
    hr, lr = folders()
    small = Settings.of(scale=2, steps=2, minutes=None, crop=16)
    with pytest.raises(SettingsError, match="found bicubic and LR images in"):
        api.train_folder(hr, tmp_path / "t.safetensors", small, lr=lr)
    given = Settings.of(scale=1, steps=2, minutes=None, crop=16, method="given", grids=((0.0, 3),))
    with pytest.raises(SettingsError, match="found given and no folder of LR images"):
        api.train_folder(hr, tmp_path / "t.safetensors", given)
    with pytest.raises(SettingsError, match="jpeg: found 5, expected 0, as LR images are given"):
        Settings.of(method="given", jpeg=5)


def test_at_scale_1_pairs_are_what_there_is_to_undo(folders, tmp_path):
    hr, lr = folders(lambda i, hr, lr: (hr, hr + 9), scale=1)
    given = Settings.of(scale=1, channels=(1,), branches=1, window=3, skip=False, steps=1,
                     minutes=None, crop=16, batch=1, method="given", grids=((0.0, 3),))  # fmt: skip
    events = list(api.train_folder(hr, tmp_path / "t.safetensors", given, lr=lr))
    assert isinstance(events[0], Started) and "The small images lie on" in events[0].notes[0]


def test_nothing_belongs_together(tmp_path):
    save(tmp_path / "hr" / "a.png", PICTURE)
    save(tmp_path / "lr" / "b.png", PICTURE)
    with pytest.raises(TrainingDataError, match="found no image that belongs to one of"):
        scale_of_pairs(tmp_path / "hr", tmp_path / "lr")
