"""Levels as pixels: the quick way gives the bits of the plain one, for every type and range."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_autolut.arrays.normalisation import (
    denormalise,
    normalise,
    out_of_range_residual,
    to_dtype,
)
from napari_autolut.arrays.pixels import normalised_within
from napari_autolut.arrays.task import pixel_writer
from napari_autolut.arrays.value_range import Range

TYPES = ["u1", "i1", "u2", "i2", "f4", ">u2", ">f4", "f2", "f8", "u4", "i8"]
RANGES = [(0, 255), (0, 65535), (-3.5, 17.25), (100, 4000), (0, 1), (-40000, 80000), (-1e35, 1e35)]


def levels_of(seed, shape=(1, 37, 53)):
    random = np.random.default_rng(seed)
    levels = random.uniform(0, 255, shape).astype(np.float32)
    levels[:, ::3, ::5] = np.round(levels[:, ::3, ::5]) + np.float32(0.5)
    levels[:, 0, :4] = 0, 255, np.nextafter(np.float32(255), np.float32(0)), 0.49999997
    return np.minimum(levels, 255)


def plain(levels, part, value_range, dtype):
    return to_dtype(denormalise(levels[:, *part], value_range, dtype), dtype)


def as_pixels(levels, part, value_range, dtype):
    """Put into an array of their own."""
    target = np.empty([len(levels), *(p.stop - p.start for p in part)], dtype)
    pixel_writer(value_range, target)(levels, part, 0)
    return target


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("limits", RANGES)
def test_the_bits_of_the_definition(dtype, limits):
    dtype, value_range, levels = np.dtype(dtype), Range(*limits), levels_of(0)
    for part in ((slice(0, 37), slice(0, 53)), (slice(4, 31), slice(7, 50))):
        expected = plain(levels, part, value_range, dtype)
        found = as_pixels(levels, part, value_range, dtype)
        assert found.dtype == expected.dtype
        assert found.tobytes() == expected.tobytes()


@pytest.mark.parametrize("dtype", [*TYPES, "i4"])
@pytest.mark.parametrize("limits", RANGES)
def test_pixels_as_levels(dtype, limits):
    """Where it is quickly done, the bits of the plain way; else nothing is said."""
    value_range, random = Range(*limits), np.random.default_rng(6)
    lo, hi = limits
    of_type = np.finfo(dtype) if np.dtype(dtype).kind == "f" else np.iinfo(dtype)
    lo, hi = max(lo, float(of_type.min)), min(hi, float(of_type.max))
    pixels = random.uniform(lo, hi, (2, 9, 33)).astype(dtype)
    inside = out_of_range_residual(pixels, value_range) is None
    found = normalised_within(np.moveaxis(pixels, 0, -1), value_range)
    known = np.dtype(dtype).newbyteorder("=") == np.dtype(dtype) and dtype not in ("f2", "i8")
    assert (found is not None) == (known and inside)
    if found is not None:
        expected = normalise(np.moveaxis(pixels, 0, -1), value_range)
        assert found.tobytes() == expected.tobytes()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 100.5, -1e-3])
def test_one_pixel_that_is_not_in_the_range(value):
    pixels = np.full((1, 5, 70), 50, np.float32)
    assert normalised_within(pixels, Range(0, 100)) is not None
    pixels[0, 4, 69] = value
    assert normalised_within(pixels, Range(0, 100)) is None


def test_a_flat_range_has_no_levels():
    assert normalised_within(np.full((1, 2, 2), 7, np.uint8), Range(7, 7)) is None


@given(
    seed=st.integers(0, 2**32 - 1),
    dtype=st.sampled_from(["u1", "u2", "i2", "f4"]),
    lo=st.floats(-1e5, 1e5),
    span=st.floats(1e-3, 1e5),
)
def test_any_range(seed, dtype, lo, span):
    value_range, dtype = Range(lo, lo + span), np.dtype(dtype)
    levels, part = levels_of(seed, (1, 8, 21)), (slice(1, 8), slice(0, 20))
    expected = plain(levels, part, value_range, dtype)
    assert as_pixels(levels, part, value_range, dtype).tobytes() == expected.tobytes()


def test_levels_in_another_order():
    levels, part = levels_of(1), (slice(2, 9), slice(3, 11))
    turned = np.asfortranarray(levels)
    value_range, dtype = Range(0, 4095), np.dtype("u2")
    expected = plain(levels, part, value_range, dtype)
    np.testing.assert_array_equal(as_pixels(turned, part, value_range, dtype), expected)


def test_without_numba_it_is_the_definition(monkeypatch):
    monkeypatch.setattr("napari_autolut.arrays.task.compiled", lambda _: None)
    levels, part = levels_of(2), (slice(0, 5), slice(0, 5))
    value_range, dtype = Range(0, 255), np.dtype("u1")
    expected = plain(levels, part, value_range, dtype)
    np.testing.assert_array_equal(as_pixels(levels, part, value_range, dtype), expected)


@pytest.mark.parametrize("dtype", ["u1", "u2", ">u2", "f4"])
def test_one_of_several_colours_is_written_and_no_other(dtype):
    levels, value_range = levels_of(3, (1, 150, 140)), Range(0, 200)
    part = slice(1, 149), slice(2, 139)
    colours = np.full((148, 137, 3), 7, dtype)
    pixel_writer(value_range, colours[None, ..., 1])(levels, part, 0)
    expected = plain(levels, part, value_range, np.dtype(dtype))[0]
    np.testing.assert_array_equal(colours[..., 1], expected)
    assert (colours[..., ::2] == 7).all()


@pytest.mark.parametrize("dtype", ["u1", "u2", ">u2", "f4"])
@pytest.mark.parametrize("width", [1, 31, 32, 100])
@pytest.mark.parametrize("colours", [2, 3, 4])
def test_colours_side_by_side_are_written_together(dtype, width, colours):
    levels, value_range = levels_of(4, (colours, 9, width + 3)), Range(-20, 200)
    part = slice(1, 8), slice(2, 2 + width)
    image = np.full((7, width + 5, colours), 7, dtype)
    pixel_writer(value_range, np.moveaxis(image[:, 2 : 2 + width], -1, 0))(levels, part, 0)
    expected = plain(levels, part, value_range, np.dtype(dtype))
    np.testing.assert_array_equal(np.moveaxis(image[:, 2 : 2 + width], -1, 0), expected)
    assert (image[:, :2] == 7).all() and (image[:, 2 + width :] == 7).all()


def test_alpha_beside_colours_is_left_alone():
    levels, value_range, part = levels_of(5, (3, 6, 70)), Range(0, 255), (slice(6), slice(70))
    image = np.full((6, 70, 4), 7, np.uint8)
    pixel_writer(value_range, np.moveaxis(image, -1, 0)[:3])(levels, (slice(0, 6), slice(0, 70)), 0)
    expected = plain(levels, part, value_range, np.dtype("u1"))
    np.testing.assert_array_equal(np.moveaxis(image, -1, 0)[:3], expected)
    assert (image[..., 3] == 7).all()
