"""Crops: HR and LR of one place, from everywhere, the livelier of two."""

import numpy as np

from autolut_training.data.crops import CropSampler
from autolut_training.data.parts import Pair


def test_crops_are_partners():
    """HR and LR of a crop show the same place, whatever the flips and turns."""
    rows, columns = np.mgrid[:64, :48].astype(np.float32)
    lr = (rows + 60 * columns)[None] / 12
    pair = Pair("ramp", np.repeat(np.repeat(lr, 2, 1), 2, 2), lr)
    sampler = CropSampler([pair], 2, 16, np.random.default_rng(0))
    small, large = sampler.batch(32)
    np.testing.assert_array_equal(large[:, :, ::2, ::2], small)
    assert len({tuple(crop.flatten()[:2].tolist()) for crop in small}) > 20


def test_of_two_crops_the_livelier_one_is_learned_from():
    """So that of an image of which a half is flat, a quarter of the crops are, and not a half."""
    lr = np.random.default_rng(0).uniform(0, 255, (1, 20, 600)).astype(np.float32)
    lr[..., :300] = 7
    sampler = CropSampler([Pair("half", lr, lr)], 1, 16, np.random.default_rng(0))
    small, _ = sampler.batch(200)
    assert 30 < int((small.std((1, 2, 3)) == 0).sum()) < 70


def test_crops_reach_every_border():
    lr = np.zeros((1, 18, 18), np.float32)
    lr[0, 0, :] = lr[0, :, 0] = lr[0, -1, :] = lr[0, :, -1] = 255
    sampler = CropSampler([Pair("frame", lr, lr)], 1, 16, np.random.default_rng(0))
    small, _ = sampler.batch(60)
    flat = small[:, 0]
    sides = flat[:, 0].mean(1), flat[:, -1].mean(1), flat[:, :, 0].mean(1), flat[:, :, -1].mean(1)
    assert all(float(side.max()) == 255 for side in sides)


def test_intensities_are_varied_in_step():
    """LR and HR of a crop get the same gain and offset, and stay in [0, 255]."""
    lr = np.random.default_rng(0).uniform(0, 255, (1, 40, 40)).astype(np.float32)
    pair = Pair("noise", np.repeat(np.repeat(lr, 2, 1), 2, 2), lr)
    sampler = CropSampler([pair], 2, 16, np.random.default_rng(0), intensity_augmentation=0.5)
    small, large = sampler.batch(64)
    np.testing.assert_array_equal(large[:, :, ::2, ::2], small)
    assert small.min() >= -1e-3 and small.max() <= 255.001
    spread = small.std((1, 2, 3))
    assert 20 < (spread < 0.95 * lr.std()).sum() < 40, "about half of the crops are changed"
