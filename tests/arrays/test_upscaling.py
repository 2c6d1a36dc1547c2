"""Which axes grow, what comes back, what is refused; numpy arrays."""

from functools import partial

import dask.array as da
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from xarray import DataArray

from napari_autolut import Upscaler, denoise, make_isotropic, upscale
from napari_autolut.arrays import finish
from napari_autolut.arrays.bicubic import resize
from napari_autolut.arrays.image import check_image
from napari_autolut.arrays.upscaling_steps import upscale_steps
from napari_autolut.engine import plane_engine
from napari_autolut.storage import save_model
from tests.models import doubling_model, identity_model, random_model
from tests.pictures import DTYPES, picture

MODEL = doubling_model()
reference = plane_engine("reference")


def enlarged(image, model=MODEL, **options):
    return upscale(image, model, engine="reference", **options)


# --- axes ----------------------------------------------------------------------------------------


@given(st.data())
def test_two_axes_grow_and_the_others_are_looped(data):
    shape = data.draw(st.lists(st.integers(1, 5), min_size=2, max_size=5).map(tuple))
    ndim = len(shape)
    channel_axis = data.draw(st.none() | st.integers(-ndim, ndim - 1)) if ndim > 2 else None
    image = picture(shape)
    found = enlarged(image, channel_axis=channel_axis, rgb=False)

    spatial = [axis for axis in range(ndim) if channel_axis is None or axis != channel_axis % ndim]
    rows, columns = spatial[-2:]
    planes = np.moveaxis(image, (rows, columns), (-2, -1))
    results = np.moveaxis(found, (rows, columns), (-2, -1))
    assert results.shape == (*planes.shape[:-2], 2 * planes.shape[-2], 2 * planes.shape[-1])
    for index in np.ndindex(planes.shape[:-2]):
        expected = np.rint(reference(MODEL, planes[index].astype(np.float32)))
        np.testing.assert_array_equal(results[index], expected)


@pytest.mark.parametrize(
    ("shape", "options", "expected"),
    [
        ((5, 6, 3), {}, (10, 12, 3)),
        ((5, 6, 4), {}, (10, 12, 4)),
        ((1, 1, 3), {}, (2, 2, 3)),
        ((2, 5, 6, 3), {}, (2, 10, 12, 3)),
        ((5, 6, 3), {"rgb": False}, (5, 12, 6)),
        ((5, 6, 3), {"channel_axis": 0}, (5, 12, 6)),
        ((5, 6, 3), {"channel_axis": -1}, (10, 12, 3)),
        ((2, 5, 6, 3), {"channel_axis": 0, "rgb": True}, (2, 10, 12, 3)),
        ((3, 5, 6), {"channel_axis": 0}, (3, 10, 12)),
        ((5, 3), {}, (10, 6)),
        ((1, 1), {}, (2, 2)),
        ((1, 7), {}, (2, 14)),
    ],
)
def test_colours_and_channels(shape, options, expected):
    assert enlarged(picture(shape), **options).shape == expected


def test_steps_take_any_two_axes():
    image = picture((5, 2, 6))
    steps = upscale_steps(image, MODEL, spatial_axes=(0, -1), rgb=False, engine="reference")
    found = finish(steps)
    expected = enlarged(np.moveaxis(image, 1, 0))
    np.testing.assert_array_equal(found, np.moveaxis(expected, 0, 1))


def test_colours_are_enlarged_alone_and_alpha_is_bicubic():
    image = picture((6, 7, 4), top=255)
    image[..., 3] |= 1  # none is hidden
    found = enlarged(image)
    for colour in range(3):
        np.testing.assert_array_equal(found[..., colour], enlarged(image[..., colour]))
    alpha = np.clip(np.rint(resize(image[..., 3].astype(float), 2)), 0, 255)
    np.testing.assert_array_equal(found[..., 3], alpha)


@pytest.mark.parametrize(("dtype", "top"), [("uint16", 65535), ("float32", 1)])
def test_opaque_stays_opaque_and_alpha_in_range(dtype, top):
    image = picture((6, 7, 4), dtype, top=top)
    image[..., 3] = np.where(image[..., 3] > top / 2, top, 0)
    alpha = enlarged(image)[..., 3]
    assert (alpha.min(), alpha.max()) == (0, top)
    image[..., 3] = top
    assert (enlarged(image)[..., 3] == top).all()


