"""Whole numbers are counted, all others sorted: both tell the same of a sample."""

import numpy as np
import pytest

from napari_autolut import NoiseModel
from napari_autolut.noise.darkest import (
    every_other_pixel,
    from_the_dark,
    sample_quantiles,
    without_padding,
)

NOISE = NoiseModel(2.0, 5.0)


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2"])
def test_whole_numbers_tell_what_floats_do(dtype):
    rng, limits = np.random.default_rng(0), np.iinfo(dtype)
    image = rng.normal(limits.min / 2 + limits.max / 2, limits.max / 6, (60, 70))
    image = np.clip(np.rint(image), limits.min, limits.max).astype(dtype)
    image[:30, :20] = limits.min
    counted, placed = every_other_pixel([image]), every_other_pixel([image.astype(float)])
    assert counted.dtype == image.dtype
    assert sample_quantiles(counted) == sample_quantiles(placed)
    (values, padding), (expected, black) = (
        without_padding(sample, NOISE) for sample in (counted, placed)
    )
    assert padding == black
    np.testing.assert_array_equal(values, expected)


def test_samples_may_be_empty():
    for dtype in (np.uint8, np.float64):
        none = np.zeros(0, dtype)
        assert sample_quantiles(none) == (0.0, 0.5, 1.0)
        assert without_padding(none, NOISE)[1] is None


@pytest.mark.parametrize("photons, kept", [(10, False), (1000, True)])
def test_pixels_below_the_dark_level_are_read_noise_where_there_is_much_light(photons, kept):
    rng, read = np.random.default_rng(0), 1.2
    light = np.zeros((128, 128))
    light[:, :16] = photons
    image = rng.poisson(light) + rng.normal(10, read, light.shape)
    noise = NoiseModel(1.0, read**2 - 10)
    assert (from_the_dark(noise, [image], 0.0, 0.0) == noise) == kept
