"""Dask arrays: lazy in, lazy out, the same bits as numpy arrays."""

import pickle
import warnings

import dask
import dask.array as da
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_autolut import upscale
from napari_autolut.arrays import finish, lazy
from napari_autolut.arrays.upscaling_steps import upscale_steps
from tests.models import doubling_model, lut_models
from tests.pictures import picture

MODEL = doubling_model()


@pytest.fixture(autouse=True)
def in_this_thread():
    with dask.config.set(scheduler="synchronous"):
        yield


def unreadable(shape, dtype="uint8", chunks=4):
    def fail(block):
        raise AssertionError("computed a lazy array")

    return da.zeros(shape, dtype=dtype, chunks=chunks).map_blocks(fail, dtype=dtype)


def chunkings(side):
    return st.lists(st.integers(1, side), min_size=1, max_size=5).map(
        lambda cuts: tuple(np.diff([0, *sorted({min(c, side - 1) for c in cuts} - {0}), side]))
    )


@given(
    lut_models(scales=(1, 2, 3), max_grid_size=4),
    st.sampled_from(["uint8", "uint16", "float32"]),
    chunkings(17),
    chunkings(12),
    st.integers(0, 2**32 - 1),
)
@pytest.mark.filterwarnings("ignore::napari_autolut.arrays.value_range.IntensityWarning")
def test_same_bits_as_eager(model, dtype, rows, columns, seed):
    image = picture((2, 17, 12), dtype, seed)
    if dtype == "float32":
        image[np.random.default_rng(seed).random(image.shape) < 0.1] = np.nan
    options = {"value_range": (20, 150), "engine": "reference"}
    chunked = da.from_array(image, chunks=(1, rows, columns))
    found = upscale(chunked, model, **options)
    assert found.dtype == dtype
    expected = upscale(image, model, **options)
    assert found.shape == expected.shape
    np.testing.assert_array_equal(found.compute(), expected)


@pytest.mark.parametrize(
    ("shape", "chunks", "options"),
    [
        ((9, 8, 4), (5, 4, 2), {}),
        ((3, 9, 8), (2, 9, 3), {"channel_axis": 0}),
        ((9, 3, 8), (4, 1, 8), {"channel_axis": 1}),
        ((2, 2, 9, 8), (1, 2, 4, 8), {}),
        ((1, 1), (1, 1), {}),
    ],
)
def test_axes(shape, chunks, options):
    image = picture(shape)
    found = upscale(da.from_array(image, chunks=chunks), MODEL, engine="reference", **options)
    expected = upscale(image, MODEL, engine="reference", **options)
    np.testing.assert_array_equal(found.compute(), expected)


def test_several_threads_and_the_fast_engine():
    image = picture((3, 40, 41), "uint16")
    chunked = da.from_array(image, chunks=(1, 16, 20))
    with dask.config.set(scheduler="threads", num_workers=3):
        found = upscale(chunked, MODEL, value_range="dtype", engine="fast").compute()
    np.testing.assert_array_equal(found, upscale(image, MODEL, value_range="dtype", engine="fast"))


def test_the_graph_travels_to_other_processes():
    image = picture((20, 21))
    found = upscale(da.from_array(image, chunks=12), MODEL, engine="reference")
    travelled = pickle.loads(pickle.dumps(found)).compute()
    np.testing.assert_array_equal(travelled, upscale(image, MODEL, engine="reference"))


def test_nothing_is_computed():
    found = upscale(unreadable((3, 20, 20)), MODEL, engine="reference")
    assert isinstance(found, da.Array)
    assert found.shape == (3, 40, 40)
    with pytest.raises(AssertionError, match="computed a lazy array"):
        found.compute()


def test_a_part_needs_its_own_chunks_only():
    readable = da.zeros((20, 20), dtype=np.uint8, chunks=10)
    image = da.concatenate([readable, unreadable((40, 20), chunks=10)])
    assert upscale(image, MODEL, engine="reference")[:10, :10].compute().shape == (10, 10)


def test_chunks_along_other_axes_stay():
    image = da.zeros((7, 20, 20), dtype=np.uint8, chunks=((3, 4), 20, (12, 8)))
    assert upscale(image, MODEL).chunks == ((3, 4), (40,), (24, 16))


def test_very_large_chunks_are_cut(monkeypatch):
    monkeypatch.setattr(lazy, "MAX_CHUNK", 16)
    image = picture((50, 40))
    found = upscale(da.from_array(image, chunks=-1), MODEL, engine="reference")
    assert max(found.chunks[0] + found.chunks[1]) <= 32
    np.testing.assert_array_equal(found.compute(), upscale(image, MODEL, engine="reference"))


def test_the_model_is_in_the_graph_once():
    found = upscale(da.zeros((64, 64), dtype=np.uint8, chunks=8), MODEL)
    graph = dict(found.__dask_graph__())
    holding = [key for key, task in graph.items() if "LutModel" in repr(task)[:2000]]
    assert len(holding) == 1


@pytest.mark.parametrize("dtype", ["uint16", "float32"])
def test_the_range_is_that_of_a_sample_the_same_for_all_blocks(dtype):
    image = picture((3, 20, 21), dtype, top=3000)
    found = upscale(da.from_array(image, chunks=(1, 12, 12)), MODEL, engine="reference")
    np.testing.assert_array_equal(found.compute(), upscale(image, MODEL, engine="reference"))
    image = unreadable((8, 8), dtype)
    assert upscale(image, MODEL, value_range=(0, 1)).dtype == dtype
    with pytest.raises(AssertionError, match="computed a lazy array"):
        upscale(image, MODEL)


def test_blocks_do_not_warn():
    image = da.from_array(np.full((8, 8), np.nan), chunks=4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = upscale(image, MODEL, value_range=(0, 1), engine="reference").compute()
    assert np.isnan(found).all()


def test_unknown_shapes_are_refused():
    image = da.from_array(np.arange(6), chunks=3)
    unknown = da.stack([image[image > 1]] * 2)
    with pytest.raises(ValueError, match="compute_chunk_sizes"):
        upscale(unknown, MODEL)


@pytest.mark.parametrize("dtype", ["bool", "complex64"])
def test_dtypes_are_refused_at_once(dtype):
    with pytest.raises(TypeError, match="image dtype: found"):
        upscale(unreadable((8, 8), dtype), MODEL)


def test_steps_compute_a_lazy_image_in_the_range_of_its_contrast():
    image = picture((20, 20), "uint16", top=9000)
    options = {"spatial_axes": (0, 1), "rgb": False, "engine": "reference"}
    found = finish(
        upscale_steps(
            da.from_array(image, chunks=7),
            MODEL,
            value_range="contrast",
            contrast_limits=(5, 8000),
            **options,
        )
    )
    expected = finish(upscale_steps(image, MODEL, value_range=(5, 8000), **options))
    np.testing.assert_array_equal(found, expected)
