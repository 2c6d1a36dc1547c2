"""What a layer holds: in memory or in chunks, whatever package it comes from."""

import dask.array as da
import numpy as np
import pytest
from napari.layers import Image

from napari_autolut.layers import LayerTask, is_lazy, layer_array
from tests.imagelayers import picture


def test_arrays_in_memory_and_dask_stay_as_they_are():
    image = picture(4, 5)
    lazy = da.from_array(image, chunks=2)
    assert layer_array(image) is image
    assert layer_array(lazy).name == lazy.name
    assert is_lazy(Image(lazy)) and not is_lazy(Image(image))
    assert is_lazy(Image([lazy, lazy[::2, ::2]], multiscale=True))


def test_xarray_in_memory_is_memory(model):
    xarray = pytest.importorskip("xarray")
    image = picture(3, 4, 5, dtype=np.uint16)
    layer = Image(xarray.DataArray(image, dims=("z", "y", "x")), contrast_limits=(0, 9))
    for value_range in (None, "data"):
        task = LayerTask.of(layer, model, value_range=value_range)
        assert isinstance(task.array, np.ndarray) and not task.lazy
        assert task.limits == LayerTask.of(Image(image), model, value_range=value_range).limits


def test_xarray_in_chunks_is_dask():
    xarray = pytest.importorskip("xarray")
    lazy = da.zeros((4, 5), chunks=2)
    assert layer_array(xarray.DataArray(lazy)).name == lazy.name


def test_zarr_is_dask(tmp_path):
    zarr = pytest.importorskip("zarr")
    image = picture(4, 5)
    stored = zarr.array(image, chunks=(2, 5))
    found = layer_array(stored)
    assert hasattr(found, "dask") and is_lazy(Image(stored))
    np.testing.assert_array_equal(found.compute(), image)
