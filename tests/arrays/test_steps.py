"""The loop over planes and tiles: holes, tiles, progress, stopping, memory; items side by side."""

import threading
import tracemalloc
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_autolut import upscale
from napari_autolut.arrays.steps import side_by_side
from napari_autolut.arrays.upscaling_steps import upscale_steps
from napari_autolut.arrays.value_range import IntensityWarning
from napari_autolut.engine import plane_engine
from tests.models import doubling_model, identity_model, lut_models
from tests.pictures import DTYPES, picture

MODEL = doubling_model()
reference = plane_engine("reference")


def enlarged(image, model=MODEL, **options):
    return upscale(image, model, engine="reference", **options)


def finished(steps):
    progress = []
    while True:
        try:
            progress.append(next(steps))
        except StopIteration as end:
            return end.value, progress


# --- NaN and infinity ----------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_nan_and_infinity_become_blocks(dtype):
    image = picture((12, 13), dtype)
    image[3, 4], image[5, 6], image[7:9, 8] = np.nan, np.inf, -np.inf
    with pytest.warns(IntensityWarning, match="NaN or infinite") as caught:
        found = enlarged(image)
    assert len(caught) == 1
    blocks = np.repeat(np.repeat(image, 2, 0), 2, 1)
    lost = ~np.isfinite(blocks)
    np.testing.assert_array_equal(found[lost], blocks[lost])
    assert np.isfinite(found[~lost]).all()


