"""What follows from a noise model, by hand."""

import math

import numpy as np
import pytest

from napari_autolut.noise import NoiseModel

CAMERA = NoiseModel(2.0, -100.0)
"""Two grey levels a photon, above an offset of 50."""


def test_no_variance_is_negative():
    np.testing.assert_array_equal(CAMERA.variance([0, 50, 80]), [0, 0, 60])


@pytest.mark.parametrize("noise", [CAMERA, NoiseModel(0.0, 9.0, (0.5, 0.1), 0.7)])
def test_a_strength_is_one_of_the_deviation_at_every_mean(noise):
    """So that twice the strength has four times the variance, and begins in the same dark."""
    stronger = noise.scaled(2.0)
    means = np.array([20.0, 50.0, 130.0])
    np.testing.assert_allclose(stronger.variance(means), 4 * noise.variance(means))
    assert stronger.dark == noise.dark
    assert (stronger.correlation, stronger.certainty) == (noise.correlation, noise.certainty)


def test_photons_are_counted_from_the_dark():
    assert CAMERA.dark == 50
    assert [CAMERA.photons(each) for each in (40, 50, 80)] == [0, 0, 15]


def test_without_a_gain_nothing_is_dark_and_photons_are_many():
    constant = NoiseModel(0.0, 9.0)
    assert constant.dark == -math.inf and constant.photons(5.0) == math.inf


def test_correlation_is_of_numbers():
    for wrong in ((10**400,), ("a",), 5):
        with pytest.raises(TypeError, match="expected a sequence of numbers"):
            NoiseModel(1.0, 0.0, wrong)


def test_noise_is_none_where_no_mean_has_any():
    assert NoiseModel(0.0, 0.0).is_none and NoiseModel(0.0, -1.0).is_none
    assert not NoiseModel(0.0, 1.0).is_none and not NoiseModel(1.0, -5.0).is_none


def test_correlation_counts_twice_in_wide_waves():
    """A mean of very many pixels has each lag on both sides; it cannot be less than none."""
    assert math.isclose(NoiseModel(1.0, 0.0, (0.5, 0.2)).widest_waves, 2.4)
    assert NoiseModel(1.0, 0.0, (-0.9,)).widest_waves == 0
    assert NoiseModel(1.0, 0.0, (0.1,)).is_correlated
    assert not NoiseModel(1.0, 0.0, (0.09, 0.5)).is_correlated


@pytest.mark.parametrize("offset", [1000, 32_768, 1_000_000])
@pytest.mark.parametrize("gain", [0.30004, 1.00046, 9.29])
def test_rounding_keeps_the_noise_of_detectors_far_from_zero(gain, offset):
    """Four digits of the variance at 0 left none of it, or twice as much."""
    exact = NoiseModel(gain, 4 * gain**2 - gain * offset)
    bright = offset + np.array([1.0, 40.0]) * gain
    np.testing.assert_allclose(exact.rounded().variance(bright), exact.variance(bright), rtol=0.11)
