"""What a result layer has from its source, on real napari layers."""

from itertools import product

import dask.array as da
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from napari.components import ViewerModel
from napari.layers import Image, Labels, Layer, Points
from napari.utils.transforms import Affine

from napari_autolut.arrays.upscaling import upscale
from napari_autolut.layers import task
from napari_autolut.layers.geometry import linear_matrix
from napari_autolut.layers.provenance import Provenance
from napari_autolut.layers.task import UnsupportedLayerError
from napari_autolut.layers.upscaling import add_above, upscaled_layer_data, upscaled_layer_steps
from napari_autolut.storage.catalogue import UnknownModelError
from napari_autolut.storage.model_file import save_model
from tests.conftest import small_model

pytestmark = pytest.mark.filterwarnings(
    "ignore:Non-orthogonal slicing is being requested:UserWarning"
)
MODELS = {scale: small_model(f"small-x{scale}", scale) for scale in (1, 2, 3)}


def picture(*shape, dtype=np.uint8, seed=0):
    top = np.iinfo(dtype).max if np.issubdtype(dtype, np.integer) else 1
    return (np.random.default_rng(seed).random(shape) * top).astype(dtype)


def result_of(layer, model, **options):
    return Layer.create(*upscaled_layer_data(layer, model, **options))


def outer_corners(layer):
    """World coordinates of the outermost pixel corners, as napari itself computes them."""
    ends = [(low - 0.5, high + 0.5) for low, high in layer.extent.data.T]
    return np.array([layer.data_to_world(corner) for corner in product(*ends)])


def assert_same_extent(result, source):
    expected = outer_corners(source)
    np.testing.assert_allclose(
        outer_corners(result), expected, rtol=1e-7, atol=1e-7 * abs(expected).max()
    )


@st.composite
def image_layers(draw):
    """Layers of 2 to 5 dimensions, grey or in colour, placed in every way napari knows."""
    ndim = draw(st.integers(2, 5))
    rgb = draw(st.booleans())
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = [int(n) for n in rng.integers(1, 4, ndim)] + [3] * rgb
    sheared = {
        "none": None,
        "upper": rng.uniform(-2, 2, ndim * (ndim - 1) // 2),
        "lower": np.tril(rng.uniform(-2, 2, (ndim, ndim)), -1) + np.eye(ndim),
    }
    affine = np.eye(ndim + 1)
    affine[:-1] += rng.uniform(-1, 1, (ndim, ndim + 1)) * draw(st.booleans())
    return Image(
        picture(*shape),
        rgb=rgb,
        scale=rng.uniform(0.05, 20, ndim) * rng.choice([-1, 1], ndim),
        translate=rng.uniform(-100, 100, ndim) * draw(st.booleans()),
        rotate=np.linalg.qr(rng.normal(size=(ndim, ndim)))[0] if draw(st.booleans()) else None,
        shear=sheared[draw(st.sampled_from(list(sheared)))],
        affine=affine,
    )


@given(image_layers(), st.sampled_from(list(MODELS)))
@settings(max_examples=40, deadline=None)
def test_result_and_source_have_the_same_world_extent(source, scale):
    result = result_of(source, MODELS[scale])
    assert_same_extent(result, source)
    spatial = [n * scale for n in source.data.shape[: source.ndim][-2:]]
    assert list(result.data.shape[: result.ndim][-2:]) == spatial


@given(image_layers())
@settings(max_examples=20, deadline=None)
def test_geometry_composes_matrices_as_napari_does(layer):
    ours = linear_matrix(layer.scale, layer.rotate, layer.shear)
    napari_own = Affine(scale=layer.scale, rotate=layer.rotate, shear=layer.shear).linear_matrix
    np.testing.assert_allclose(ours, napari_own, atol=1e-9)


@pytest.mark.parametrize(
    ("shape", "rgb", "expected"),
    [
        ((6, 5), False, (12, 10)),
        ((6, 5, 3), True, (12, 10, 3)),
        ((6, 5, 4), True, (12, 10, 4)),
        ((2, 3, 6, 3), False, (2, 3, 12, 6)),
        ((2, 6, 5, 3), True, (2, 12, 10, 3)),
        ((1, 1), False, (2, 2)),
    ],
)
def test_rows_and_columns_grow_whatever_else_there_is(model, shape, rgb, expected):
    source = Image(picture(*shape), rgb=rgb)
    result = result_of(source, model)
    assert result.data.shape == expected
    assert result.rgb is rgb
    np.testing.assert_array_equal(result.data, upscale(source.data, model, rgb=rgb))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.float32, np.float64])
def test_data_type_stays_and_16_bit_data_keep_their_levels(model, dtype):
    source = Image(picture(24, 24, dtype=dtype))
    result = result_of(source, model)
    assert result.data.dtype == dtype
    if np.dtype(dtype).itemsize > 1:
        assert len(np.unique(result.data)) > 1000


