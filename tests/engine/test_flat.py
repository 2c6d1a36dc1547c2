"""Flat stays flat: shipped tables give constant images back, at every level and border."""

import numpy as np
import pytest

from napari_autolut import list_models, load_model
from napari_autolut.engine import fast

SHIPPED = [entry.name for entry in list_models() if entry.origin == "shipped"]
FLAT = [name for name in SHIPPED if not name.startswith("denoise")]
"""Denoisers expect noise; what they make of none is no matter."""


@pytest.mark.parametrize("name", FLAT)
def test_constant_images_come_back(name):
    model = load_model(name)
    for level in np.arange(0, 255.1, 0.5, np.float32):
        answer = fast.upscale_plane(model, np.full((2, 3), level, np.float32))
        assert abs(answer - level).max() < 0.05
