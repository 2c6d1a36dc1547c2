import math

import numpy as np

from napari_autolut.util.ranks import rank_correlation


def test_only_the_order_counts():
    numbers = np.array([[3.0, 1.0], [2.0, 5.0]])
    assert rank_correlation(numbers, np.exp(numbers)) == 1
    assert rank_correlation(numbers, -(numbers**3)) == -1


def test_equal_numbers_share_a_rank():
    assert math.isclose(rank_correlation(np.array([1, 1, 2]), np.array([1, 2, 3])), 0.75**0.5)


def test_a_constant_has_none():
    assert math.isnan(rank_correlation(np.ones(3), np.arange(3)))
