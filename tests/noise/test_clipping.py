"""At which intensities planes are cut off."""

import numpy as np
import pytest

from napari_autolut.noise.clipping import cut_off


def ground(mean, deviation, photon=0.0, seed=0):
    """Dark ground and a brighter half, rounded and cut off at 0."""
    rng = np.random.default_rng(seed)
    light = np.full((128, 128), mean)
    light[:, 64:] += 40.0
    seen = rng.poisson(np.maximum(light, 0) / photon) * photon if photon else light
    return np.clip(np.rint(seen + rng.normal(0, deviation, light.shape)), 0, 255)


@pytest.mark.parametrize("mean", [0.05, 0.3])
@pytest.mark.parametrize("photon", [1.0, 3.0])
def test_no_photon_is_no_lower_limit(photon, mean):
    assert cut_off(ground(mean * photon, 0.0, photon))[0] == -np.inf


@pytest.mark.parametrize("mean", [-5.0, -2.0, 0.0])
def test_read_noise_is_cut_off(mean):
    assert cut_off(ground(mean, 4.0))[0] == 0


@pytest.mark.parametrize("deviation", [0.4, 0.7])
def test_weak_noise_that_is_rounded_is_not_counts(deviation):
    """Dark squares alone look like counts of single photons; bright ones are not as noisy."""
    assert cut_off(ground(-0.2, deviation))[0] == 0


def test_white():
    image = ground(100.0, 4.0)
    assert cut_off(image) == (-np.inf, np.inf)
    assert cut_off(np.minimum(image, 140))[1] == 140
    assert cut_off(np.where(np.arange(128) < 5, np.nan, np.minimum(image, 140)))[1] == 140


@pytest.mark.parametrize(("bright", "white"), [(30, 255.0), (1, np.inf)])
def test_few_pixels_of_the_highest_intensity_are_saturated_and_one_is_not(bright, white):
    plane = np.random.default_rng(0).uniform(10, 200, (128, 128))
    plane.flat[np.arange(bright) * 500] = 255
    assert cut_off(plane) == (-np.inf, white)
