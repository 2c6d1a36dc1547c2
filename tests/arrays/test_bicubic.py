"""Bicubic resizing as MATLAB's imresize does it."""

import importlib.util
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_autolut.arrays.bicubic import CUBIC, contributions, enlarged, resize

SCALES = [1, 2, 3, 4, 8, Fraction(1, 2), Fraction(1, 3), Fraction(1, 4), Fraction(2, 3)]
OTHER = Path(__file__).parents[3] / "shared" / "tools" / "matlab_bicubic.py"


def picture(height, width, dtype, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width)).astype(dtype)


sides = st.integers(1, 20)


@given(st.sampled_from(SCALES), sides, sides, st.sampled_from(["uint8", "float32", "float64"]))
def test_shape_and_dtype(scale, height, width, dtype):
    found = resize(picture(height, width, dtype), scale)
    assert found.shape == (-(-height * scale // 1), -(-width * scale // 1))
    assert found.dtype == dtype


@given(st.sampled_from(SCALES), sides, sides, st.integers(0, 255))
def test_constant_images_stay(scale, height, width, value):
    for dtype in ("uint8", "float64"):
        found = resize(np.full((height, width), value, dtype), scale)
        np.testing.assert_allclose(found, value, rtol=1e-14)


@given(st.sampled_from(SCALES), sides, sides, st.integers(0, 99))
def test_flips_and_transposition_commute(scale, height, width, seed):
    image = picture(height, width, "float64", seed)
    found = resize(image, scale)
    np.testing.assert_allclose(resize(image.T, scale), found.T, atol=1e-9)
    if height * scale % 1 == 0:  # else the last output row reaches beyond the image
        np.testing.assert_allclose(resize(image[::-1], scale), found[::-1], atol=1e-9)


@given(sides, st.integers(1, 70), st.integers(1, 5), st.sampled_from(["float32", "float64"]))
def test_enlarging_has_the_bits_of_resizing(height, width, scale, dtype):
    planes = np.stack([picture(height, 2 * width, dtype, seed)[:, ::2] / 7 for seed in (0, 1)])
    found = enlarged(planes, scale)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, resize(planes, scale, (1, 2)))
    np.testing.assert_array_equal(enlarged(planes[0], scale), found[0])


@pytest.mark.parametrize("scale", [2, 3, 4, 8])
def test_ramps_stay_ramps(scale):
    """Keys' cubic reproduces straight lines away from the border."""
    ramp = np.tile(np.arange(12.0), (3, 1))
    found = resize(ramp, scale)[0]
    expected = (np.arange(12 * scale) + 0.5) / scale - 0.5
    inner = slice(2 * scale, -2 * scale)
    np.testing.assert_allclose(found[inner], expected[inner], atol=1e-12)


def test_scale_1_changes_nothing():
    image = picture(5, 7, "uint8")
    np.testing.assert_array_equal(resize(image, 1), image)


def test_an_impulse_shows_the_kernel():
    """Taps of Keys' cubic with a = -0.5 at the quarter pixels, where doubling samples it."""
    impulse = np.zeros((1, 9))
    impulse[0, 4] = 128
    expected = [-3, -9, 29, 111, 111, 29, -9, -3]
    np.testing.assert_allclose(resize(impulse, 2)[0, 5:13], expected, atol=1e-12)


def test_halving_is_antialiased():
    """imresize([0 0 0 0 128 0 0 0 0 0], 0.5): the kernel is twice as wide and half as high."""
    impulse = np.zeros((1, 10))
    impulse[0, 4] = 128
    expected = [-1.5, 14.5, 55.5, -4.5]
    np.testing.assert_allclose(resize(impulse, Fraction(1, 2))[0, :4], expected, atol=1e-12)


def test_borders_are_mirrored_about_the_edge():
    image = picture(1, 6, "float64")
    mirrored = np.concatenate([image[:, ::-1], image, image[:, ::-1]], axis=1)
    np.testing.assert_allclose(resize(image, 2)[0], resize(mirrored, 2)[0, 12:24], atol=1e-9)


def test_8_bits_saturate_and_round_between_the_passes():
    image = np.array([[0, 255], [255, 0]], np.uint8)
    found = resize(np.kron(image, np.ones((4, 4), np.uint8)), 2)
    assert (found.min(), found.max()) == (0, 255)
    overshoot = resize(np.kron(image, np.ones((4, 4))), 2)
    assert overshoot.min() < 0
    assert overshoot.max() > 255
    rows = resize(picture(6, 6, "uint8"), 2, axes=(0,))
    assert rows.dtype == np.uint8
    columns = resize(rows, 2, axes=(1,))
    np.testing.assert_array_equal(columns, resize(picture(6, 6, "uint8"), 2))


def test_other_axes_are_looped():
    stack = np.stack([picture(5, 6, "uint8", seed) for seed in range(3)])
    expected = np.stack([resize(image, 3) for image in stack])
    np.testing.assert_array_equal(resize(stack, 3, axes=(1, 2)), expected)


@pytest.mark.parametrize("scale", [2, 3, 4, 8])
def test_a_part_has_the_bits_of_the_whole(scale):
    """Tiles rely on it."""
    image = picture(40, 50, "float32") / np.float32(7)
    part = resize(image[10:30, 20:45], scale)
    whole = resize(image, scale)[10 * scale : 30 * scale, 20 * scale : 45 * scale]
    inner = slice(2 * scale, -2 * scale)
    np.testing.assert_array_equal(part[inner, inner], whole[inner, inner])


@pytest.mark.skipif(
    not OTHER.exists(), reason="needs the other implementation, beside the checkout"
)
@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("shape", [(1, 1), (2, 31), (24, 17)])
def test_equal_to_another_implementation(scale, shape):
    spec = importlib.util.spec_from_file_location("matlab_bicubic", OTHER)
    other = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(other)
    eight_bit = picture(*shape, "uint8")
    np.testing.assert_array_equal(resize(eight_bit, scale), other.imresize(eight_bit, float(scale)))
    real = eight_bit.astype(float)
    np.testing.assert_allclose(resize(real, scale), other.imresize(real, float(scale)), atol=1e-9)


@given(st.sampled_from([1, 2, 3, 4, 8]), sides, sides)
def test_whole_factors_are_what_any_factor_is(scale, height, width):
    """Gathering every tap is the definition; whole factors have few weights, and gather none."""
    image = np.random.default_rng(0).normal(size=(height, width))
    for dtype, error in (("float32", 0), ("float64", 1e-14)):
        expected = image.astype(dtype)
        for axis in (0, 1):
            weights, places = contributions(expected.shape[axis], Fraction(scale), CUBIC)
            taken = np.moveaxis(expected, axis, -1)[..., places] * weights.astype(dtype)
            total = taken[..., 0]
            for tap in range(1, taken.shape[-1]):
                total = total + taken[..., tap]
            expected = np.moveaxis(total, -1, axis)
        found = resize(image.astype(dtype), scale)
        np.testing.assert_allclose(found, expected, rtol=0, atol=error)
