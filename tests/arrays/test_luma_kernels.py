"""Phases of an enlarged row side by side, for every factor, and back."""

import numpy as np
import pytest

from napari_autolut.arrays.luma_kernels import interleave, part


@pytest.mark.parametrize("factor", [1, 2, 3, 4, 6])
def test_phases_lie_side_by_side_and_come_back(factor):
    row = np.random.default_rng(0).random(factor * 37).astype(np.float32)
    phases = np.empty((factor, 37), np.float32)
    part(row, phases)
    np.testing.assert_array_equal(phases, row.reshape(37, factor).T)
    back = np.empty_like(row)
    interleave(phases, back)
    np.testing.assert_array_equal(back, row)