@pytest.mark.parametrize("value", [np.finfo(np.float64).min, 1.79e308, -8e307])
@pytest.mark.parametrize("scale", [None, 1.5])
def test_marks_of_no_data_whose_sums_overflow_become_blocks(value, scale):
    image = picture((12, 13), "float64")
    image[3:6, 4:7] = value
    with pytest.warns(IntensityWarning, match="NaN or infinite"):
        found = enlarged(image, scale=scale)
    rows, columns = found.shape
    assert np.isfinite(found).all() and found[rows * 4 // 12, columns // 2] == value
    assert np.abs(found[found != value]).max() < 1e4


@pytest.mark.filterwarnings("ignore::napari_autolut.arrays.value_range.IntensityWarning")
def test_holes_change_nothing_far_away():
    image = picture((20, 21), "float64")
    holed = image.copy()
    holed[2:4, 3] = np.nan
    found, expected = (enlarged(i, value_range=(0, 200)) for i in (holed, image))
    np.testing.assert_array_equal(found[16:], expected[16:])
    np.testing.assert_array_equal(found[:, 20:], expected[:, 20:])


@pytest.mark.filterwarnings("ignore::napari_autolut.arrays.value_range.IntensityWarning")
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nothing_finite(value):
    image = np.full((3, 4), value, np.float32)
    np.testing.assert_array_equal(enlarged(image), np.full((6, 8), value))


def test_one_warning_a_call():
    image = np.full((4, 30, 31), np.nan)
    steps = upscale_steps(
        image, MODEL, spatial_axes=(1, 2), rgb=False, engine="reference", tile_size=8
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        finished(steps)
    assert [w.category for w in caught] == [IntensityWarning]


# --- tiles and steps -----------------------------------------------------------------------------


@given(
    lut_models(scales=(1, 2, 3), max_grid_size=4),
    st.sampled_from(DTYPES),
    st.sampled_from([1, 2, 3, 5, 8]),
    st.integers(0, 2**32 - 1),
    st.booleans(),
)
@pytest.mark.filterwarnings("ignore::napari_autolut.arrays.value_range.IntensityWarning")
def test_no_result_depends_on_the_tiles(model, dtype, tile_size, seed, narrow):
    rng = np.random.default_rng(seed)
    image = picture((5, 7, 4), dtype, seed, top=120)
    if np.dtype(dtype).kind == "f":
        image[rng.random(image.shape) < rng.random() ** 2] = np.nan
        image[rng.random(image.shape) < 0.02] = np.inf
    options = {"value_range": (30, 80) if narrow else "dtype", "engine": "reference"}
    steps = upscale_steps(
        image, model, spatial_axes=(0, 1), rgb=True, tile_size=tile_size, **options
    )
    found, _ = finished(steps)
    np.testing.assert_array_equal(found, upscale(image, model, **options))


def test_progress_counts_tiles_of_all_planes():
    steps = upscale_steps(
        picture((3, 20, 9)), MODEL, spatial_axes=(1, 2), rgb=False, engine="reference", tile_size=8
    )
    _, progress = finished(steps)
    assert progress == [(n, 9) for n in range(1, 10)]


@pytest.mark.parametrize("shape", [(2, 39, 9, 7), (3, 20, 17, 3), (2, 20, 17, 4)])
@pytest.mark.parametrize("dtype", ["uint8", "float32"])
@pytest.mark.filterwarnings("ignore::napari_autolut.arrays.value_range.IntensityWarning")
def test_planes_that_are_run_together_give_what_each_gives(shape, dtype):
    """Colours, and neighbours of a stack of small planes; two of them have holes."""
    rgb, image = shape[-1] in (3, 4), picture(shape, dtype)
    axes = (-3, -2) if rgb else (-2, -1)
    spatial = tuple(axis % len(shape) for axis in axes)
    if dtype == "float32":
        image[0, 3:5, 2:4] = np.nan
    options = {"rgb": rgb, "value_range": (10, 90)}
    steps = upscale_steps(image, MODEL, spatial_axes=spatial, tile_size=40, **options)
    found, progress = finished(steps)
    np.testing.assert_array_equal(found, upscale(image, MODEL, engine="reference", **options))
    planes = image.size // (shape[spatial[0]] * shape[spatial[1]])
    assert progress[-1] == (planes, planes)
    assert len(progress) == {(2, 39, 9, 7): 2 * 13, (3, 20, 17, 3): 3, (2, 20, 17, 4): 2}[shape]


def test_closing_stops(monkeypatch):
    calls = []

    def counting(model, plane):
        calls.append(plane.shape)
        return reference(model, plane)

    monkeypatch.setattr("napari_autolut.engine.reference.upscale_plane", counting)
    steps = upscale_steps(
        picture((40, 40)), MODEL, spatial_axes=(0, 1), rgb=False, engine="reference", tile_size=8
    )
    next(steps)
    next(steps)
    steps.close()
    assert len(calls) == 2
    with pytest.raises(StopIteration):
        next(steps)


def test_memory_is_flat():
    image = picture((1200, 1200), "float16")
    tracemalloc.start()
    steps = upscale_steps(
        image, identity_model(), spatial_axes=(0, 1), rgb=False, engine="reference", tile_size=64
    )
    result, _ = finished(steps)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak - result.nbytes < 4 * image.size / 2  # half of one float32 copy


# --- side by side ---------------------------------------------------------------------------------


@pytest.mark.parametrize("at_once", [1, 3])
def test_results_come_in_the_order_of_the_items(at_once):
    assert list(side_by_side(lambda n: n * n, range(7), at_once)) == [(n, n * n) for n in range(7)]


def test_items_run_at_the_same_time():
    both = threading.Barrier(2, timeout=20)
    assert [n for n, _ in side_by_side(lambda _: both.wait(), range(2), 2)] == [0, 1]


def test_no_more_items_are_taken_than_are_needed():
    taken = []

    def items():
        for number in range(100):
            taken.append(number)
            yield number

    running = side_by_side(lambda n: n, items(), 3)
    next(running)
    assert len(taken) == 4
    running.close()
    assert len(taken) == 4


@pytest.mark.parametrize("at_once", [1, 3])
def test_an_error_comes_with_its_item(at_once):
    running = side_by_side(lambda n: 1 // (2 - n), range(5), at_once)
    assert [next(running), next(running)] == [(0, 0), (1, 1)]
    with pytest.raises(ZeroDivisionError):
        next(running)
