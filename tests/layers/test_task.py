"""What a result layer has from its source, on real napari layers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from napari.layers import Image, Layer
from napari.utils.transforms import Affine

from napari_autolut.arrays.upscaling import upscale
from napari_autolut.layers.denoising import DenoiseTask
from napari_autolut.layers.geometry import linear_matrix
from napari_autolut.layers.provenance import Provenance
from napari_autolut.layers.taking import WHOLE, LayerPart
from napari_autolut.layers.task import LayerTask
from napari_autolut.layers.upscaling import upscaled_layer_data
from tests.conftest import small_model
from tests.imagelayers import assert_same_extent, image_layers, picture

pytestmark = pytest.mark.filterwarnings(
    "ignore:Non-orthogonal slicing is being requested:UserWarning"
)
MODELS = {scale: small_model(f"small-x{scale}", scale) for scale in (1, 2, 3)}


def result_of(layer, model, part=WHOLE, **options):
    return Layer.create(*upscaled_layer_data(layer, model, part, **options))


@given(image_layers(), st.sampled_from(list(MODELS)))
def test_result_and_source_have_the_same_world_extent(source, scale):
    result = result_of(source, MODELS[scale])
    assert_same_extent(result, source)
    spatial = [n * scale for n in source.data.shape[: source.ndim][-2:]]
    assert list(result.data.shape[: result.ndim][-2:]) == spatial


@given(image_layers())
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


def test_two_axes_can_be_chosen(model):
    source = Image(picture(5, 4, 6), scale=(3, 1, 1))
    result = result_of(source, model, LayerPart((0, 2)))
    expected = np.moveaxis(upscale(np.moveaxis(source.data, 1, 0), model), 0, 1)
    np.testing.assert_array_equal(result.data, expected)
    assert result.data.shape == (10, 4, 12)
    assert_same_extent(result, source)


@pytest.mark.parametrize("axes", [(1, 1), (0, 3), (-1, 0)])
def test_axes_that_do_not_exist_are_refused(model, axes):
    with pytest.raises(ValueError, match="spatial axes: found"):
        upscaled_layer_data(Image(picture(3, 4, 4)), model, LayerPart(axes))


@pytest.mark.parametrize("lazy", [False, True])
def test_one_slice_has_the_values_and_the_place_that_it_has_among_all(model, lazy):
    stack = picture(4, 3, 6, 5, dtype=np.uint16)
    source = Image(stack, name="stack", scale=(1, 4, 0.5, 0.5), translate=(7, 8, 9, 10))
    whole = result_of(source, model)
    result = result_of(source, model, LayerPart(index={0: 3, 1: 1}, lazy=lazy))
    assert result.name == "stack [3, 1] x2 (small-x2)"
    np.testing.assert_array_equal(np.asarray(result.data)[0, 0], whole.data[3, 1])
    np.testing.assert_allclose(
        result.data_to_world((0, 0, 2, 3)), whole.data_to_world((3, 1, 2, 3))
    )


def test_how_a_result_was_made_can_be_read_back(model):
    source = Image(picture(4, 4, 4), name="cell")
    result = result_of(source, model, LayerPart((1, 2), {0: 2}), value_range="dtype")
    made = Provenance.of(result.metadata)
    assert (made.source, made.model, made.value_range) == ("cell", "small-x2", "dtype")
    assert (made.index, made.spatial_axes, made.limits) == ({0: 2}, (1, 2), (0, 255))
    assert Provenance.of(source.metadata) is None
    assert Provenance.of({"napari-autolut": "something else"}) is None


def test_the_range_does_not_depend_on_the_order_of_axes(model):
    stack = np.random.default_rng(0).gamma(2.0, 300.0, (2, 200, 40)).astype(np.uint16)
    usual = result_of(Image(stack), model)
    found = result_of(Image(stack.transpose(1, 2, 0)), model, LayerPart((0, 1)))
    np.testing.assert_array_equal(found.data.transpose(2, 0, 1), usual.data)


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


def test_a_range_holds_until_pixels_in_memory_are_changed():
    layer = Image(picture(30, 40, dtype="uint16"), contrast_limits=(0, 9))
    first = LayerTask.of(layer, MODELS[2])
    assert first.limits
    assert LayerTask.of(layer, MODELS[2]).settled_as(first).known_limits == first.limits
    layer.data[...] = picture(30, 40, dtype="uint16", seed=7) * 2
    later = LayerTask.of(layer, MODELS[2]).settled_as(first)
    assert later.known_limits is None
    assert later.limits != first.limits


def test_noise_that_was_found_holds_until_pixels_in_memory_are_changed():
    layer = Image(picture(64, 64, dtype="uint16"), contrast_limits=(0, 9))
    first = DenoiseTask.of(layer)
    vars(first).update(task="settled", models=())
    assert "task" in vars(DenoiseTask.of(layer).settled_as(first))
    layer.data[...] += 1
    assert "task" not in vars(DenoiseTask.of(layer).settled_as(first))
