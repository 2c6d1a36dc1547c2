"""What was drawn is no noise, and what photons draw is."""

import numpy as np
import pytest
from benchmarks.noise_scenes import cells, spots, threads
from scipy.ndimage import gaussian_filter

from napari_autolut import estimate_noise
from napari_autolut.noise import NoiseModel
from napari_autolut.noise.drawn import is_drawn

ROWS, COLUMNS = np.indices((120, 130))
CHESS = ((ROWS // 3 + COLUMNS // 3) % 2 * 200 + 20) * ((ROWS < 40) | (COLUMNS > 60))
DISK = (np.hypot(ROWS - 50, COLUMNS - 60) < 35) * 200.0 + 20


@pytest.mark.parametrize("image", [CHESS.astype(np.uint8), DISK, np.rint(gaussian_filter(DISK, 1))])
def test_drawn(image):
    assert estimate_noise(image).is_none


@pytest.mark.parametrize("photons", [0.3, 3, 30])
def test_photons_on_dark_ground(photons):
    spots = gaussian_filter((np.random.default_rng(1).random((120, 130)) < 0.01) * 1.0, 3)
    image = np.random.default_rng(0).poisson(spots / spots.max() * photons)
    assert not estimate_noise(image.astype(np.uint16) * 7).is_none


@pytest.mark.parametrize(("gain", "read"), [(0.25, 1.0), (1.0, 0.3)])
@pytest.mark.parametrize("photons", [500, 5000])
def test_bright_cells_on_ground_that_is_quieter_than_a_grey_level(gain, read, photons):
    """Most neighbours are the same, for most are ground."""
    rng = np.random.default_rng(0)
    light = photons * np.clip(cells(rng, 256) - 0.25, 0, None) / 0.75
    noisy = np.rint(gain * (rng.poisson(light) + rng.normal(0, read, light.shape)) + 100)
    assert np.mean(noisy == 100) > 0.6
    assert estimate_noise(noisy.astype(np.uint16)).gain == pytest.approx(gain, rel=0.2)


@pytest.mark.parametrize("scene", [spots, threads])
def test_drawings_on_ground_with_few_darker_pixels_stay_drawn(scene):
    image = np.rint(200 * np.clip(scene(np.random.default_rng(0), 256) - 0.5, 0, None)) + 1
    image[::37, ::41] = 0
    assert is_drawn([image.astype(np.uint8)], NoiseModel(1.0, 0.0))


def test_doubled_pixels_and_many_planes():
    noisy = np.random.default_rng(0).poisson(20.0, (60, 64))
    doubled = np.kron(noisy, np.ones((2, 2), int)).astype(np.uint16)
    assert not is_drawn([doubled, np.zeros((0, 9), np.uint16)], NoiseModel(1.0, 0.0))
