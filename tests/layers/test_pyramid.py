"""Lazy layers and results, and pyramids."""

import dask.array as da
import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Image, Layer

from napari_autolut.arrays.upscaling import upscale
from napari_autolut.layers import source as source_module
from napari_autolut.layers.taking import WHOLE, LayerPart
from napari_autolut.layers.upscaling import upscaled_layer_data
from tests.conftest import small_model
from tests.imagelayers import assert_same_extent, picture

pytestmark = pytest.mark.filterwarnings(
    "ignore:Non-orthogonal slicing is being requested:UserWarning"
)
MODELS = {scale: small_model(f"small-x{scale}", scale) for scale in (1, 2, 3)}


def result_of(layer, model, part=WHOLE, **options):
    return Layer.create(*upscaled_layer_data(layer, model, part, **options))


class Unreadable:
    """An array that nobody may compute."""

    shape, dtype, ndim = (40, 30), np.dtype(np.uint16), 2

    def __getitem__(self, key):
        raise AssertionError(f"computed {key}")


def test_lazy_layers_stay_lazy_and_nothing_is_computed(model):
    lazy = da.from_array(Unreadable(), chunks=(20, 30), meta=np.empty((0, 0), np.uint16))
    source = Image(lazy, contrast_limits=(5, 500), visible=False)
    data, meta, kind = upscaled_layer_data(source, model, value_range="contrast")
    assert isinstance(data, da.Array)
    assert (data.shape, data.dtype, kind) == ((80, 60), np.uint16, "image")
    assert meta["contrast_limits"] == [5, 500]


@pytest.mark.parametrize(("value_range", "same"), [("contrast", (0, 50000)), (None, "auto")])
def test_lazy_values_have_the_range_that_is_asked_for(model, value_range, same):
    pixels = picture(20, 12, dtype=np.uint16)
    source = Image(da.from_array(pixels, chunks=(7, 12)), contrast_limits=(0, 50000))
    data, _, _ = upscaled_layer_data(source, model, value_range=value_range)
    np.testing.assert_array_equal(data.compute(), upscale(pixels, model, value_range=same))


class Stored:
    """An array in chunks somewhere else, as zarr and h5py give it."""

    def __init__(self, pixels, chunks):
        self._pixels, self.chunks = pixels, chunks
        self.shape, self.dtype, self.ndim = pixels.shape, pixels.dtype, pixels.ndim
        self.size = pixels.size

    def __getitem__(self, key):
        return self._pixels[key]


def test_chunked_arrays_on_disk_become_lazy_too(model):
    pixels = picture(16, 8)
    data, _, _ = upscaled_layer_data(Image(Stored(pixels, (8, 8)), contrast_limits=(0, 9)), model)
    assert isinstance(data, da.Array)
    np.testing.assert_array_equal(data.compute(), upscale(pixels, model))


def test_array_likes_in_memory_are_computed_at_once(model):
    pixels = picture(16, 8)
    data, _, _ = upscaled_layer_data(Image(Stored(pixels, None), contrast_limits=(0, 9)), model)
    np.testing.assert_array_equal(data, upscale(pixels, model))


@pytest.mark.parametrize("level", [0, 1])
def test_a_level_of_a_pyramid_fills_the_place_of_the_whole_pyramid(model, level):
    levels = [picture(3, 17, 12), picture(3, 8, 6), picture(3, 4, 3)]
    source = Image(levels, multiscale=True, scale=(2, 0.3, 0.4), translate=(1, 2, 3))
    result = result_of(source, model, LayerPart(level=level))
    np.testing.assert_array_equal(result.data, upscale(levels[level], model))
    assert not result.multiscale
    assert_same_extent(result, source)


def test_a_slice_of_a_level_lies_where_the_slices_are_that_it_stands_for(model):
    """Two of each, where slices are fewer, too."""
    pixels = picture(6, 16, 12)
    levels = [pixels, pixels[::2, ::2, ::2]]
    source = Image(levels, multiscale=True, scale=(3, 0.5, 0.4), translate=(1, 2, 3))
    result = result_of(source, model, LayerPart(index={0: 1}, level=1))
    np.testing.assert_array_equal(result.data, upscale(levels[1], model)[1:2])
    assert_same_extent(result, Image(pixels[2:4], scale=source.scale, translate=(7, 2, 3)))


@pytest.mark.parametrize("index", [{0: 3}, {0: -1}, {3: 0}])
def test_a_slice_that_does_not_exist_is_named(model, index):
    source = Image(picture(3, 8, 8), name="cells")
    with pytest.raises(ValueError, match=r"index: found .*, expected a slice of 'cells'"):
        upscaled_layer_data(source, model, LayerPart(index=index))


def test_a_level_that_does_not_exist_is_named(model):
    source = Image([picture(8, 8), picture(4, 4)], multiscale=True)
    with pytest.raises(ValueError, match="level: found 2, expected 0 to 1"):
        upscaled_layer_data(source, model, LayerPart(level=2))


@pytest.fixture
def small_pyramids(monkeypatch):
    """Results of more than 12 pixels a side get coarser levels."""
    monkeypatch.setattr(source_module, "PYRAMID_SIDE", 12)


@pytest.mark.parametrize("multiscale", [False, True])
def test_a_large_result_is_a_pyramid_over_its_source(model, small_pyramids, multiscale):
    plain = picture(3, 16, 12)
    levels = [plain, plain[:, ::2, ::2]]
    source = Image(levels if multiscale else plain, multiscale=multiscale)
    result = result_of(source, model)
    assert result.multiscale
    np.testing.assert_array_equal(result.data[0], upscale(plain, model))
    for level, expected in zip(result.data[1:], levels, strict=True):
        np.testing.assert_array_equal(level, expected)
        assert np.shares_memory(level, plain)
    assert_same_extent(result, source)


def test_a_large_result_of_the_same_size_is_seen_from_afar_as_itself(small_pyramids):
    result = result_of(Image(picture(50, 20)), MODELS[1])
    assert [level.shape for level in result.data] == [(50, 20), (25, 10), (13, 5), (7, 3)]
    assert np.shares_memory(result.data[0], result.data[1])


@pytest.mark.parametrize("scale", [1, 2])
def test_adding_a_lazy_pyramid_computes_what_is_shown_and_no_more(small_pyramids, scale):
    read = []

    def block(block_info):
        read.append(block_info[None]["chunk-location"])
        return np.zeros(block_info[None]["chunk-shape"], np.uint8)

    chunks = ((8,) * 8, (8,) * 8)
    finest = da.map_blocks(block, chunks=chunks, dtype=np.uint8, meta=np.empty((0, 0), np.uint8))
    levels = [finest, da.zeros((16, 16), np.uint8), da.zeros((8, 8), np.uint8)]
    source = Image(levels, multiscale=True, contrast_limits=(0, 9))
    read.clear()
    viewer = ViewerModel()
    viewer.layers.append(result_of(source, MODELS[scale]))
    assert viewer.layers[0].data[0].shape == (64 * scale, 64 * scale)
    assert read == []


def test_an_array_in_memory_can_have_a_lazy_result_with_the_same_values(model):
    source = Image(picture(3, 14, 9, dtype=np.uint16))
    lazy = result_of(source, model, LayerPart(lazy=True))
    assert isinstance(lazy.data, da.Array)
    np.testing.assert_array_equal(lazy.data.compute(), upscale(source.data, model))