def test_appearance_and_axes_come_from_the_source(model):
    source = Image(
        picture(3, 8, 8, dtype=np.uint16),
        name="nuclei",
        colormap="magenta",
        blending="additive",
        contrast_limits=(100, 40000),
        gamma=0.7,
        opacity=0.4,
        interpolation2d="cubic",
        rendering="attenuated_mip",
        units=("um", "nm", "nm"),
        axis_labels=("z", "y", "x"),
        scale=(0.5, 65, 65),
        metadata={"objective": "63x"},
        visible=False,
    )
    result = result_of(source, model)
    for name in (
        "blending", "contrast_limits", "gamma", "opacity", "interpolation2d", "interpolation3d",
        "rendering", "depiction", "units", "axis_labels", "projection_mode", "iso_threshold",
    ):  # fmt: skip
        assert getattr(result, name) == getattr(source, name), name
    assert result.colormap.name == "magenta"
    assert result.scale.tolist() == [0.5, 32.5, 32.5]
    assert result.visible


def test_name_and_metadata_say_how_the_result_was_made(model):
    source = Image(picture(4, 4), name="cell", metadata={"objective": "63x"})
    result = result_of(source, model, value_range=(0, 100))
    made = result.metadata.pop("napari-autolut")
    assert result.name == "cell x2 (small-x2)"
    assert result.metadata == {"objective": "63x"}
    assert (made["source"], made["model"], made["scale"]) == ("cell", "small-x2", 2)
    assert made["value_range"] == (0, 100)
    assert made["version"]
    assert source.metadata == {"objective": "63x"}


def test_a_model_that_does_not_enlarge_leaves_the_geometry_alone():
    source = Image(picture(5, 7), name="noisy", scale=(2, 3), translate=(10, 20))
    result = result_of(source, MODELS[1])
    assert result.name == "noisy (small-x1)"
    assert result.scale.tolist() == [2, 3]
    assert result.translate.tolist() == [10, 20]
    assert result.data.shape == (5, 7)


def test_contrast_limits_can_be_the_range(model):
    source = Image(picture(8, 8, dtype=np.uint16), contrast_limits=(0, 30000))
    result = result_of(source, model, value_range="contrast")
    expected = upscale(source.data, model, value_range=(0, 30000))
    np.testing.assert_array_equal(result.data, expected)
    assert (result.data != result_of(source, model).data).any()


def test_rgb_layers_have_no_contrast_limits_to_choose(model):
    with pytest.raises(ValueError, match="contrast"):
        upscaled_layer_data(Image(picture(8, 8, 3), rgb=True), model, value_range="contrast")


class Unreadable:
    """An array that nobody may compute."""

    shape, dtype, ndim = (40, 30), np.dtype(np.uint16), 2

    def __getitem__(self, key):
        raise AssertionError(f"computed {key}")


def test_lazy_layers_stay_lazy_and_nothing_is_computed(model):
    lazy = da.from_array(Unreadable(), chunks=(20, 30), meta=np.empty((0, 0), np.uint16))
    source = Image(lazy, contrast_limits=(5, 500), visible=False)
    data, meta, kind = upscaled_layer_data(source, model)
    assert isinstance(data, da.Array)
    assert (data.shape, data.dtype, kind) == ((80, 60), np.uint16, "image")
    assert meta["contrast_limits"] == [5, 500]


def test_lazy_values_are_those_of_the_contrast_limits(model):
    pixels = picture(20, 12, dtype=np.uint16)
    source = Image(da.from_array(pixels, chunks=(7, 12)), contrast_limits=(0, 50000))
    data, _, _ = upscaled_layer_data(source, model)
    np.testing.assert_array_equal(data.compute(), upscale(pixels, model, value_range=(0, 50000)))


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
    result = result_of(source, model, level=level)
    np.testing.assert_array_equal(result.data, upscale(levels[level], model))
    assert not result.multiscale
    assert_same_extent(result, source)


def test_a_level_that_does_not_exist_is_named(model):
    source = Image([picture(8, 8), picture(4, 4)], multiscale=True)
    with pytest.raises(ValueError, match="level: found 2, expected 0 to 1"):
        upscaled_layer_data(source, model, level=2)


@pytest.fixture
def small_pyramids(monkeypatch):
    """Results of more than 12 pixels a side get coarser levels."""
    monkeypatch.setattr(task, "PYRAMID_SIDE", 12)


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


def test_two_axes_can_be_chosen(model):
    source = Image(picture(5, 4, 6), scale=(3, 1, 1))
    result = result_of(source, model, spatial_axes=(0, 2))
    expected = np.moveaxis(upscale(np.moveaxis(source.data, 1, 0), model), 0, 1)
    np.testing.assert_array_equal(result.data, expected)
    assert result.data.shape == (10, 4, 12)
    assert_same_extent(result, source)


@pytest.mark.parametrize("axes", [(1, 1), (0, 3), (-1, 0)])
def test_axes_that_do_not_exist_are_refused(model, axes):
    with pytest.raises(ValueError, match="spatial axes: found"):
        upscaled_layer_data(Image(picture(3, 4, 4)), model, spatial_axes=axes)


