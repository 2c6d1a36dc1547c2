"""Levels far apart: the error of rounding belongs to the noise where it hides the other."""

import numpy as np
import pytest
from benchmarks.noise_scenes import cells, soft

from napari_autolut import denoise, estimate_noise
from napari_autolut.noise import NoiseModel
from napari_autolut.noise.rounding import level_distance, with_rounding

PHOTONS = 500


def recorded(scene, step, dtype=np.uint8):
    """An image of 8 bits that was rounded to levels so far apart: expected, and noisy."""
    light = (scene(np.random.default_rng(0), 256) + 0.05) * PHOTONS
    counts = np.random.default_rng(1).poisson(light) + np.random.default_rng(2).normal(
        0, 1.5, light.shape
    )
    unit = 180 / PHOTONS
    levels = step * np.rint((unit * counts + 20) / step)
    return unit * light + 20, np.clip(levels, 0, 255).astype(dtype)


@pytest.mark.parametrize("scene", [soft, cells])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_coarse_levels_are_denoised_as_with_the_true_noise(scene, dtype):
    clean, noisy = recorded(scene, 16, dtype)
    unit = 180 / PHOTONS
    truth = NoiseModel(unit, (unit * 1.5) ** 2 + 16**2 / 12 - unit * 20)
    found, given = (
        10 * np.log10(np.mean((each - clean) ** 2))
        for each in (denoise(noisy, estimate_noise(noisy)), denoise(noisy, truth))
    )
    assert found < given + 1.5


@pytest.mark.parametrize("step", [1, 4])
def test_noise_that_is_as_wide_as_levels_stays_as_it_is(step):
    _, noisy = recorded(soft, step)
    found = NoiseModel(0.36, -6.0)
    assert with_rounding(found, [noisy]) == found


def test_rounding_is_added_as_far_as_it_is_hidden():
    _, noisy = recorded(soft, 16)
    whole = 16**2 / 12
    assert with_rounding(NoiseModel(0.0, 1.0), [noisy]).offset_variance == 1 + whole
    half = with_rounding(NoiseModel(0.0, 36.0), [noisy]).offset_variance
    assert half == pytest.approx(36 + whole / 2)
    assert with_rounding(NoiseModel(0.0, 64.0), [noisy]).offset_variance == 64


def test_photons_are_not_rounded():
    counts = 16 * np.random.default_rng(0).poisson(0.05, (64, 64)).astype(np.uint16)
    noise = NoiseModel(16.0, 0.0)
    assert with_rounding(noise, [counts]) == noise


@pytest.mark.parametrize(
    ("values", "distance"),
    [
        ([0, 3, 3, 6, 6, 6, 9, 9, 12], 3),
        ([0, 2, 2, 4, 4, 4, 6, 6, 99], 2),  # few pixels are far away
        ([0, 5, 5, 0], 0),  # two levels tell of nothing
        (np.arange(2000), 0),
        ([7], 0),
        ([], 0),
    ],
)
def test_distance_of_levels(values, distance):
    assert level_distance(np.array(values, float)) == distance
