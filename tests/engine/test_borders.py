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
    """Whatever the order in which rows come."""
    (height, width), random = shape, np.random.default_rng(0)
    planes = random.random((2, *shape)).astype(np.float32)
    target = np.full((2, height + 2 * reach, width + 2 * reach + 3), 77, np.float32)
    for y in random.permutation(height):
        target[:, reach + y, reach : reach + width] = planes[:, y]
        repeat_edges(target, reach, width, y, y + 1)
    for found, plane in zip(target, planes, strict=True):
        np.testing.assert_array_equal(found[:, :-3], np.pad(plane, reach, mode="edge"))
    assert (target[..., -3:] == 77).all()
