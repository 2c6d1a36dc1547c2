"""Blocks of a task: which there are, and that together they are the result."""

from dataclasses import replace

import numpy as np
import pytest

from napari_autolut.arrays import Axes, Range, Task, finish, run
from napari_autolut.arrays.patches import computed_blocks
from napari_autolut.engine import plane_engine
from napari_autolut.util.boxes import grid_boxes
from tests.models import doubling_model
from tests.pictures import picture

MODEL = doubling_model()
IDENTITY = (Range(0, 255),)
reference = plane_engine("reference")


def task_of(shape, spatial, *, rgb=False, channel=None, ranges=IDENTITY):
    return Task(picture(shape), Axes(spatial, rgb, channel), ranges, MODEL)


@pytest.mark.parametrize("together", [1, 2, 5])
@pytest.mark.parametrize(
    ("shape", "spatial", "rgb"),
    [
        ((9, 8), (0, 1), False),
        ((3, 2, 9, 8), (2, 3), False),
        ((9, 33, 8), (0, 2), False),
        ((2, 9, 8, 4), (1, 2), True),
        ((9, 8, 3), (1, 0), True),
    ],
)
def test_blocks_are_the_whole_result(shape, spatial, rgb, together):
    task = task_of(shape, spatial, rgb=rgb)
    expected = finish(run(task, reference))
    result = np.zeros_like(expected)
    planes = 0
    for block in task.blocks(list(grid_boxes(task.whole, 5)), together):
        target = task.target(result, block, task.whole)
        target[...] = task.computed(block, reference)
        planes += task.planes_in(block)
    np.testing.assert_array_equal(result, expected)
    assert planes == 4 * task.plane_count


class OnDisk:
    """An array that only gives what it is asked for, as those of a file do."""

    def __init__(self, values):
        self._values = values
        self.shape, self.dtype, self.ndim = values.shape, values.dtype, values.ndim

    def __getitem__(self, index):
        return self._values[index].copy()


@pytest.mark.parametrize("array", [np.asarray, OnDisk])
def test_blocks_computed_side_by_side_are_the_same(array, monkeypatch):
    """As on a card, where the next blocks are read and prepared while one is computed."""
    several = replace(reference, blocks_at_once=3)
    monkeypatch.setattr("napari_autolut.arrays.patches.plane_engine", lambda _: several)
    task = task_of((3, 20, 17), (1, 2))
    expected = finish(run(task, reference))
    np.testing.assert_array_equal(finish(run(task, several, tile_size=8)), expected)
    here = task.on(array(task.array))
    result = np.zeros_like(expected)
    for block, pixels in computed_blocks(here, here.blocks(list(grid_boxes(task.whole, 8)))):
        task.target(result, block, task.whole)[...] = pixels
    np.testing.assert_array_equal(result, expected)


def test_each_channel_has_its_range():
    ranges = (Range(0, 255), Range(10, 90))
    task = task_of((3, 2, 9, 8), (2, 3), channel=1, ranges=ranges)
    result = finish(run(task, reference))
    for channel, value_range in enumerate(ranges):
        alone = Task(task.array[:, channel], Axes((1, 2)), (value_range,), MODEL)
        np.testing.assert_array_equal(result[:, channel], finish(run(alone, reference)))


def test_a_block_says_whether_pixels_are_not_finite():
    image = np.zeros((2, 8, 8), np.float32)
    image[1, 6, 6] = np.nan
    task = Task(image, Axes((1, 2)), (Range(0, 1),), MODEL)
    found = [task.has_non_finite(block) for block in task.blocks(list(grid_boxes(task.whole, 4)))]
    assert found == [False] * 7 + [True]
