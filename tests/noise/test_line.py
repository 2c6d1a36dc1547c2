"""The line of variance over mean through points whose means have noise of their own."""

import numpy as np
import pytest

from napari_autolut.noise import line
from napari_autolut.noise.line import Points, line_through


def test_blocks_that_photons_make_brighter_lie_on_the_line_by_the_mean_of_all_their_pixels():
    others = np.linspace(0.0, 100.0, 25)
    sorted_by = others + np.linspace(0.0, 8.0, 25)
    variances = 2.0 * (sorted_by + others) / 2
    gain, offset, misfit = line_through(Points(sorted_by, others, variances, np.full(25, 50.0)))
    assert gain == pytest.approx(2.0, rel=1e-3)
    assert offset == pytest.approx(0.0, abs=0.05)
    assert misfit < 0.01


def test_gaussian_noise_says_nothing_of_the_pixels_that_blocks_are_not_sorted_by():
    others = np.linspace(0.0, 100.0, 25)
    points = Points(others + 8.0, others, 400.0 + 0.001 * others, np.full(25, 50.0))
    gain, offset, misfit = line_through(points)
    assert gain == pytest.approx(0.001, rel=0.01)
    assert offset == pytest.approx(400.0, rel=1e-4)
    assert misfit < 1e-4


def test_two_intensities_make_a_line():
    means = np.array([10.0, 30.0])
    gain, offset, _ = line_through(Points(means, means, 3.0 * means + 5.0, np.full(2, 50.0)))
    assert (gain, offset) == pytest.approx((3.0, 5.0))


def test_the_line_is_the_same_where_nothing_is_compiled(monkeypatch):
    draw = np.random.default_rng(5).uniform
    means = np.sort(draw(10.0, 200.0, 40))
    variances = (3.0 * means + 20.0) * draw(0.9, 1.6, 40)
    points = Points(means, means + draw(-1.0, 1.0, 40), variances, draw(16.0, 90.0, 40).round())
    quick = line_through(points)
    monkeypatch.setattr(line, "compiled", lambda module: None)
    assert line_through(points) == pytest.approx(quick, rel=1e-9)
