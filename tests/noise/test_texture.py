"""Texture is told from noise: lines, fringes, spots, filtered and mosaicked images."""

from itertools import product

import numpy as np
import pytest
from benchmarks.noise_scenes import cells, soft, spots, threads
from scipy.ndimage import convolve, gaussian_filter
from skimage import data

from napari_autolut import estimate_noise
from napari_autolut.noise import NoiseModel
from napari_autolut.noise.texture import is_texture
from tests.noise.scenes import recorded, simulated


@pytest.mark.parametrize("photons", [100, 5000])
def test_soft_structure_has_many_flat_places(photons):
    """A tenth of the blocks alone would scatter by 6 to 10 %."""
    gains = [
        estimate_noise(recorded(simulated(soft, 256, seed), photons, read=0, seed=noise)).gain
        for seed, noise in product(range(6), range(4))
    ]
    assert np.sqrt(np.mean((np.array(gains) / 20 - 1) ** 2)) < 0.048


@pytest.mark.parametrize("photons", [200, 500, 2000])
def test_dense_lines_are_not_correlated_noise(photons):
    """Between them the spectrum falls, but to a floor, which noise behind a blur has not."""
    noise = estimate_noise(recorded(simulated(threads) + 0.03, photons, read=0))
    assert not noise.is_correlated
    assert noise.gain == pytest.approx(20, rel=0.2)


@pytest.mark.parametrize("side", [256, 384])
def test_dense_lines_behind_a_blur_are_texture(side):
    """The spectrum is that of noise behind a blur, and all places have as much of it."""
    clean = 200 * (simulated(threads, side) + 0.03)
    noise = np.random.default_rng(0).poisson(20, (side, side)).astype(float)
    assert not estimate_noise(gaussian_filter(clean, 0.5)).is_correlated
    assert estimate_noise(gaussian_filter(noise, 0.8)).is_correlated


@pytest.mark.parametrize("sigma", [0.6, 1])
@pytest.mark.parametrize("structure, correlated", [(threads, False), (soft, True)])
def test_noisy_lines_behind_a_filter_are_texture(structure, correlated, sigma):
    """There is more than noise in the image, and most of what is fine would be noise."""
    noisy = np.random.default_rng(3).poisson(300 * (simulated(structure) + 0.03)).astype(float)
    assert estimate_noise(gaussian_filter(noisy, sigma)).is_correlated == correlated


@pytest.mark.parametrize("structure, correlated", [(threads, False), (cells, True)])
def test_lines_behind_a_colour_mosaic_are_texture(structure, correlated):
    """Noise between pixels is weaker, so that no shape tells lines: what would be lost does."""
    noisy = np.random.default_rng(0).poisson(100 * (simulated(structure, 320) + 0.05))
    red = np.zeros(noisy.shape)
    red[::2, ::2] = noisy[::2, ::2]
    between = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 4
    assert estimate_noise(convolve(red, between)).is_correlated == correlated


def test_black_ground_tells_nothing_of_texture():
    """The strength of what is all black is rounded to a little below zero."""
    image = np.zeros((256, 256))
    image[100:110, 100:110] = 1000.0
    with np.errstate(invalid="raise"):
        assert not is_texture([image], NoiseModel(0.0, 200.0**2, (0.5,)))


def test_fringes_are_not_correlated_noise():
    """Each block has as much of them, and noise has not."""
    phase = np.add.outer(np.arange(384) * 0.4, np.arange(384) * 1.1) + 3 * simulated(soft)
    noise = estimate_noise(recorded(0.5 + 0.4 * np.sin(phase), 200))
    assert not noise.is_correlated
    assert noise.variance(20 * 100 + 100) < 3 * 400 * 104


@pytest.mark.parametrize("gain", [0.02, 0.1])
def test_spots_on_black_ground_are_not_taken_for_noise(gain):
    """Eight bits, noise of half a level: nothing but rounding is left of it on the ground."""
    rng = np.random.default_rng(0)
    clean = simulated(spots) ** 2 * 120
    seen = rng.poisson(clean / gain) * gain + rng.normal(-0.3, 0.5, clean.shape)
    noise = estimate_noise(np.clip(np.rint(seen), 0, 255).astype(np.uint8))
    assert noise.variance(20) < 3 * (20 * gain + 0.33)


@pytest.mark.parametrize("name", ["coins", "moon"])
def test_photographs_have_no_correlated_noise(name):
    """Their middle frequencies differ much more from block to block than noise does."""
    assert not estimate_noise(getattr(data, name)()).is_correlated


@pytest.mark.parametrize("name", ["grass", "gravel"])
def test_texture_behind_a_blur_is_no_correlated_noise(name):
    """It grows from the flattest places to others, and noise does not."""
    rng = np.random.default_rng(3)
    texture = getattr(data, name)()[:384, :384] / 255
    seen = gaussian_filter(rng.poisson(texture * 300).astype(float), 0.8)
    noise = estimate_noise(seen)
    assert not noise.is_correlated and noise.certainty < 0.3


@pytest.mark.parametrize(("photons", "most"), [(300, 1.3), (3000, 1.8)])
def test_texture_without_flat_ground_is_not_all_noise(photons, most):
    clean = data.grass() / 255
    noise = estimate_noise(recorded(clean, photons))
    mean = photons * 20 * np.median(clean) + 100
    there = 400 * (photons * np.median(clean) + 4)
    assert 0.8 < np.sqrt(noise.variance(mean) / there) < most


def test_fine_structure_under_white_noise_is_no_correlated_noise():
    clean = gaussian_filter(data.grass()[:384, :384] / 255, 0.6)
    for photons in (100, 1000):
        assert not estimate_noise(recorded(clean, photons)).is_correlated
