"""Labels enlarged by nearest neighbour: values, place, lazy, on disk, and a large one's levels."""

import json

import dask.array as da
import numpy as np
import pytest
from napari.layers import Labels, Layer

from napari_autolut.arrays import finish
from napari_autolut.io import read_image
from napari_autolut.layers import LabelsTask, LayerPart, RunPlan, upscaled_layer_data
from tests.imagelayers import assert_same_extent

pytestmark = pytest.mark.filterwarnings(
    "ignore:Non-orthogonal slicing is being requested:UserWarning"
)


def cells(*shape, dtype=np.int64):
    """Numbers that no floating-point type of 32 bits holds."""
    return (np.arange(np.prod(shape)) + 2**31 * (dtype == np.int64)).reshape(shape).astype(dtype)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int64])
def test_every_pixel_becomes_a_square_in_the_same_place(model, dtype):
    source = Labels(
        cells(2, 5, 7, dtype=dtype), scale=(3, 0.2, 0.4), translate=(1, 2, 3), rotate=(0, 0, 30),
        affine=np.diag([2, 2, 2, 1]), opacity=0.4, name="cells",
    )  # fmt: skip
    result = Layer.create(*upscaled_layer_data(source, model))
    assert isinstance(result, Labels)
    np.testing.assert_array_equal(result.data, source.data.repeat(2, 1).repeat(2, 2))
    assert result.data.dtype == dtype
    assert_same_extent(result, source)
    assert (result.opacity, result.name) == (0.4, "cells x2 (nearest neighbour)")


def test_any_factor_takes_the_nearest_pixel(model):
    source = Labels(cells(5, 7), scale=(0.2, 0.4), translate=(2, 3), rotate=30)
    result = Layer.create(*upscaled_layer_data(source, model, scale=1.5))
    assert result.data.shape == (8, 11)
    assert_same_extent(result, source)
    nearest = [np.floor((np.arange(n) + 0.5) * m / n).astype(int) for n, m in ((8, 5), (11, 7))]
    np.testing.assert_array_equal(result.data, source.data[np.ix_(*nearest)])
    lazy = Labels(da.from_array(source.data, chunks=(2, 3)))
    np.testing.assert_array_equal(upscaled_layer_data(lazy, model, scale=1.5)[0], result.data)


def test_other_axes_and_one_slice(model):
    source = Labels(cells(4, 5, 6))
    task = LabelsTask.of(source, 3, LayerPart((0, 2), {1: 2}))
    (layer_data,) = finish(RunPlan.of([task]).steps())
    expected = source.data[:, 2:3].repeat(3, 0).repeat(3, 2)
    np.testing.assert_array_equal(layer_data[0], expected)


def test_lazy_labels_stay_lazy(model):
    source = Labels(da.from_array(cells(2, 40, 30), chunks=(1, 16, 30)))
    data, _, kind = upscaled_layer_data(source, model)
    assert kind == "labels" and hasattr(data, "dask")
    np.testing.assert_array_equal(data, source.data.compute().repeat(2, 1).repeat(2, 2))


def test_large_labels_have_coarser_levels_of_numbers_that_there_are(model):
    source = Labels(cells(2, 2100).astype(np.int32))
    result = Layer.create(*upscaled_layer_data(source, model))
    assert result.multiscale
    assert all(np.isin(level, source.data).all() for level in result.data)


def test_labels_go_to_disk_and_come_back_as_labels(tmp_path):
    pytest.importorskip("zarr", reason="the extra zarr is not installed")
    pytest.importorskip("yaozarrs", reason="the extra zarr is not installed")
    source = Labels(cells(2, 6, 5, dtype=np.int32), scale=(2, 1, 1), name="cells")
    plan = RunPlan.of([LabelsTask.of(source, 2)], folder=tmp_path)
    (layer_data,) = finish(plan.steps())
    result = Layer.create(*layer_data)
    assert isinstance(result, Labels)
    np.testing.assert_array_equal(result.data, source.data.repeat(2, 1).repeat(2, 2))
    assert [path.name for path in tmp_path.iterdir()] == ["cells x2 (nearest neighbour).ome.zarr"]


def test_a_file_of_large_labels_holds_no_number_that_is_none_of_theirs(tmp_path):
    pytest.importorskip("zarr", reason="the extra zarr is not installed")
    validate = pytest.importorskip("yaozarrs.v05", reason="the extra zarr is not installed")
    source = Labels(cells(5, 601, dtype=np.int32), name="cells")
    (layer_data,) = finish(RunPlan.of([LabelsTask.of(source, 2)], folder=tmp_path).steps())
    levels = layer_data[0]
    assert [level.shape for level in levels] == [(10, 1202), (5, 601), (3, 301)]
    assert all(np.isin(level, source.data).all() for level in levels)
    (path,) = tmp_path.iterdir()
    said = json.loads((path / "zarr.json").read_text())["attributes"]["ome"]
    assert validate.LabelImage.model_validate(said).multiscales[0].type == "nearest"
    assert read_image(path).labels
