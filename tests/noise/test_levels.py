"""Noise of images that are to be enlarged: rather too little than too much, where it is weak."""

import numpy as np
import pytest
from benchmarks.noise_scenes import cells
from scipy.ndimage import gaussian_filter

from napari_autolut.noise import NoiseModel, levels
from napari_autolut.noise.fitting import Fit


@pytest.mark.parametrize("start", [5_000, 15_000])
def test_no_line_starts_above_the_darkest_pixels(monkeypatch, start):
    """As where bright structure was taken for noise; the noise of the median is as it was found."""
    image = np.random.default_rng(0).normal(20_000, 3_000, (96, 96))
    darkest, median = np.quantile(image[::2, ::2], (0.001, 0.5))
    found = NoiseModel(9e4 / (median - start), -start * 9e4 / (median - start))
    monkeypatch.setattr(levels, "fit_of_planes", lambda planes: Fit(found))
    taken = levels.found_noise([image])
    assert taken.dark == pytest.approx(min(start, darkest))
    assert taken.variance(median) == pytest.approx(9e4)


@pytest.mark.parametrize("deviation, share", [(200.0, 1.0), (4.0, 0.5)])
def test_strong_noise_is_taken_as_it_was_found(monkeypatch, deviation, share):
    """What the spectrum has room for is the limit of weak noise alone."""
    ramp = np.linspace(100.0, 300.0, 128)
    image = ramp + np.random.default_rng(0).normal(0, deviation, (128, 128))
    found = NoiseModel(0.0, 4 * deviation**2)
    monkeypatch.setattr(levels, "fit_of_planes", lambda planes: Fit(found))
    taken = levels.found_noise([image])
    assert taken.offset_variance == pytest.approx(share * share * found.offset_variance, rel=0.15)


@pytest.mark.parametrize("side, correlated", [(256, True), (192, False)])
def test_small_images_do_not_tell_correlated_noise(monkeypatch, side, correlated):
    image = np.random.default_rng(0).normal(1_000, 100, (side, side))
    found = NoiseModel(0.0, 1e4, (0.5, 0.1))
    monkeypatch.setattr(levels, "fit_of_planes", lambda planes: Fit(found))
    assert levels.found_noise([image]).is_correlated == correlated


@pytest.mark.parametrize(
    "side, blur, filtered", [(160, 0.7, True), (96, 0.7, False), (160, 0, False)]
)
def test_small_images_say_where_noise_looks_filtered(side, blur, filtered):
    light = (cells(np.random.default_rng(3), side) + 0.05) * 200
    counts = np.random.default_rng(4).poisson(light).astype(float)
    found = levels.found_noise([gaussian_filter(counts, blur)])
    assert (found.softness > 0) == filtered


@pytest.mark.parametrize("photons, read", [(5, 0.1), (10, 0.1), (300, 1.5), (1000, 1.5)])
def test_pixels_darker_than_the_dark_level_hide_no_noise(photons, read):
    """Most pixels have no photon, and read noise makes some darker than no light does."""
    rng, gain = np.random.default_rng(0), 1000 / photons
    seen = rng.poisson(cells(np.random.default_rng(10), 256) * photons)
    image = seen * gain + rng.normal(100 + gain, read * gain, seen.shape)
    taken = levels.found_noise([image])
    assert 0.7 * gain < taken.gain < 1.1 * gain


def test_an_image_lies_in_the_levels_and_its_means_come_back():
    noise, random = NoiseModel(2.0, 50.0), np.random.default_rng(0)
    clean = np.repeat(np.linspace(200.0, 2000.0, 64), 4096).reshape(512, 512)
    noisy = clean + random.normal(size=clean.shape) * np.sqrt(noise.variance(clean))
    made = levels.Levels.of([noisy], noise, [10.0, 3.0])
    assert made.sigma == 3.0  # 43 deviations and those of the noise are no 255 levels at 10
    seen = made(noisy)
    assert np.percentile(seen, 1) > 0 and np.percentile(seen, 99) < 255
    assert (seen - made(clean)).std() == pytest.approx(3.0, rel=0.03)
    means = made.expected(seen.reshape(64, -1).mean(1))
    np.testing.assert_allclose(means, clean.reshape(64, -1)[:, 0], rtol=0.01)


@pytest.mark.parametrize(("brightest", "sigma"), [(220, 10.0), (245, 3.0)])
def test_levels_leave_a_deviation_beyond_both_ends(brightest, sigma):
    """Of a range of 24 deviations and one more at each end, 255 levels hold none of 10 levels."""
    ramp = np.linspace(0, brightest, 2**16).reshape(256, 256)
    found = levels.Levels.of([ramp], NoiseModel(0.0, 100.0), (10.0, 3.0))
    assert found.sigma == sigma
    darkest, lightest = np.quantile(found(ramp), (0.001, 0.999))
    assert abs(darkest - sigma) < 0.5 and lightest < 255 - sigma
