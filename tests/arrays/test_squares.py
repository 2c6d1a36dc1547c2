"""Tables that sum filters in squares: squares begin where the image does, whatever is computed."""

import dask.array as da
import numpy as np
import pytest

from napari_autolut import denoise, load_model, upscale
from napari_autolut.arrays import finish, run
from napari_autolut.arrays.image import Axes
from napari_autolut.arrays.noisy import task_for
from napari_autolut.arrays.value_range import Range
from napari_autolut.denoising import DenoisingTask
from napari_autolut.engine import plane_engine
from napari_autolut.util.boxes import Box

MODEL = load_model("natural-x2-light")
SHAPE = 61, 83


def scene(dtype=np.float32, shape=SHAPE):
    """Of floats, whose results tell what rounding to integers would hide."""
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    values = 120 + 60 * np.sin(rows / 3) * np.cos(columns / 5) + (rows * 7 + columns * 3) % 11
    return values.astype(dtype)


def settled(image, **axes):
    return task_for(image, Axes(axes.pop("spatial", (0, 1)), **axes), (Range(0, 255),), MODEL)


@pytest.mark.parametrize("side", [5, 16, 27])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_tiles_of_any_size(side, dtype):
    image = scene(dtype)
    if dtype == np.float32:
        image[20:23, 31:34] = np.nan
    task, engine = settled(image), plane_engine()
    whole = finish(run(task, engine, tile_size=1000, warn=False))
    np.testing.assert_array_equal(finish(run(task, engine, tile_size=side, warn=False)), whole)


def test_a_region_that_begins_anywhere():
    task, engine = settled(scene()), plane_engine()
    whole = finish(run(task, engine, warn=False))
    part = finish(run(task, engine, region=Box(7, 40, 13, 50), warn=False))
    np.testing.assert_array_equal(part, whole[14:80, 26:100])


def test_patches_that_are_read_alone():
    task, engine = settled(scene()), plane_engine()
    whole = finish(run(task, engine))
    for block in task.blocks([Box(5, 17, 9, 31), Box(30, 61, 51, 83)]):
        patch, place = task.patch(block)
        found = task.on_patch(block, patch, place).computed(place, engine)
        np.testing.assert_array_equal(found, task.target(whole, block, task.whole))


@pytest.mark.parametrize("scale", [2, 1.7])
def test_chunks_of_any_size(scale):
    image = scene()
    whole = upscale(image, MODEL, scale=scale, value_range=(0, 255))
    lazy = upscale(da.from_array(image, (23, 31)), MODEL, scale=scale, value_range=(0, 255))
    np.testing.assert_array_equal(lazy.compute(), whole)


def test_colours_through_luma():
    image = np.stack([scene(), scene()[::-1], scene()[:, ::-1]], -1)
    options = {"rgb": True, "colour": "luma", "value_range": (0, 255)}
    whole = upscale(image, MODEL, **options)
    lazy = upscale(da.from_array(image, (23, 31, 3)), MODEL, **options)
    np.testing.assert_array_equal(lazy.compute(), whole)


@pytest.mark.parametrize("strength", [1.0, 0.5])
def test_denoised_tiles_and_chunks(strength):
    photons = np.random.default_rng(0).poisson(np.tile(scene(), (3, 3)) / 4.0)
    image = (20 * photons).astype(np.uint16)
    whole = denoise(image, strength=strength)
    lazy = denoise(da.from_array(image, (67, 91)), strength=strength)
    np.testing.assert_array_equal(lazy.compute(), whole)
    task = DenoisingTask.of(image.astype(np.float32), Axes((0, 1)), strength=strength)
    whole, tiled = (finish(run(task, plane_engine(), tile_size=side)) for side in (1000, 37))
    np.testing.assert_array_equal(tiled, whole)
