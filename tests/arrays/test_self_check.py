"""What a smaller copy of an image says of how answers to it are to be mixed."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from napari_autolut import load_model, upscale
from napari_autolut.arrays import Axes, NoisyTask, Range, averaged, finish, run, task_for
from napari_autolut.arrays.self_check import Copy, best_shares, smaller_copy
from napari_autolut.engine import plane_engine
from napari_autolut.noise import NoiseModel


@pytest.mark.parametrize("scale", [2, 4])
def test_a_noisy_copy_is_as_noisy_as_the_image_and_shares_none_of_it_with_its_truth(scale):
    noise = NoiseModel(0.0, 9.0)
    image = np.random.default_rng(1).normal(100, 3, (512, 512))
    small, truth = smaller_copy([image], scale, noise)
    assert small.shape == (512 // scale, 512 // scale)
    assert small.std() == pytest.approx(3, rel=0.03)
    shared = np.mean((small - 100) * (averaged(truth, scale) - 100))
    assert abs(shared) < 0.02 * 9
    clean = smaller_copy([image], scale)
    np.testing.assert_array_equal(clean.small, averaged(clean.truth, scale))


def test_small_planes_and_those_with_holes_say_nothing():
    assert smaller_copy([np.ones((40, 200))], 2) is None
    assert smaller_copy([np.full((90, 90), np.nan)], 2) is None


def test_the_mix_that_is_closest_unless_the_usual_one_is_about_as_good():
    rng = np.random.default_rng(0)
    truth, one, other = rng.normal(size=(3, 128, 128))

    def shares(first, second):
        errors = [truth + first * one, truth + second * other]
        return best_shares(Copy(truth, truth), lambda small: errors, (0.95, 0.05))

    np.testing.assert_allclose(shares(1.0, 1.0), [0.5, 0.5])
    np.testing.assert_allclose(shares(2.0, 1.0), [0.2, 0.8])
    np.testing.assert_allclose(shares(1.0, 4.5), [0.95, 0.05])


def smooth(shape):
    scene = gaussian_filter(np.random.default_rng(0).normal(size=shape), 6)
    scene = np.clip(scene / scene.std(), 0, None) + 0.2
    return np.rint(scene * 10_000)


def test_a_smooth_image_is_in_part_interpolated_and_comes_out_better():
    truth = smooth((320, 360))
    image = averaged(truth, 2).astype(np.uint16)
    errors = [
        np.std((upscale(image, "micro-x2", noise=noise) - truth)[8:-8, 8:-8])
        for noise in ("auto", None)
    ]
    assert errors[0] < 0.95 * errors[1]


def test_the_same_bits_however_it_is_cut():
    image = averaged(smooth((330, 290)), 2).astype(np.uint16)
    image = np.stack([image, image[::-1]])
    whole = task_for(image, Axes((1, 2), channel=0), (Range(0, 60_000),), load_model("micro-x2"))
    assert isinstance(whole, NoisyTask)
    assert [each.noise for each in whole.enlargers] == [None, None]
    assert all(each.interpolated > 0 for each in whole.enlargers)
    engine = plane_engine("auto")
    expected = finish(run(whole, engine))
    np.testing.assert_array_equal(finish(run(whole, engine, tile_size=37)), expected)
