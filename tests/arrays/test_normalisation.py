"""Pixels to intensities and back, data types, and pixels that are not finite."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_autolut.arrays.holes import inpainted
from napari_autolut.arrays.normalisation import (
    denormalise,
    normalise,
    out_of_range_residual,
    to_dtype,
)
from napari_autolut.arrays.task import model_for, upscale_box
from napari_autolut.arrays.value_range import Range, resolve_range
from napari_autolut.engine import plane_engine
from napari_autolut.util.boxes import whole
from tests.models import identity_model, lut_models, random_model

INTEGERS = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64"]
FLOATS = ["float16", "float32", "float64"]
reference = plane_engine("reference")


def round_trip(pixels, value_range):
    values = denormalise(normalise(pixels, value_range), value_range, pixels.dtype)
    return to_dtype(values, pixels.dtype)


# --- there and back ------------------------------------------------------------------------------


def test_uint8_is_the_models_own_intensities():
    pixels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    identity = resolve_range(pixels)
    np.testing.assert_array_equal(normalise(pixels, identity), pixels)
    np.testing.assert_array_equal(round_trip(pixels, identity), pixels)
    assert out_of_range_residual(pixels, identity) is None


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16", "float16"])
@pytest.mark.parametrize("value_range", ["dtype", "data"])
def test_every_small_number_comes_back(dtype, value_range):
    if dtype == "float16":
        pixels = np.linspace(0, 1, 4097).astype(np.float16)[None]
    else:
        limits = np.iinfo(dtype)
        pixels = np.arange(limits.min, int(limits.max) + 1).astype(dtype)[None]
    found = round_trip(pixels, resolve_range(pixels, value_range))
    np.testing.assert_array_equal(found, pixels)


@given(
    st.sampled_from(INTEGERS + FLOATS),
    st.integers(0, 2**32 - 1),
    st.floats(-1e4, 1e4),
    st.floats(1e-3, 1e4),
)
def test_intensities_are_exact_to_float32(dtype, seed, lo, span):
    pixels = np.random.default_rng(seed).uniform(lo, lo + span, (4, 5))
    if dtype in INTEGERS:
        pixels = np.clip(pixels, np.iinfo(dtype).min, np.iinfo(dtype).max)
    pixels = pixels.astype(dtype)
    value_range = resolve_range(pixels, "data")
    if value_range.is_flat:
        return
    intensities = normalise(pixels, value_range)
    assert intensities.min() == 0
    assert intensities.max() == 255
    found = round_trip(pixels, value_range).astype(np.float64)
    error = np.abs(found - pixels.astype(np.float64)).max()
    size = max(abs(value_range.lo), abs(value_range.hi))
    # A few steps of float32 over the range, and of the dtype itself; integers round again.
    step = np.finfo(dtype).eps if dtype in FLOATS else np.finfo(np.float32).eps
    assert error <= 2e-7 * (value_range.hi - value_range.lo) + 2 * step * size


@given(st.sampled_from(FLOATS), st.floats(-1e3, 1e3), st.floats(1, 1e3))
def test_white_is_not_whiter_than_before(dtype, lo, span):
    limits = np.array([lo, lo + span], dtype)
    found = round_trip(limits[None], resolve_range(limits))
    assert found.min() >= limits.min()
    assert found.max() <= limits.max()


@pytest.mark.parametrize("dtype", INTEGERS)
def test_integers_saturate(dtype):
    limits = np.iinfo(dtype)
    found = to_dtype(np.array([-1e30, 1e30, 0.5, 1.5, 2.6]), np.dtype(dtype))
    assert found.dtype == dtype
    assert found[0] == limits.min
    assert limits.max - int(found[1]) <= limits.max // 2**52
    np.testing.assert_array_equal(found[2:], [0, 2, 3])


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_floats_stay_finite(dtype):
    found = to_dtype(np.array([-1e300, 1e300, 0.25]), np.dtype(dtype))
    np.testing.assert_array_equal(found, [np.finfo(dtype).min, np.finfo(dtype).max, 0.25])


def test_the_residual_is_what_the_range_leaves():
    pixels = np.array([[-5, 0, 100, 101, 300]], np.int16)
    np.testing.assert_array_equal(
        out_of_range_residual(pixels, Range(0, 100)), [[-5, 0, 0, 1, 200]]
    )


# --- a plane through a model ---------------------------------------------------------------------


def upscaled(model, plane, value_range="data"):
    limits = resolve_range(plane, value_range)
    out = np.empty([1, *(side * model.scale for side in plane.shape)], plane.dtype)
    upscale_box(model_for(model, limits), plane[None], whole(plane.shape), limits, reference, out)
    return out[0]


@pytest.mark.parametrize("rounding", ["none", "stage", "running", "branch"])
@pytest.mark.parametrize("dtype", ["uint16", "int16", "uint32", "float32"])
def test_a_16_bit_ramp_keeps_its_steps(rounding, dtype):
    rng = np.random.default_rng(0)
    model = random_model(rng, upscales=(1, 2), noise=2, rounding=rounding)
    ramp = np.linspace(0, 30_000, 128 * 128).reshape(128, 128).astype(dtype)
    assert len(np.unique(upscaled(model, ramp))) > 4000


@given(
    lut_models(scales=(1, 2, 3), max_grid_size=5, roundings=["none"]),
    st.floats(1e-3, 1e3),
    st.floats(-1e3, 1e3),
    st.integers(0, 2**32 - 1),
)
def test_affine_changes_of_intensity_commute(model, gain, offset, seed):
    plane = np.random.default_rng(seed).normal(size=(9, 8))
    expected = gain * upscaled(model, plane) + offset
    found = upscaled(model, gain * plane + offset)
    np.testing.assert_allclose(found, expected, atol=1e-3 * gain * np.ptp(plane), rtol=0)


@pytest.mark.parametrize("value_range", ["data", (3, 3)])
@pytest.mark.parametrize("dtype", INTEGERS + FLOATS)
def test_constant_images_stay(dtype, value_range):
    plane = np.full((3, 5), 3, dtype)
    found = upscaled(random_model(np.random.default_rng(0)), plane, value_range)
    np.testing.assert_array_equal(found, np.full((6, 10), 3, dtype))


@pytest.mark.parametrize("hole", [None, np.nan, np.inf])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "uint16", "int32"])
def test_the_order_of_bytes_and_axes_in_memory_changes_no_value(dtype, hole):
    plane = (1000 * np.random.default_rng(0).random((12, 11))).astype(dtype)
    if hole is not None and plane.dtype.kind == "f":
        plane[3:8, 2:9] = hole
    model = random_model(np.random.default_rng(1))
    expected = upscaled(model, plane)
    for other in (
        plane.astype(plane.dtype.newbyteorder()),
        np.asfortranarray(plane),
        np.repeat(plane, 3, axis=1)[:, ::3],
        plane[::-1, ::-1].copy()[::-1, ::-1],
    ):
        np.testing.assert_array_equal(upscaled(model, other), expected)


def test_a_range_of_one_value_carries_the_rest():
    plane = np.random.default_rng(0).normal(size=(6, 7))
    found = upscaled(identity_model(2), plane, (0.5, 0.5))
    assert np.ptp(found) > 0.8 * np.ptp(plane)


def test_models_with_rounding_keep_it_for_8_bits_only():
    model = random_model(np.random.default_rng(0), rounding="running")
    assert model_for(model, Range(0, 255)) is model
    assert model_for(model, Range(0, 65535)).rounding == "none"


# --- pixels that are not finite ------------------------------------------------------------------


@given(st.integers(0, 2**32 - 1), st.integers(1, 6))
def test_inpainted_pixels_depend_on_what_is_near(seed, radius):
    rng = np.random.default_rng(seed)
    plane = rng.normal(size=(14, 15))
    plane[rng.random(plane.shape) < rng.random()] = np.nan
    everything = inpainted(plane, Range(-9, 9), radius)
    assert np.isfinite(everything).all()
    np.testing.assert_array_equal(everything[~np.isnan(plane)], plane[~np.isnan(plane)])
    part = inpainted(plane[: 7 + radius], Range(-9, 9), radius)
    np.testing.assert_array_equal(part[:7], everything[:7])


def test_holes_are_inpainted_smoothly():
    plane = np.tile(np.arange(9.0), (9, 1))
    plane[3:6, 3:6] = np.nan
    found = inpainted(plane, Range(0, 8), 5)
    assert np.abs(found - np.arange(9)).max() <= 1


def test_infinity_takes_the_limits():
    plane = np.array([[np.inf, 1.0, -np.inf]])
    np.testing.assert_array_equal(inpainted(plane, Range(-2, 3), 2), [[3, 1, -2]])
