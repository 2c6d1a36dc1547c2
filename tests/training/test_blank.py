"""Noise alone is told from a faint image."""

import numpy as np

from napari_autolut.training.blank import is_noise


def test_a_spot_in_one_plane_is_no_noise():
    planes = np.random.default_rng(0).normal(100, 5, (3, 600, 600))
    assert is_noise(planes)
    planes[0, 550:553, 550:553] += 100
    assert not is_noise(planes)
