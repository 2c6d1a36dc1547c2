"""Photons of a camera that multiplies electrons are noise; hot pixels, as far above, are none."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.noise_scenes import cells, spots, threads

from napari_autolut import denoise, estimate_noise, upscale
from napari_autolut.arrays import averaged, resize
from napari_autolut.noise.outliers import sample_without_outliers
from napari_autolut.noise.single_photons import noise_of_single_photons
from tests.noise.scenes import simulated

GAIN, DARK = 100, 200
"""Grey levels of a multiplied electron on average, and without one."""


def multiplied(light: np.ndarray, read: float, seed: int = 1) -> np.ndarray:
    """What such a camera makes of expected photons; read noise in grey levels."""
    rng = np.random.default_rng(seed)
    photons = rng.poisson(light)
    electrons = rng.gamma(np.maximum(photons, 1e-9), GAIN) * (photons > 0)
    return np.rint(electrons + rng.normal(DARK, read, light.shape)).clip(0).astype(np.uint16)


def with_hot(scene: np.ndarray, share: float, kind: str) -> np.ndarray:
    """A camera's frame of 1,000 photons with pixels that are hot, or salt."""
    rng = np.random.default_rng(2)
    frame = rng.poisson(scene * 1000) * 3.0 + rng.normal(100, 5, scene.shape)
    hot = rng.random(scene.shape) < share
    frame[hot] += 6000 if kind == "salt" else rng.exponential(3000, hot.sum())
    return np.rint(frame).clip(0, 65535).astype(np.uint16)


@pytest.mark.parametrize("scene", [cells, threads])
@pytest.mark.parametrize("photons", [0.3, 1])
@pytest.mark.parametrize("read", [3, 6])
def test_their_noise_is_found_however_few_they_are(scene, photons, read):
    """The variance of multiplied electrons is twice that of photons of their mean."""
    image = multiplied((simulated(scene, 256) + 0.01) * photons, read)
    assert sample_without_outliers([image]).outliers is None
    noise = estimate_noise(image)
    assert noise.gain == pytest.approx(2 * GAIN, rel=0.35)
    assert not noise.is_correlated


@pytest.mark.parametrize("read", [3, 10])
@pytest.mark.parametrize("photons", [0.3, 0.5])
def test_denoising_and_enlarging_take_it_away(photons, read):
    """They lost 1 dB to interpolation: photons were taken for hot pixels, or for structure."""
    fine = (simulated(cells, 512) + 0.01) * photons
    light = averaged(fine, 2)
    image = multiplied(light, read)

    def error(result, truth):
        return np.sqrt(np.mean((result.astype(float) - DARK - GAIN * truth) ** 2))

    assert error(denoise(image), light) < 0.25 * error(image, light)
    interpolated = resize(image.astype(float), 2)
    assert error(upscale(image, "micro-x2"), fine) < 0.35 * error(interpolated, fine)


@pytest.mark.parametrize("scene", [cells, threads, spots])
@pytest.mark.parametrize(("share", "kind"), [(0.001, "hot"), (0.01, "hot"), (0.03, "salt")])
def test_hot_pixels_are_none(scene, share, kind):
    image = with_hot(simulated(scene, 256) + 0.02, share, kind)
    assert noise_of_single_photons([image]) is None


@pytest.mark.parametrize("value", [0, 7, np.nan])
def test_images_that_tell_nothing(value):
    for shape in ((64, 64), (3, 5), (0, 9)):
        assert noise_of_single_photons([np.full(shape, value)]) is None
    few = np.zeros((64, 64))
    few[::16, ::16] = np.arange(16).reshape(4, 4) * 100.0
    assert noise_of_single_photons([few]) is None
