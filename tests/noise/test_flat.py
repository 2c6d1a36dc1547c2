"""Bins of blocks of like intensity: the flattest of each, and their medians."""

from __future__ import annotations

import numpy as np
import pytest

from napari_autolut.noise import flat
from napari_autolut.noise.flat import MIN_FLAT, Bins, Ranked, flat_bins

DRAW = np.random.default_rng(7)


@pytest.fixture(params=[0, flat.MANY], autouse=True)
def many(request, monkeypatch):
    """Bins sorted one by one, and together."""
    monkeypatch.setattr(flat, "MANY", request.param)


def test_medians_are_those_of_each_bin():
    values, counts = DRAW.normal(size=300), np.array([16, 33, 1, 40])
    blocks = DRAW.integers(0, 300, counts.sum())
    found = Bins(np.zeros(4, np.intp), counts, blocks).medians(Ranked.of(values))
    assert found.tolist() == [np.median(each) for each in np.split(values[blocks], [16, 49, 50])]


def test_parts_of_bins_leave_out_those_of_which_none_is_left():
    bins = Bins(np.array([0, 0, 1]), np.array([3, 2, 4]), np.arange(9))
    part = bins.between(np.array([1, 2, 0]), np.array([3, 2, 1]))
    assert [each.tolist() for each in part] == [[0, 1], [2, 1], [1, 2, 5]]


def test_flat_blocks_are_the_flattest_of_their_intensity():
    halves = DRAW.uniform(0.0, 100.0, (2000, 1)) + DRAW.normal(0.0, 0.1, (2000, 2))
    structure = DRAW.uniform(1.0, 2.0, 2000)
    bins = flat_bins(halves, Ranked.of(structure), Ranked.of(structure))
    assert (bins.counts >= MIN_FLAT).all()
    assert bins.medians(Ranked.of(structure)).max() < np.median(structure)
    means = bins.means(halves)
    assert np.diff(means[bins.halves == 0, 0]).max() < 0  # the brightest bin comes first


def test_few_blocks_make_one_bin_of_the_flattest():
    structure = DRAW.permutation(20).astype(float)
    bins = flat_bins(np.ones((20, 2)), *2 * [Ranked.of(structure)])
    assert sorted(structure[bins.blocks]) == pytest.approx(range(MIN_FLAT))