# --- types and ranges ----------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
def test_dtype_in_is_dtype_out(dtype):
    image = picture((4, 5), dtype)
    found = enlarged(image, identity_model(3))
    assert found.dtype == image.dtype
    np.testing.assert_allclose(found, np.kron(image, np.ones((3, 3))), rtol=1e-3)


def test_uint8_goes_through_as_it_is():
    image = picture((9, 8), top=256)
    expected = np.rint(reference(MODEL, image.astype(np.float32))).astype(np.uint8)
    np.testing.assert_array_equal(enlarged(image), expected)


def test_one_range_for_the_whole_stack():
    stack = picture((3, 5, 6), "uint16", top=60_000)
    stack[0] //= 100
    limits = (int(stack.min()), int(stack.max()))
    for plane, found in zip(stack, enlarged(stack), strict=True):
        np.testing.assert_array_equal(found, enlarged(plane, value_range=limits))


def test_scale_1_restores_in_place():
    model = random_model(np.random.default_rng(0), upscales=(1, 1))
    assert enlarged(picture((2, 5, 6)), model).shape == (2, 5, 6)


@pytest.mark.parametrize("dtype", ["uint16", "int16", "float32", "float64"])
def test_values_outside_the_range_are_carried(dtype):
    image = picture((8, 9), dtype, top=1000)
    found = enlarged(image, identity_model(2), value_range=(100, 400))
    inside = np.clip(image.astype(float), 100, 400)
    expected = np.kron(inside, np.ones((2, 2))) + resize(image.astype(float) - inside, 2)
    if dtype == "uint16":
        expected = np.clip(expected, 0, None)
    np.testing.assert_allclose(found, expected, atol=0.51 if "int" in dtype else 1e-3)
    assert found.max() > 900


def test_rgb_floats_keep_black_and_white():
    image = np.full((5, 6, 3), 0.25, np.float32)
    expected = reference(MODEL, np.full((5, 6), 63.75, np.float32)) / 255
    np.testing.assert_allclose(enlarged(image)[..., 0], expected, atol=1e-6)


@pytest.mark.parametrize("image", [[[1, 2], [3, 4]], np.ma.ones((2, 2)), memoryview(b"ab")[None:]])
def test_array_likes(image):
    if isinstance(image, memoryview):
        image = image.cast("B", (1, 2))
    found = enlarged(image, identity_model(2))
    np.testing.assert_array_equal(found, np.kron(np.asarray(image), np.ones((2, 2))))


def test_views_and_memory_maps(tmp_path):
    image = picture((12, 14), "uint16")
    path = tmp_path / "image.npy"
    np.save(path, image)
    expected = enlarged(np.ascontiguousarray(image[::-2, ::3]))
    np.testing.assert_array_equal(enlarged(np.load(path, mmap_mode="r")[::-2, ::3]), expected)


def test_models_by_path(tmp_path):
    path = save_model(MODEL, tmp_path / "mine.safetensors")
    image = picture((4, 5))
    np.testing.assert_array_equal(enlarged(image, path), enlarged(image))


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("image", "options", "error", "message"),
    [
        (np.ones((4, 4), bool), {}, TypeError, "Labels"),
        (np.ones((4, 4), complex), {}, TypeError, "found complex128"),
        (np.full((4, 4), None), {}, TypeError, "found object"),
        (np.full((4, 4), "a"), {}, TypeError, "found <U1"),
        (np.float32(3), {}, ValueError, "found 0 axes, expected at least 2"),
        (np.ones(4), {}, ValueError, "found 1 axis, expected at least 2"),
        (np.ones((0, 4)), {}, ValueError, r"found shape \(0, 4\), expected at least 1 pixel"),
        (np.ones((2, 0, 4, 4)), {}, ValueError, "expected at least 1 pixel"),
        (np.ones((4, 4)), {"channel_axis": 0}, ValueError, "1 axis for rows and columns"),
        (np.ones((4, 3)), {"rgb": True}, ValueError, "1 axis for rows and columns"),
        (np.ones((4, 4, 4)), {"channel_axis": 3}, ValueError, "channel_axis: found 3"),
        (np.ones((4, 4, 3)), {"channel_axis": 2, "rgb": True}, ValueError, "give one of the two"),
        (np.ones((4, 4, 5)), {"rgb": True}, ValueError, "found a last axis of 5"),
        (np.ones((4, 4)), {"value_range": "contrast"}, ValueError, "found no contrast limits"),
        (np.ones((4, 4)), {"engine": "warp"}, ValueError, "found 'warp', expected one of auto"),
    ],
)
def test_refused(image, options, error, message):
    with pytest.raises(error, match=message):
        upscale(image, MODEL, **({"engine": "reference"} | options))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"spatial_axes": (0, 0), "rgb": False}, "expected two different axes"),
        ({"spatial_axes": (0, 2), "rgb": True}, "the last one, which holds colours"),
        ({"spatial_axes": (0, 5), "rgb": False}, "spatial axis: found 5"),
        ({"spatial_axes": (0, 1), "rgb": True, "tile_size": 0}, "tile size: found 0"),
        ({"spatial_axes": (0, 1), "rgb": True, "engine": "warp"}, "found 'warp'"),
    ],
)
def test_steps_refuse_before_the_first_step(options, message):
    with pytest.raises(ValueError, match=message):
        upscale_steps(picture((4, 5, 3)), MODEL, **options)


