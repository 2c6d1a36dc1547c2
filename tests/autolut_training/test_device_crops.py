"""Crops cut on a device show what crops cut on the CPU show."""

import numpy as np
import pytest
import torch

from autolut_training.data.crop_source import crop_source, fitted, smallest_side
from autolut_training.data.crops import CropSampler
from autolut_training.data.device_crops import DeviceCrops, livelier
from autolut_training.data.parts import Pair
from autolut_training.settings import Settings

SETTINGS = Settings.of(scale=2, crop=16, intensity_augmentation=0.0)


def pair(name, planes, rows, columns, dtype=np.float32):
    """Every LR pixel has a value of its own; HR repeats it."""
    values = np.random.default_rng(rows).permutation(planes * rows * columns)
    lr = (values % 256 if dtype == np.uint8 else values / values.max() * 255).astype(dtype)
    lr = lr.reshape(planes, rows, columns)
    return Pair(name, np.repeat(np.repeat(lr, 2, 1), 2, 2), lr)


PAIRS = [pair("a", 1, 16, 40), pair("b", 3, 24, 17)]


def is_inside(crop, plane):
    """Whether a crop is somewhere in a plane, in one of four orientations."""
    places = np.lib.stride_tricks.sliding_window_view(plane, crop.shape)
    oriented = (crop, crop[::-1], crop.T, crop.T[::-1])
    return any((places == side).all((2, 3)).any() for side in oriented)


def test_crops_are_partners_and_lie_inside():
    small, large = DeviceCrops(PAIRS, SETTINGS, np.random.default_rng(0)).batch(24)
    assert small.shape == (24, 1, 16, 16) and large.shape == (24, 1, 32, 32)
    torch.testing.assert_close(large[:, :, ::2, ::2], small)
    planes = [plane for pair in PAIRS for plane in pair.lr]
    for crop in small[:, 0].numpy():
        assert any(is_inside(crop, plane) for plane in planes)


def test_8_bit_planes_stay_small():
    crops = DeviceCrops([pair("a", 1, 20, 20, np.uint8)], SETTINGS, np.random.default_rng(0))
    assert crops.lr.dtype == torch.uint8
    small, large = crops.batch(4)
    assert small.dtype == torch.float32
    torch.testing.assert_close(large[:, :, ::2, ::2], small)


def test_intensities_are_varied_in_step():
    settings = SETTINGS.changed(intensity_augmentation=0.5)
    small, large = DeviceCrops(PAIRS, settings, np.random.default_rng(0)).batch(64)
    torch.testing.assert_close(large[:, :, ::2, ::2], small)
    assert small.min() >= -1e-3 and small.max() <= 255.001
    assert 20 < (small.std((1, 2, 3)) < 68).sum() < 44, "about half of the crops are changed"


@pytest.mark.parametrize("noise", [{"noise": 10.0}, {"photons": 30.0}])
def test_noise_is_for_lr_and_the_same_again(noise):
    settings = SETTINGS.changed(**noise)
    small, large = DeviceCrops(PAIRS, settings, np.random.default_rng(5)).batch(8)
    assert (large[:, :, ::2, ::2] - small).std() > 3
    again, _ = DeviceCrops(PAIRS, settings, np.random.default_rng(5)).batch(8)
    assert torch.equal(small, again)


@pytest.mark.parametrize(("noise", "variance"), [({"noise": 10.0}, 100), ({"photons": 51.0}, 500)])
def test_noise_has_its_size(noise, variance):
    """A hundred levels are 20 of 51 photons, with a variance of 20 of them, 5 levels each."""
    flat = np.full((1, 24, 24), 100, np.float32)
    flat_pair = Pair("flat", np.repeat(np.repeat(flat, 2, 1), 2, 2), flat)
    crops = DeviceCrops([flat_pair], SETTINGS.changed(**noise), np.random.default_rng(0))
    small, _ = crops.batch(64)
    assert abs(float(small.mean()) - 100) < 1
    assert abs(float(small.var()) / variance - 1) < 0.1


def test_of_two_crops_the_livelier_one_is_taken():
    crops = torch.tensor([1.0, 5.0, 2.0, 4.0, 3.0, 6.0])[:, None, None] * torch.rand(6, 8, 8)
    assert livelier(crops).tolist() == [3, 1, 5]  # of 0 and 3, 1 and 4, 2 and 5


def test_crops_reach_every_border():
    lr = np.zeros((1, 18, 18), np.float32)
    lr[0, 0, :] = lr[0, :, 0] = lr[0, -1, :] = lr[0, :, -1] = 255
    frame = Pair("frame", np.repeat(np.repeat(lr, 2, 1), 2, 2), lr)
    small, _ = DeviceCrops([frame], SETTINGS, np.random.default_rng(0)).batch(60)
    flat = small[:, 0]
    sides = flat[:, 0].mean(1), flat[:, -1].mean(1), flat[:, :, 0].mean(1), flat[:, :, -1].mean(1)
    assert all(float(side.max()) == 255 for side in sides)


def test_the_processor_cuts_its_own():
    assert isinstance(crop_source(PAIRS, SETTINGS, np.random.default_rng(0)), CropSampler)


def test_crops_shrink_to_the_smallest_image_and_become_more() -> None:
    """No image is left out for being small; each step still sees as many pixels."""
    wide = Settings.of(crop=64, batch=4)
    image = Pair("large", np.zeros((1, 200, 200), np.uint8), np.zeros((1, 100, 100), np.uint8))
    small = Pair("small", np.zeros((1, 82, 120), np.uint8), np.zeros((1, 41, 60), np.uint8))
    assert fitted(wide, [image]) == wide
    shrunk = fitted(wide, [image, small])
    assert (shrunk.data.crop, shrunk.optimiser.batch) == (32, 16)
    assert smallest_side(64) == 32
    assert smallest_side(16) == 16
