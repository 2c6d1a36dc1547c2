"""Flat stays flat: shipped tables give constant images and ramps back."""

import numpy as np
import pytest

from napari_autolut import list_models, load_model
from napari_autolut.engine import fast

SHIPPED = [entry.name for entry in list_models() if entry.origin == "shipped"]
SLOPES = (0.1, 0.3, 1.0, 2.5, 4.0)
"""Levels a pixel."""


@pytest.mark.parametrize("name", SHIPPED)
def test_constant_images_come_back(name):
    model = load_model(name)
    for level in np.arange(0, 255.1, 0.5, np.float32):
        answer = fast.upscale_plane(model, np.full((2, 3), level, np.float32))
        assert abs(answer - level).max() < 0.05


@pytest.mark.parametrize("direction", [(0.0, 1.0), (1.0, 0.0), (0.6, -0.8)])
@pytest.mark.parametrize("name", SHIPPED)
def test_ramps_come_back(name, direction):
    model = load_model(name)
    around = model.halo
    for slope in SLOPES:
        place = np.arange(2 * around + 4) - around - 1.5
        finer = (np.arange(len(place) * model.scale) + 0.5) / model.scale - 0.5 - around - 1.5
        coarse, fine = (
            128 + slope * np.add.outer(direction[0] * x, direction[1] * x) for x in (place, finer)
        )
        if coarse.min() < 0 or coarse.max() > 255:
            continue
        # Enlarged borders are continued in other ways; a denoiser's ramps come back there, too.
        whole = model.noise_floor > 0
        seen = slice(None) if whole else slice(around * model.scale, -around * model.scale)
        answer = fast.upscale_plane(model, coarse.astype(np.float32))
        assert abs(answer - fine)[seen, seen].max() < 0.3