@pytest.mark.parametrize("dtype", ["bool", "complex64", "object", "U3", "datetime64[s]", "V4"])
def test_what_has_no_intensities_is_refused(dtype):
    with pytest.raises(TypeError, match="image dtype: found"):
        check_image((2, 2), np.dtype(dtype))


def test_bool_is_sent_to_labels():
    with pytest.raises(TypeError, match=r"nearest-neighbour.*Labels"):
        check_image((2, 2), np.dtype(bool))


# --- which model ---------------------------------------------------------------------------------


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_a_scale_alone_picks_the_shipped_table(scale):
    image = picture((5, 6))
    found = upscale(image, scale=scale, engine="reference")
    np.testing.assert_array_equal(found, enlarged(image, f"natural-x{scale}"))


def test_without_a_model_it_is_the_default_one():
    image = picture((5, 6))
    found = upscale(image, engine="reference")
    np.testing.assert_array_equal(found, enlarged(image, "natural-x4"))


def test_scale_and_model_must_agree():
    image = picture((5, 6))
    np.testing.assert_array_equal(enlarged(image, scale=2), enlarged(image))
    with pytest.raises(ValueError, match="found 3, but the model natural-x4 enlarges 4 times"):
        upscale(image, "natural-x4", scale=3)
    for scale in (9, 0.5, float("nan")):
        with pytest.raises(
            ValueError, match=f"scale: found {scale}, expected a number from 1 to 8"
        ):
            upscale(image, scale=scale)


def test_auto_is_the_default_range():
    image = picture((5, 6), "uint16", top=4000)
    for value_range in ("auto", None):
        np.testing.assert_array_equal(enlarged(image, value_range=value_range), enlarged(image))


def test_a_mask_is_not_lost_in_silence():
    isotropic = partial(make_isotropic, spacing=(2, 1, 1))
    masked = np.ma.masked_equal(np.arange(64, dtype=np.uint16).reshape(8, 8), 5)
    lazy = da.from_array(masked, chunks=4)
    calls = [(isotropic, masked), *((f, lazy) for f in (upscale, denoise, isotropic))]
    for function, image in [*calls, (Upscaler("natural-x2").fit, lazy)]:
        with pytest.raises(TypeError, match=r"found a masked array.*fill it with NaN first"):
            function(image)


def test_the_names_of_an_xarray_say_which_axes_grow():
    """Not columns and channels, or columns and slices, where those come last."""
    pixels = picture((5, 6, 2))
    named = DataArray(pixels, dims=("y", "x", "z"))
    for function in (upscale, denoise, Upscaler("natural-x2").fit):
        with pytest.raises(ValueError, match="dimensions y, x, z, of which x, z would"):
            function(named)
    turned = named.transpose("z", "y", "x")
    np.testing.assert_array_equal(enlarged(turned), enlarged(np.moveaxis(pixels, -1, 0)))
    np.testing.assert_array_equal(enlarged(named, channel_axis=2), enlarged(pixels, channel_axis=2))
    other = DataArray(pixels, dims=("a", "b", "c"))
    np.testing.assert_array_equal(enlarged(other), enlarged(pixels))


def test_an_xarray_of_a_dask_array_stays_lazy():
    pixels = picture((2, 8, 9))
    found = enlarged(DataArray(da.from_array(pixels, chunks=4), dims=("z", "y", "x")))
    assert isinstance(found, da.Array)
    np.testing.assert_array_equal(found, enlarged(pixels))
