"""What is measured of held-out images."""

import numpy as np
import pytest

from autolut_training.data.parts import Pair
from autolut_training.report.validation import bicubic_psnr, mean_psnr, validation_views
from napari_autolut.training.degradation import Degradation


def pair(hr):
    return Pair("cells", hr, hr[:, ::2, ::2])


@pytest.mark.parametrize("dark", [0, 9])
def test_places_with_nothing_on_them_decide_no_mean(dark):
    """Half of a frame of cells is black; interpolation gets that exactly."""
    hr = np.full((1, 400, 400), dark, np.uint8)
    hr[:, 200:] = np.random.default_rng(0).integers(0, 255, (1, 200, 400))
    views = validation_views([pair(hr)], 2, Degradation())
    assert views and all(np.ptp(truth) for truth, _ in views)
    assert mean_psnr([bicubic_psnr(view, 2) for view in views]) < 30


def test_an_image_with_nothing_on_it_is_measured_all_the_same():
    views = validation_views([pair(np.zeros((1, 400, 400), np.uint8))], 2, Degradation())
    assert len(views) == 4


def test_noise_of_a_detector_is_of_other_scenes_in_each_view():
    hr = np.random.default_rng(0).integers(0, 255, (1, 400, 400)).astype(np.uint8)
    how = Degradation(noise=3, stabilised=True)
    views, again = (validation_views([Pair("cells", hr, hr)], 1, how) for _ in range(2))
    assert len({round(float(clean.std()), 1) for clean, _ in views}) == len(views) == 4
    np.testing.assert_array_equal(views, again)
    assert all(0 < np.std(seen - clean) < 4 for clean, seen in views)
