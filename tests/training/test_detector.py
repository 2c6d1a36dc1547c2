"""Crops as denoise() gives them to its tables: counts of a detector, stabilised."""

import numpy as np
import pytest

from napari_autolut.training.degradation import Degradation
from napari_autolut.training.detector import stabilised_counts


@pytest.fixture
def scenes():
    """Noisy and clean levels of a scene with a ground, at 60 brightnesses."""
    light = np.zeros((64, 64), np.float32)
    light[16:] = np.linspace(0, 255, 64)
    random = np.random.default_rng(0)
    return [stabilised_counts(light, 10.0, random) for _ in range(60)]


def test_noise_is_as_strong_as_it_was_asked_for(scenes):
    # Away from the ends, where it is cut off, and from few counts, where there is less.
    spread = [
        (noisy - clean)[(clean > 60) & (clean < 200)] for noisy, clean in scenes if clean.max() > 90
    ]
    assert len(spread) > 30
    assert np.median([each.std() for each in spread]) == pytest.approx(10, abs=0.4)


def test_clean_levels_are_the_mean_of_noisy_ones(scenes):
    errors = [(noisy - clean)[16:, 8:48].mean() for noisy, clean in scenes]
    assert np.mean(errors) == pytest.approx(0, abs=0.15)
    assert np.abs(errors).max() < 1


def test_dim_grounds_have_less_noise_than_bright_ones(scenes):
    grounds = [(noisy - clean)[:16].std() for noisy, clean in scenes]
    assert min(grounds) < 5 < 9 < max(grounds)


def test_levels_are_a_tables(scenes):
    for both in scenes:
        for levels in both:
            assert levels.dtype == np.float32 and levels.min() >= 0 and levels.max() <= 255
    widths = [np.ptp(clean) for _, clean in scenes]
    assert min(widths) < 70 and max(widths) > 200


def test_a_degradation_gives_both_sides_of_a_pair():
    light = np.full((8, 8), 90, np.float32)
    how = Degradation(noise=3, stabilised=True)
    noisy, clean = how.observed(light, light, np.random.default_rng(1))
    again = stabilised_counts(light, 3.0, np.random.default_rng(1))
    np.testing.assert_array_equal((noisy, clean), again)
    assert how.is_noisy and str(how) == "noise of counts, stabilised to 3"
    plain = Degradation(noise=3).observed(light, light, np.random.default_rng(1))
    assert plain[1] is light and plain[0].std() == pytest.approx(3, abs=1)


@pytest.mark.parametrize("others", [{}, {"noise": 3, "jpeg": 50}, {"noise": 3, "photons": 9}])
def test_stabilised_noise_stands_alone(others):
    with pytest.raises(ValueError, match="stabilised: found True, expected false but with noise"):
        Degradation(stabilised=True, **others)
