"""The fast engine gives the reference's bits."""

import os
import subprocess
import sys
import threading
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_autolut.engine import fast, plane_engine, reference
from napari_autolut.model import (
    Branch,
    Card,
    ChannelNode,
    LutModel,
    Signal,
    SpatialNode,
    Table,
)
from tests.models import lut_models, planes, random_model


def plane_for(rng, shape):
    return rng.uniform(0, 255, shape).astype(np.float32)


@given(lut_models(max_grid_size=5), planes(20), st.sampled_from([1, 2, 3]))
def test_random_models(model, plane, threads):
    expected = reference.upscale_plane(model, plane)
    np.testing.assert_array_equal(fast.upscale_plane(model, plane, threads=threads), expected)


@given(lut_models(max_grid_size=5), planes(20), st.sampled_from([2, 3, 5]))
def test_nodes_overlap_in_time_and_not_in_what_they_read(model, plane, threads):
    """Bands of a row or two of every kind of graph, where threads run ahead of one another."""
    expected = reference.upscale_plane(model, plane)
    with patch("napari_autolut.engine.threads.PIXELS_PER_BAND", 4):
        result = fast.upscale_plane(model, plane, threads=threads)
    np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("grid_size", [2, 3, 6, 9, 17])
@pytest.mark.parametrize("dtype", ["int8", "int16", "float32"])
def test_grids_and_stored_types(grid_size, dtype):
    rng = np.random.default_rng(grid_size)
    model = random_model(rng, grid_size=grid_size, table_dtype=dtype, window=5)
    plane = plane_for(rng, (19, 23))
    expected = reference.upscale_plane(model, plane)
    np.testing.assert_array_equal(fast.upscale_plane(model, plane), expected)


@pytest.mark.parametrize(
    ("dtype", "channels"),
    [*(("int8", n) for n in (2, 3, 5, 8, 9, 16, 37)), ("int16", 3), ("int16", 5), ("float32", 2)],
)
def test_rows_of_any_length(dtype, channels):
    """They are padded, and cut where no kernel holds them."""
    rng = np.random.default_rng(channels)
    model = random_model(
        rng, upscales=(1, 1), grid_size=5, channels=channels, branches=1, table_dtype=dtype
    )
    plane = plane_for(rng, (3, 37))
    expected = reference.upscale_plane(model, plane)
    np.testing.assert_array_equal(fast.upscale_plane(model, plane), expected)


@pytest.mark.parametrize(("upscale", "channels"), [(2, 2), (2, 3), (2, 7), (3, 1), (3, 3), (4, 2)])
@pytest.mark.parametrize("rotations", [1, 4])
def test_blocks_of_several_channels(upscale, channels, rotations):
    rng = np.random.default_rng(channels)
    model = random_model(rng, upscales=(upscale, 1), grid_size=3, channels=channels, branches=1,
                         table_dtype="int16", rotations=rotations)  # fmt: skip
    plane = plane_for(rng, (5, 23))
    expected = reference.upscale_plane(model, plane)
    np.testing.assert_array_equal(fast.upscale_plane(model, plane), expected)


@pytest.mark.parametrize("rounding", ["none", "stage", "running", "branch"])
@pytest.mark.parametrize("dual", [False, True])
def test_rounding_rules_on_two_grids(rounding, dual):
    rng = np.random.default_rng(3)
    model = random_model(
        rng, upscales=(1, 4), grid_size=9, residual=True, dual=dual, rounding=rounding
    )
    plane = np.rint(plane_for(rng, (24, 40)))
    result = fast.upscale_plane(model, plane)
    np.testing.assert_array_equal(result, reference.upscale_plane(model, plane))
    assert (result != np.rint(result)).any() == (rounding == "none")


def test_two_input_table_with_a_node_for_every_value():
    rng = np.random.default_rng(4)
    windows = np.zeros((2, 2, 2), np.float32)
    windows[0, 0, 0] = windows[1, 0, 1] = 1
    table = Table(rng.integers(-127, 128, (257**2, 4)).astype(np.int8), 257, inputs=2)
    model = LutModel((SpatialNode((Branch(table, windows),), 1.0, 0.0, 2),), Card("V"))
    plane = plane_for(rng, (17, 5))
    expected = reference.upscale_plane(model, plane)
    np.testing.assert_array_equal(fast.upscale_plane(model, plane), expected)


def test_channel_look_up():
    rng = np.random.default_rng(5)
    inner = random_model(rng, upscales=(1,), channels=1).nodes[0]
    rows = rng.uniform(0, 255, (5**2, 1)).astype(np.float32)
    mixed = ChannelNode((Signal(1), Signal(0)), Table(rows, 5, inputs=2), bias=3.0)
    model = LutModel((inner, mixed), Card("channel"))
    plane = plane_for(rng, (11, 270))
    expected = reference.upscale_plane(model, plane)
    np.testing.assert_array_equal(fast.upscale_plane(model, plane), expected)


@pytest.mark.parametrize("width", [1, 15, 16, 17, 255, 256, 257, 600])
def test_every_width_around_vectors_and_blocks(width):
    rng = np.random.default_rng(width)
    model = random_model(rng, upscales=(1, 2), window=5, channels=2)
    plane = plane_for(rng, (3, width))
    expected = reference.upscale_plane(model, plane)
    np.testing.assert_array_equal(fast.upscale_plane(model, plane), expected)


def test_threads_give_the_same_bits():
    rng = np.random.default_rng(6)
    model = random_model(rng, upscales=(1, 2), window=5)
    plane = plane_for(rng, (150, 130))
    one = fast.upscale_plane(model, plane, threads=1)
    np.testing.assert_array_equal(fast.upscale_plane(model, plane, threads=4), one)


def test_ten_callers_at_once():
    rng = np.random.default_rng(7)
    model = random_model(rng, upscales=(1, 2), window=5)
    inputs = [plane_for(rng, (40 + i, 60)) for i in range(10)]
    expected = [fast.upscale_plane(model, plane) for plane in inputs]
    results = [None] * 10

    def work(i):
        results[i] = fast.upscale_plane(model, inputs[i])

    threads = [threading.Thread(target=work, args=(i,)) for i in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result, wanted in zip(results, expected, strict=True):
        np.testing.assert_array_equal(result, wanted)


def test_input_is_left_alone():
    rng = np.random.default_rng(8)
    plane = plane_for(rng, (9, 9))
    before = plane.copy()
    fast.upscale_plane(random_model(rng), plane[:, ::-1])
    np.testing.assert_array_equal(plane, before)


def test_engine_names():
    assert plane_engine("auto").upscale.func is fast.upscale_plane
    assert plane_engine("reference").upscale is reference.upscale_plane
    with pytest.raises(ValueError, match=r"found .slow., expected one of auto, fast, .*torch"):
        plane_engine("slow")


def test_works_without_a_cache_folder(tmp_path):
    """Nowhere to keep machine code: the engine compiles again and gives its result."""
    program = (
        "import numba.core.caching as caching\n"
        "caching.CacheImpl._locator_classes = []\n"
        "import numpy as np\n"
        "from napari_autolut.engine import fast, reference\n"
        "from tests.models import identity_model\n"
        "plane = np.arange(12, dtype=np.float32).reshape(3, 4)\n"
        "model = identity_model(2)\n"
        "a, b = fast.upscale_plane(model, plane), reference.upscale_plane(model, plane)\n"
        "assert (a == b).all()\n"
    )
    environment = os.environ | {"NUMBA_CACHE_DIR": ""}
    subprocess.run([sys.executable, "-c", program], check=True, env=environment, timeout=120)
