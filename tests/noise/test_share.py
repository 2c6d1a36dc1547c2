"""How much of an image's detail is noise."""

import numpy as np
import pytest

from napari_autolut.noise import NoiseModel
from napari_autolut.noise.share import share_of_noise

NOISE = NoiseModel(0.0, 9.0)


def white(deviation, seed=0):
    return np.random.default_rng(seed).normal(100, deviation, (96, 120))


def test_where_there_is_nothing_else_it_is_all():
    assert share_of_noise([white(3.0), white(3.0, 1)], NOISE) == pytest.approx(1, rel=0.03)


def test_detail_makes_it_less_and_slow_changes_do_not():
    detail = share_of_noise([np.hypot(white(3.0), white(9.0, 1))], NOISE)
    slow = share_of_noise([white(3.0) + np.arange(120)], NOISE)
    assert detail < 0.5 and slow == pytest.approx(1, rel=0.05)


def test_holes_and_flat_planes_do_not_count():
    image = white(3.0)
    expected = share_of_noise([image], NOISE)
    image[10, 10] = np.nan
    assert share_of_noise([image], NOISE) == pytest.approx(expected, rel=0.02)
    assert share_of_noise([np.full((9, 9), 7)], NOISE) == 0
