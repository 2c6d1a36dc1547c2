"""Planes with a border are what numpy pads."""

import numpy as np
import pytest

from napari_autolut.engine.borders import put_with_border, repeat_edges


@pytest.mark.parametrize("padding", ["edge", "reflect"])
@pytest.mark.parametrize("dtype", [np.float32, np.uint8])
@pytest.mark.parametrize("shape", [(7, 5), (1, 9), (9, 1), (1, 1)])
def test_borders(shape, dtype, padding):
    plane = np.random.default_rng(0).integers(0, 256, shape).astype(np.float32)
    for reach in (0, 1, 4):
        target = np.full((shape[0] + 2 * reach, shape[1] + 2 * reach + 3), 77, dtype)
        put_with_border(plane, target, padding)
        np.testing.assert_array_equal(target[:, :-3], np.pad(plane, reach, mode=padding))
        assert (target[:, -3:] == 77).all()


@pytest.mark.parametrize("shape", [(7, 5), (1, 9), (9, 1), (1, 1)])
@pytest.mark.parametrize("reach", [0, 1, 4])
def test_edges_are_repeated_around_what_is_there(shape, reach):
    plane = np.random.default_rng(0).random(shape).astype(np.float32)
    target = np.full((shape[0] + 2 * reach, shape[1] + 2 * reach + 3), 77, np.float32)
    target[reach:, reach:][: shape[0], : shape[1]] = plane
    repeat_edges(target, reach, shape[1])
    np.testing.assert_array_equal(target[:, :-3], np.pad(plane, reach, mode="edge"))
    assert (target[:, -3:] == 77).all()
