"""Which range an image has."""

import dask.array as da
import numpy as np
import pytest

from napari_autolut import Upscaler, upscale
from napari_autolut.arrays import finish
from napari_autolut.arrays.upscaling_steps import upscale_steps
from napari_autolut.arrays.value_range import Range, resolve_range
from tests.models import doubling_model


@pytest.mark.parametrize(
    ("image", "options", "expected"),
    [
        (np.array([[3, 7]], np.uint8), {}, (0, 255)),
        (np.array([[3, 7]], np.uint8), {"value_range": "auto"}, (0, 255)),
        (np.array([[3, 7]], np.uint8), {"value_range": "data"}, (3, 7)),
        (np.array([[3, 7]], np.uint16), {}, (3, 7)),
        (np.array([[3, 7]], np.uint16), {"value_range": "dtype"}, (0, 65535)),
        (np.array([[-3, 7]], np.int16), {"value_range": "dtype"}, (-32768, 32767)),
        (np.array([[3, 7]], np.uint16), {"value_range": "contrast"}, (1, 5)),
        (np.array([[3, 7]], np.uint16), {"value_range": (2, 2.5)}, (2, 2.5)),
        (np.array([[3, 7]], np.uint16), {"value_range": np.array([0, 9])}, (0, 9)),
        (np.array([[-0.5, 0.25]]), {}, (-0.5, 0.25)),
        (np.array([[-0.5, 0.25]]), {"value_range": "dtype"}, (0, 1)),
        (np.array([[np.nan, 2, np.inf, -np.inf, 5]]), {}, (2, 5)),
        (np.array([[np.nan, np.nan]]), {}, (0, 0)),
        (np.full((2, 2, 3), 0.25), {"rgb": True}, (0, 1)),
        (np.full((2, 2, 3), 7.0), {"rgb": True}, (7, 7)),
        (np.full((2, 2, 3), 7, np.uint16), {"rgb": True}, (7, 7)),
    ],
)
def test_range_of_arrays(image, options, expected):
    found = resolve_range(image, contrast_limits=(1, 5), **options)
    assert (found.lo, found.hi) == expected


def test_one_hot_pixel_changes_no_other():
    """The automatic range lies between percentiles: a hot pixel is carried beside the model."""
    rng = np.random.default_rng(0)
    stack = rng.integers(200, 1500, (4, 64, 64)).astype(np.uint16)
    hot = stack.copy()
    hot[2, 30, 30] = 65535
    before, after = resolve_range(stack), resolve_range(hot)
    width = before.hi - before.lo
    assert abs(after.lo - before.lo) < 0.001 * width and abs(after.hi - before.hi) < 0.001 * width
    assert before.lo == pytest.approx(200, abs=10) and before.hi == pytest.approx(1500, abs=10)
    assert resolve_range(hot, "data") == Range(float(stack.min()), 65535)


def test_a_few_bright_spots_on_nothing_still_have_a_range():
    image = np.zeros((100, 100), np.uint16)
    image[50, 50:53] = 900
    assert resolve_range(image) == Range(0, 900)


def test_large_planes_are_sampled_and_not_read_whole():
    image = np.zeros((3, 4096, 4096), np.float32)
    image[:, ::64, ::64] = np.nan
    image[1, 500:600, 500:600] = 5
    found = resolve_range(image)
    assert (found.lo, found.hi) == (0, 5)


