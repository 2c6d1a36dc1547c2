"""Blocks of a task: which there are, and that together they are the result."""

import numpy as np
import pytest

from napari_autolut.arrays import Axes, Range, Task, finish, run
from napari_autolut.engine import plane_engine
from napari_autolut.util.boxes import grid_boxes
from tests.models import random_model
from tests.pictures import picture

MODEL = random_model(np.random.default_rng(7), upscales=(1, 2), window=3)
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
