"""What was drawn is no noise, and what photons draw is."""

import numpy as np
import pytest
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


def test_doubled_pixels_and_many_planes():
    noisy = np.random.default_rng(0).poisson(20.0, (60, 64))
    doubled = np.kron(noisy, np.ones((2, 2), int)).astype(np.uint16)
    assert not is_drawn([doubled, np.zeros((0, 9), np.uint16)], NoiseModel(1.0, 0.0))