def test_what_lies_near_the_borders_of_a_large_plane_is_nearly_in_the_range():
    rows, columns = np.ogrid[:3000, :3000]
    ramp = (rows + columns // 8).astype(np.uint16)
    lowest, highest = np.percentile(ramp, [0.1, 99.9])
    found = resolve_range(ramp)
    assert found.lo - lowest < 0.08 * (highest - lowest)
    assert highest - found.hi < 0.08 * (highest - lowest)


def test_alpha_does_not_count():
    image = np.zeros((2, 2, 4), np.uint16)
    image[..., :3], image[..., 3] = 100, 65535
    image[0, 0, 0] = 7
    assert resolve_range(image, rgb=True) == Range(7, 100)


@pytest.mark.parametrize("asked", ["auto", "data"])
@pytest.mark.parametrize("dtype", ["uint16", "float32"])
def test_what_alpha_hides_does_not_count(asked: str, dtype: str) -> None:
    """Papers are 0, white, or what was there before: 12 bits would be 16 levels of the model."""
    image = np.full((2, 40, 40, 4), 60000, dtype)
    image[..., 3] = 0
    image[1, 10:, :, :3], image[1, 10:, :, 3] = 900, 1
    image[1, 20:, :, :3] = 4000
    assert resolve_range(image, asked, rgb=True) == Range(900, 4000)
    if asked == "auto":
        lazy = da.from_array(image, chunks=(1, 16, 16, 4))
        assert resolve_range(lazy, rgb=True) == Range(900, 4000)
    nothing = np.zeros_like(image)
    nothing[..., :3] = 60000
    assert resolve_range(nothing, asked, rgb=True).hi <= 1


def unreadable(dtype, shape=(8, 8)):
    def fail(block):
        raise AssertionError("computed a lazy array")

    return da.zeros(shape, dtype=dtype, chunks=4).map_blocks(fail, dtype=dtype)


@pytest.mark.parametrize(
    ("dtype", "options", "expected"),
    [
        ("uint8", {}, (0, 255)),
        ("uint16", {"value_range": "dtype"}, (0, 65535)),
        ("uint16", {"value_range": "contrast", "contrast_limits": (10, 90)}, (10, 90)),
        ("float32", {"value_range": (2, 3)}, (2, 3)),
        ("float32", {"value_range": "dtype"}, (0, 1)),
    ],
)
def test_range_of_lazy_arrays_that_is_said_reads_nothing(dtype, options, expected):
    found = resolve_range(unreadable(dtype), **options)
    assert (found.lo, found.hi) == expected


@pytest.mark.parametrize("options", [{}, {"contrast_limits": (10, 90)}, {"rgb": True}])
def test_lazy_arrays_have_the_range_of_arrays_in_memory(options):
    """Not that of their first slice, whose contrast limits napari takes."""
    stack = np.random.default_rng(0).integers(0, 4000, (9, 40, 40, 3), np.uint16)
    stack[0] //= 100
    lazy = da.from_array(stack, chunks=(2, 16, 40, 3))
    assert resolve_range(lazy, **options) == resolve_range(stack, **options)


def test_minimum_and_maximum_of_lazy_arrays_ask_for_numbers():
    with pytest.raises(ValueError, match=r"lazy .* pass value_range=\(lo, hi\)"):
        resolve_range(unreadable("uint16"), "data")


@pytest.mark.parametrize(
    ("value_range", "message"),
    [
        ("minmax", "found 'minmax', expected one of auto, dtype, data, or two"),
        ("contrast", "found no contrast limits"),
        ((1, 2, 3), "expected two numbers"),
        (("a", "b"), "expected two numbers"),
        (5, "expected two numbers"),
        ((3, 1), r"found \(3.0, 1.0\), expected finite numbers lo <= hi"),
        ((0, np.nan), "expected finite"),
        ((-np.inf, 0), "expected finite"),
        ((-1.7e308, 1.7e308), "no further apart"),
    ],
)
def test_impossible_ranges(value_range, message):
    with pytest.raises(ValueError, match=message):
        resolve_range(np.zeros((2, 2), np.float32), value_range)


@pytest.mark.parametrize("side", [8, 16, 24, 40, 72])
@pytest.mark.parametrize("value", [0, 40, 60000])
@pytest.mark.parametrize("count", [1, 3])
def test_hot_and_dead_pixels_do_not_move_the_range(side, value, count):
    """In small images one pixel is more than a thousandth, and in all it would be one rank more."""
    rows, columns = np.mgrid[:side, :side]
    image = (1500 + 900 * np.sin(rows / 3) * np.cos(columns / 4)).astype(np.uint16)
    broken = image.copy()
    broken.flat[np.linspace(side, side * side - side, count).astype(int)] = value
    before, after = resolve_range(image), resolve_range(broken)
    width = before.hi - before.lo
    assert abs(after.hi - before.hi) <= 0.001 * width
    assert after.lo == pytest.approx(before.lo, abs=0.001 * width if value > 3000 else width)


def test_bright_objects_are_no_outliers():
    rows, columns = np.mgrid[:40, :40]
    spot = (100 + 3000 * np.exp(-((rows - 20) ** 2 + (columns - 20) ** 2) / 8)).astype(np.uint16)
    assert resolve_range(spot).hi > 2500
    for few in ([5], [1, 2, 3], [0, 0, 9]):
        tiny = np.array(few, np.uint16).reshape(1, -1)
        assert resolve_range(tiny) == Range(min(few), max(few))


@pytest.mark.parametrize("as_given", [np.array, da.asarray])
def test_the_range_does_not_depend_on_where_channels_lie(as_given):
    """Rows that come before the channels are not sampled as slices are."""
    first = np.random.default_rng(0).gamma(2.0, 300.0, (2, 200, 40)).astype(np.uint16)
    last = as_given(np.moveaxis(first, 0, -1))
    model = doubling_model()
    expected = upscale(first, model, channel_axis=0)
    found = upscale(last, model, channel_axis=-1)
    np.testing.assert_array_equal(np.moveaxis(np.asarray(found), -1, 0), expected)
    limits = Upscaler(model, channel_axis=0).fit(first).value_range
    assert Upscaler(model, channel_axis=-1).fit(last).value_range == limits
    steps = upscale_steps(first.transpose(1, 2, 0), model, spatial_axes=(0, 1), rgb=False)
    np.testing.assert_array_equal(finish(steps).transpose(2, 0, 1), expected)


@pytest.mark.parametrize(
    ("dtype", "mark"),
    [("float32", np.finfo(np.float32).min), ("float32", 1e30), ("float64", -1e300),
     ("int32", np.iinfo(np.int32).min), ("uint32", np.iinfo(np.uint32).max)],
)  # fmt: skip
def test_marks_of_no_data_leave_the_rest_as_it_is(dtype, mark):
    """The lowest float as the lower limit made one level of all that is an image."""
    rows, columns = np.mgrid[:60, :70]
    image = (2000 + 900 * np.sin(rows / 5) * np.cos(columns / 4)).astype(dtype)
    marked = image.copy()
    marked[20:24, 30:40] = marked[50, 50] = mark
    found, plain = resolve_range(marked), resolve_range(image)
    assert found.lo == pytest.approx(plain.lo, abs=9) and found.hi == pytest.approx(plain.hi, abs=9)
    results = [
        upscale(each, "natural-x2-light")[:30, :40].astype(float) for each in (image, marked)
    ]
    np.testing.assert_allclose(*results, atol=9)


def test_a_few_bright_spots_on_a_ground_that_fades_are_no_marks():
    rows, columns = np.mgrid[:90, :90] - 44.5
    spot = 1000 * np.exp(-(rows**2 + columns**2) / 60)
    assert resolve_range(spot).hi == pytest.approx(np.sort(spot.ravel())[-9], abs=9)
    counts = np.random.default_rng(0).poisson(0.02, (90, 90)).astype(np.float32)
    counts[:3] = 1e9
    assert resolve_range(counts).hi == 1e9
