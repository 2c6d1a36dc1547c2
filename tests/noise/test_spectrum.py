"""How much white noise a spectrum has room for."""

import numpy as np
import pytest
from benchmarks.noise_scenes import soft, tissue
from scipy.ndimage import gaussian_filter

from napari_autolut import estimate_noise
from napari_autolut.noise import NoiseModel
from napari_autolut.noise.spectrum import bounded, white_floor


def plane(structure, noise, side=256, seed=0):
    """Structure whose power falls with the cube of the frequency, and white noise."""
    rng = np.random.default_rng(seed)
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side))
    frequency[0, 0] = np.inf
    spectrum = np.fft.rfft2(rng.normal(size=(side, side))) * frequency**-1.5
    fine = np.fft.irfft2(spectrum, (side, side))
    return 1000 + structure * fine / fine.std() + rng.normal(0, noise, (side, side))


@pytest.mark.parametrize("structure", [True, False])
def test_noise_that_is_there_stays(structure):
    noise = NoiseModel(0.0, 25.0)
    assert bounded(noise, [plane(0.0, 5.0)], structure=structure) == noise


def test_small_planes_keep_their_noise():
    """Few frequencies tell of noise there, so that all pixels have to count."""
    floors = np.array([white_floor(plane(0.0, 5.0, side=64, seed=seed)) for seed in range(60)]) / 25
    assert np.mean(floors, 0) == pytest.approx(1.0, abs=0.05)
    assert np.quantile(floors, 0.05, 0).min() > 0.75
    assert np.quantile(floors, 0.95, 0).max() < 1.25


@pytest.mark.parametrize("sigma", [5.0, 20.0])
def test_structure_is_no_room_for_noise(sigma):
    found = bounded(NoiseModel(0.0, 90.0**2), [plane(300.0, sigma)], structure=True)
    assert found.offset_variance < (12.0**2 if sigma == 5 else 26.0**2)
    assert found.offset_variance > 0.5 * sigma**2


def test_structure_counts_as_noise_where_blocks_are_sure():
    planes = [plane(300.0, 5.0)]
    sure, unsure = (
        bounded(NoiseModel(0.0, 90.0**2), planes, structure=structure)
        for structure in (False, True)
    )
    assert sure.offset_variance > unsure.offset_variance


def test_planes_that_tell_nothing():
    noise = NoiseModel(0.0, 25.0)
    hole = plane(0.0, 1.0)
    hole[5, 5] = np.nan
    assert bounded(noise, [hole, np.zeros((8, 8))], structure=True) == noise


def test_saturated_pixels_have_no_noise():
    values = np.clip(plane(0.0, 5.0), None, 1000.0)
    noise = NoiseModel(0.0, 25.0)
    assert bounded(noise, [values], structure=False).offset_variance >= 0.6 * 25


def found_behind_a_filter(scene, sigma):
    """Deviation of the noise that is found, as a multiple of what is left of it."""
    light = (scene(np.random.default_rng(5), 384) * 0.95 + 0.05) * 1000
    noisy = np.random.default_rng(1).poisson(light) + 100.0
    left = gaussian_filter(noisy, sigma) - gaussian_filter(light + 100, sigma)
    found = estimate_noise(gaussian_filter(noisy, sigma))
    assert found.is_correlated
    return float(np.sqrt(found.variance(light + 100).mean()) / left.std())


def test_noise_behind_a_filter_is_found_as_it_is():
    assert found_behind_a_filter(soft, 1.0) == pytest.approx(1.0, abs=0.15)
    assert found_behind_a_filter(soft, 1.5) > 0.75


@pytest.mark.parametrize("sigma, most", [(0.7, 1.15), (1.0, 1.2)])
def test_soft_structure_behind_a_filter_has_no_room_for_so_much_noise(sigma, most):
    assert found_behind_a_filter(tissue, sigma) < most
