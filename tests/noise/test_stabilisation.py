"""Stabilised noise has deviation 1, and the way back is without bias."""

import numpy as np
import pytest

from napari_autolut.noise import NoiseModel
from napari_autolut.noise.stabilisation import expected, invert, raised, stabilise


@pytest.mark.parametrize("photons", [4, 20, 100, 1000])
@pytest.mark.parametrize("read", [0.0, 1.5])
def test_deviation_one(photons, read):
    rng = np.random.default_rng(0)
    values = 7.0 * (rng.poisson(photons, 200_000) + rng.normal(0, read, 200_000)) + 30
    noise = NoiseModel(7.0, 49 * read**2 - 7 * 30)
    assert stabilise(values, noise).std() == pytest.approx(1, abs=0.06)


@pytest.mark.parametrize("photons", [0, 0.3, 1, 3, 10, 100])
def test_the_mean_comes_back(photons):
    rng = np.random.default_rng(1)
    noise = NoiseModel(3.0, 0.0)
    mean = stabilise(3.0 * rng.poisson(photons, 400_000), noise).mean()
    assert invert(mean, noise) == pytest.approx(3 * photons, abs=0.03 + 0.005 * 3 * photons)


def test_order_is_kept_below_the_dark_level():
    values = invert(np.linspace(-2, 5, 50), NoiseModel(2.0, 1.0))
    assert (np.diff(values) > 0).all()


def test_below_no_photon_values_go_on_along_a_straight_line():
    none = 2 * np.sqrt(3 / 8)
    means = invert(none - np.array([0.0, 0.5, 1.0]), NoiseModel(1.0, 0.0))
    assert means == pytest.approx(-none * np.array([0.0, 0.25, 0.5]), abs=1e-6)


def test_gaussian_noise_is_only_scaled():
    noise = NoiseModel(0.0, 16.0)
    assert stabilise(np.array([8.0]), noise) == pytest.approx([2.0])
    assert invert(np.array([2.0]), noise) == pytest.approx([8.0])


def test_dark_pixels_stay_apart_where_the_model_has_no_noise():
    noise = NoiseModel(10.0, -3000.0)
    dark = np.array([100.0, 200.0, 280.0])
    assert len(np.unique(stabilise(dark, noise))) == 1
    assert (np.diff(stabilise(dark, raised(noise, 100.0, 500.0))) > 0).all()
    assert raised(NoiseModel(2.0, 50.0), 0.0, 100.0) == NoiseModel(2.0, 50.0)


@pytest.mark.parametrize("noise", [NoiseModel(3.0, -20.0), NoiseModel(0.0, 16.0)])
def test_expected_values_are_those_of_which_means_are_made(noise):
    means = np.linspace(7.0, 5000.0, 300)
    np.testing.assert_allclose(invert(expected(means, noise), noise), means, atol=1e-3)
    if noise.gain:
        counts = np.random.default_rng(2).poisson(2.0, 400_000) * 3.0 + 20 / 3
        found = expected([6.0 + 20 / 3], noise)[0]
        assert found == pytest.approx(stabilise(counts, noise).mean(), abs=0.02)


@pytest.mark.parametrize("gain", [1e-16, 1e-12, 1e-9])
def test_hardly_any_gain_is_none(gain):
    """The root of 1e32 photons has no digits left for intensities."""
    values = np.linspace(-50.0, 300.0, 100)
    almost, none = NoiseModel(gain, 265.0), NoiseModel(0.0, 265.0)
    for model in (almost, none):
        np.testing.assert_allclose(invert(stabilise(values, model), model), values, atol=1e-3)
    steps = [np.diff(stabilise(values, model)) for model in (almost, none)]
    np.testing.assert_allclose(*steps, rtol=1e-4)