@pytest.mark.parametrize("lazy", [False, True])
def test_one_slice_has_the_values_and_the_place_that_it_has_among_all(model, lazy):
    stack = picture(4, 3, 6, 5, dtype=np.uint16)
    source = Image(stack, name="stack", scale=(1, 4, 0.5, 0.5), translate=(7, 8, 9, 10))
    whole = result_of(source, model)
    result = result_of(source, model, index={0: 3, 1: 1}, lazy=lazy)
    assert result.name == "stack [3, 1] x2 (small-x2)"
    np.testing.assert_array_equal(np.asarray(result.data)[0, 0], whole.data[3, 1])
    np.testing.assert_allclose(
        result.data_to_world((0, 0, 2, 3)), whole.data_to_world((3, 1, 2, 3))
    )


def test_an_array_in_memory_can_have_a_lazy_result_with_the_same_values(model):
    source = Image(picture(3, 14, 9, dtype=np.uint16))
    lazy = result_of(source, model, lazy=True)
    assert isinstance(lazy.data, da.Array)
    np.testing.assert_array_equal(lazy.data.compute(), upscale(source.data, model))


def test_how_a_result_was_made_can_be_read_back(model):
    source = Image(picture(4, 4, 4), name="cell")
    result = result_of(source, model, value_range="dtype", index={0: 2}, spatial_axes=(1, 2))
    made = Provenance.of(result.metadata)
    assert (made.source, made.model, made.value_range) == ("cell", "small-x2", "dtype")
    assert (made.index, made.spatial_axes, made.limits) == ({0: 2}, (1, 2), (0, 255))
    assert Provenance.of(source.metadata) is None
    assert Provenance.of({"napari-autolut": "something else"}) is None


def test_cutting_planes_stay_where_they_are(model):
    source = Image(
        picture(6, 8, 8),
        depiction="plane",
        plane={"position": (3, 2, 5), "normal": (0, 1, 0), "thickness": 4},
        experimental_clipping_planes=[{"position": (1, 2, 3), "normal": (1, 0, 0)}],
        scale=(2, 1, 1),
    )
    result = result_of(source, model)
    assert result.depiction == "plane"
    assert result.plane.thickness == 8
    for ours, theirs in (
        (result.plane, source.plane),
        (result.experimental_clipping_planes[0], source.experimental_clipping_planes[0]),
    ):
        np.testing.assert_allclose(
            result.data_to_world(ours.position), source.data_to_world(theirs.position)
        )
        assert ours.normal == theirs.normal


@pytest.mark.parametrize(
    ("layer", "sentence"),
    [
        (None, "No layer to upscale: open an image"),
        (Labels(np.ones((4, 4), int), name="cells"), "'cells' is a Labels layer.*nearest"),
        (Points(np.zeros((1, 2)), name="spots"), "'spots' is a Points layer; select an Image"),
        (Image(np.zeros((4, 4), bool), name="mask"), "'mask' holds bool values; convert"),
    ],
)
def test_layers_that_cannot_be_upscaled_are_refused_in_one_sentence(model, layer, sentence):
    with pytest.raises(UnsupportedLayerError, match=sentence):
        upscaled_layer_data(layer, model)


def test_models_are_taken_by_name_path_and_value(models_folder, tmp_path):
    source = Image(picture(5, 5))
    made = small_model("mine", 2)
    path = save_model(made, tmp_path / "mine.safetensors")
    by_path, by_value = result_of(source, path), result_of(source, made)
    np.testing.assert_array_equal(by_path.data, by_value.data)
    assert result_of(source, "small-x4").data.shape == (20, 20)
    with pytest.raises(UnknownModelError, match="small-x4"):
        upscaled_layer_data(source, "no-such-model")


def test_steps_tell_progress_and_closing_them_cancels(model):
    source = Image(picture(5, 800, 20))
    steps = upscaled_layer_steps(source, model)
    first = next(steps)
    assert (first.done, first.total) == (1, 10)
    steps.close()
    assert list(upscaled_layer_steps(source, model))[-1] == (10, 10)


def test_the_result_goes_right_above_its_source_with_its_slider_range(model):
    viewer = ViewerModel()
    below = viewer.add_image(picture(8, 8), name="below")
    source = viewer.add_image(picture(8, 8), name="source", contrast_limits=(10, 90))
    source.contrast_limits_range = (0, 255)
    above = viewer.add_image(picture(8, 8), name="above")
    result = add_above(viewer, source, upscaled_layer_data(source, model))
    assert list(viewer.layers) == [below, source, result, above]
    assert viewer.layers.selection.active is result
    assert result.contrast_limits == [10, 90]
    assert result.contrast_limits_range == [0, 255]


def test_automatic_contrast_goes_on_being_automatic(model):
    viewer = ViewerModel()
    source = viewer.add_image(picture(3, 8, 8, dtype=np.float64), contrast_limits=(3, 4))
    if not hasattr(source, "auto_contrast"):
        pytest.skip("this napari has no automatic contrast of layers")
    source.auto_contrast = True
    result = add_above(viewer, source, upscaled_layer_data(source, model))
    assert result.auto_contrast
    shown = result.data[viewer.dims.current_step[0]]
    assert result.contrast_limits == [shown.min(), shown.max()]
