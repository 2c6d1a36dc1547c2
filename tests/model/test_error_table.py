"""Rules of error tables."""

import numpy as np
import pytest

from napari_autolut.model import ErrorTable
from tests.model.parts import refused

LIMITS = ((0.0, 1.0),) * 3


def table(values=None, limits=LIMITS):
    return ErrorTable(np.zeros((2, 3, 4), np.float32) if values is None else values, limits)


def test_a_good_one():
    assert table().values.shape == (2, 3, 4)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        (np.zeros((2, 3, 4)), "error table dtype"),
        (np.zeros((2, 3), np.float32), "error table shape"),
        (np.zeros((1, 3, 4), np.float32), "error table shape"),
        (np.zeros((2, 3, 65), np.float32), "error table shape"),
        (np.full((2, 2, 2), np.nan, np.float32), "error table values"),
        (np.full((2, 2, 2), 65, np.float32), "error table values"),
    ],
)
def test_bad_values(values, field):
    refused(field, lambda: table(values))


@pytest.mark.parametrize(
    "limits",
    [LIMITS[:2], ((1.0, 0.0), *LIMITS[1:]), ((0.0, np.nan), *LIMITS[1:]), ((0.0, 99.0),) * 3],
)
def test_bad_limits(limits):
    refused("error table limits", lambda: table(limits=limits))
