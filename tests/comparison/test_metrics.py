"""Images of different sizes measured against each other."""

import math

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from napari_autolut.arrays.bicubic import resize
from napari_autolut.arrays.value_range import Range
from napari_autolut.comparison.metrics import (
    Figures,
    View,
    border_of,
    common_size,
    difference_steps,
    largest_difference,
    measure_steps,
    signed_difference,
)
from napari_autolut.evaluation.metrics import psnr_y, ssim_y
from napari_autolut.util.boxes import Box
from tests.comparison.methods_run import finished
from tests.imagelayers import picture

BYTES = Range(0, 255)


def view(pixels, rgb=False, nearest=False, name="view"):
    return View(name, pixels, rgb, nearest)


def measured(truth, *views, visible=None, border=0, **how):
    height, width = truth.size
    box = visible or Box(0, height, 0, width)
    return finished(
        measure_steps(views, truth, (), visible=box, border=border, value_range=BYTES, **how)
    )


def test_pixels_shown_as_squares_are_measured_as_squares():
    small = picture(4, 3)
    grown = view(small, nearest=True).on_grid((), (8, 6))
    assert_array_equal(grown, small.repeat(2, 0).repeat(2, 1))
    assert_array_equal(view(small).on_grid((), (8, 6)), resize(small, 2))
    assert view(small, nearest=True).on_grid((), (7, 5)).shape == (7, 5)


def test_planes_are_taken_by_their_index_and_single_ones_stand_for_all():
    stack = picture(3, 5, 4, 4)
    assert_array_equal(view(stack).plane((2, 1)), stack[2, 1])
    colours = picture(1, 4, 4, 4)
    assert_array_equal(view(colours, rgb=True).plane((7,)), colours[0, ..., :3])


def test_differences_are_signed_and_lie_on_the_larger_grid():
    low, high = np.full((4, 4), 10, np.uint8), np.full((8, 8), 30, np.uint8)
    found = signed_difference(view(low, nearest=True), view(high), ())
    assert_array_equal(found, np.full((8, 8), -20))
    assert_array_equal(signed_difference(view(high), view(low, nearest=True), ()), -found)
    assert common_size([view(low), view(high)]) == (8, 8)


def test_colours_differ_by_their_luma():
    black, green = np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4, 3), np.uint8)
    green[..., 1] = 100
    found = signed_difference(view(green, rgb=True), view(black, rgb=True), ())
    np.testing.assert_allclose(found, 100 * 128.553 / 219, rtol=1e-6)


def test_the_largest_difference_is_finite_and_not_0():
    views = [view(np.full((2, 2), value, np.float32)) for value in (5, 8, 1)]
    said, images = finished(difference_steps(views, views[0], ()))
    assert [step.done for step in said] == [1, 2, 3]
    assert largest_difference(images) == 4
    assert largest_difference([np.full((2, 2), np.nan, np.float32), images[1]]) == 3
    assert largest_difference([images[0]]) == 1


@pytest.mark.parametrize("shape", [(24, 30), (24, 30, 3)])
def test_figures_are_those_of_the_field(shape):
    truth, other = picture(*shape), picture(*shape)[::-1].copy()
    rgb = len(shape) == 3
    seen = Box(0, 20, 10, 30)
    _, found = measured(view(truth, rgb), view(other, rgb), visible=seen, border=4)
    (visible,), (everything,) = found
    region = (slice(4, 20), slice(10, 26))
    assert visible.psnr == pytest.approx(psnr_y(other[region], truth[region], border=0))
    assert visible.ssim == pytest.approx(ssim_y(other[region], truth[region], border=0))
    errors = np.abs(other.astype(float) - truth)[region]
    assert (visible.mean_error, visible.largest_error) == (errors.mean(), errors.max())
    assert everything.psnr == pytest.approx(psnr_y(other, truth, border=4))
    assert everything.ssim == pytest.approx(ssim_y(other, truth, border=4))


def test_views_of_other_sizes_are_brought_to_the_ground_truth():
    truth = picture(24, 24)
    _, found = measured(view(truth), view(truth[::2, ::2]), view(truth.repeat(2, 0).repeat(2, 1)))
    smaller, larger = found.whole
    enlarged = resize(truth[::2, ::2], 2)
    assert smaller.psnr == pytest.approx(psnr_y(enlarged, truth, border=0))
    assert larger.psnr > smaller.psnr


def test_figures_known_already_are_not_measured_again():
    truth = picture(24, 24)
    known = [Figures(1.0, 2.0, 3.0, 4.0)]
    _, found = measured(view(truth), view(truth), known=known)
    assert found.whole == known
    assert math.isinf(found.visible[0].psnr)


def test_what_cannot_be_measured_is_no_number():
    truth = picture(24, 24).astype(np.float32)
    holed = truth.copy()
    holed[12, 12] = np.nan
    _, found = measured(view(truth), view(holed), visible=Box(0, 8, 0, 8))
    assert math.isinf(found.visible[0].psnr)
    assert math.isnan(found.visible[0].ssim)
    assert math.isnan(found.whole[0].psnr)
    _, outside = measured(view(truth), view(truth), visible=Box(30, 40, 0, 8))
    assert math.isnan(outside.visible[0].psnr)
    _, nothing = measured(view(truth), view(truth), border=20)
    assert math.isnan(nothing.whole[0].psnr)


def test_the_border_is_the_scale():
    assert border_of((10, 10), (40, 40)) == 4
    assert border_of((10, 10), (10, 10)) == 1
    assert border_of((10, 10), (25, 20)) == 3
