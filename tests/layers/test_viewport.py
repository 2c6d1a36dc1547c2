"""Which region of a layer a canvas shows, and how much of it is computed at once."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from napari.components import ViewerModel
from napari.layers import Image

from napari_autolut._compat import camera
from napari_autolut.layers import viewport
from napari_autolut.layers.viewport import (
    Region,
    Viewport,
    capped,
    data_to_world,
    displayed_axes,
    grown,
    visible_region,
)
from tests.imagelayers import image_layers, picture

pytestmark = pytest.mark.filterwarnings(
    "ignore:Non-orthogonal slicing is being requested:UserWarning"
)


def look_at(layer, size=(1e9, 1e9), order=None):
    """A look at the middle of a layer, as large as given."""
    matrix = data_to_world(layer.as_layer_data_tuple()[1])
    shape = layer.data.shape[: layer.ndim]
    middle = np.append((np.array(shape) - 1) // 2, 1)
    world = (matrix @ middle)[:-1]
    displayed = displayed_axes(order or range(layer.ndim), layer.ndim)
    return Viewport(tuple(world[list(displayed)]), size, displayed, tuple(world)), matrix, shape


@given(image_layers())
def test_our_matrix_is_napari_s(layer):
    matrix = data_to_world(layer.as_layer_data_tuple()[1])
    point = np.arange(layer.ndim) + 0.25
    expected = layer.data_to_world(point)
    np.testing.assert_allclose((matrix @ [*point, 1])[:-1], expected, atol=1e-9)


@pytest.mark.parametrize(
    "place",
    [
        {},
        {"scale": (0.5, 3), "translate": (40, -7)},
        {"rotate": 30, "shear": [0.4], "scale": (2, 0.5)},
        {"scale": (-1, 1)},
    ],
)
def test_what_a_canvas_shows_is_what_napari_says_it_shows(place):
    layer = Image(picture(90, 70), **place)
    look, matrix, shape = look_at(layer, (8, 12))
    region = visible_region(look, matrix, shape)
    for signs in product((-0.5, 0, 0.5), repeat=2):
        world = np.add(look.centre, np.multiply(signs, look.size))
        for at, (first, stop) in zip(layer.world_to_data(world), region.spans, strict=True):
            assert first - 0.5 - 1e-9 <= at <= stop - 0.5 + 1e-9
    assert region.whole
    assert max(region.shape) < 60


def test_the_region_ends_where_the_layer_does_and_there_is_none_beside_it():
    layer = Image(picture(30, 20))
    look, matrix, shape = look_at(layer)
    assert visible_region(look, matrix, shape).spans == ((0, 30), (0, 20))
    beside = Viewport((500, 500), (50, 50), (0, 1), (0, 0))
    assert visible_region(beside, matrix, shape) is None


@pytest.mark.parametrize(
    ("order", "expected"),
    [((0, 1, 2), (1, 2)), ((0, 2, 1), (2, 1)), ((1, 2, 0), (2, 0)), ((2, 0, 1), (0, 1))],
)
def test_any_two_axes_may_be_displayed_in_any_order(order, expected):
    viewer = ViewerModel()
    layer = viewer.add_image(picture(9, 30, 40), scale=(5, 1, 1))
    viewer.dims.order = order
    camera(viewer).center = (0, 0, 0)
    look, matrix, shape = look_at(layer, (10, 10), order)
    assert look.displayed == expected
    region = visible_region(look, matrix, shape)
    hidden = order[0]
    assert region.shape[hidden] == 1
    assert region.start[hidden] == (shape[hidden] - 1) // 2
    assert all(region.shape[axis] > 1 for axis in expected)


def test_a_layer_lies_in_the_last_axes_of_a_viewer():
    assert displayed_axes((0, 1, 2, 3), 2) == (0, 1)
    assert displayed_axes((3, 0, 1, 2), 2) == (1, 0)
    assert displayed_axes((0, 1, 3, 2), 2) == (1, 0)
    assert displayed_axes((2, 3, 0, 1), 3) == (2, 0)


def test_a_slice_that_the_layer_does_not_have_shows_nothing():
    layer = Image(picture(3, 30, 40))
    look, matrix, shape = look_at(layer)
    assert (
        visible_region(Viewport(look.centre, look.size, look.displayed, (7, 0, 0)), matrix, shape)
        is None
    )


def test_of_a_large_region_the_middle_is_enlarged():
    region = Region(((2, 3), (0, 5000), (1000, 4000)))
    middle = capped(region, (1, 2), (1, 2), 12)
    assert not middle.whole
    assert middle.shape == (1, 1024, 1024)
    assert middle.start == (2, 1988, 1988)
    assert region.holds(middle)
    assert not middle.holds(region)
    small = Region(((2, 3), (0, 500), (1000, 1400)))
    assert capped(small, (1, 2), (1, 2), 12) is small


def test_a_long_strip_is_not_made_shorter_than_it_need_be():
    strip = capped(Region(((0, 100), (0, 10**6))), (0, 1), (0, 1), 12)
    assert strip.shape == (100, viewport.MAX_PIXELS // 100)


def test_a_view_from_the_side_counts_what_lies_around_it():
    region = Region(((0, 500), (7, 8), (0, 800)))
    assert capped(region, (0, 2), (1, 2), 12).shape[1] == 1
    assert np.prod(capped(region, (0, 2), (1, 2), 12).shape) * 25 <= viewport.MAX_PIXELS


def spans_within(rng, outer):
    """Some region of each stretch, never nothing."""
    spans = []
    for first, stop in outer:
        low = int(rng.integers(first, stop))
        spans.append((low, int(rng.integers(low + 1, stop + 1))))
    return tuple(spans)


@given(st.integers(0, 2**32 - 1), st.integers(1, 4000), st.booleans())
def test_a_region_grows_to_the_whole_view_in_steps_of_bounded_size(seed, most, from_nothing):
    rng = np.random.default_rng(seed)
    view = Region(((4, 5), *spans_within(rng, ((0, 500), (0, 500)))))
    known = None if from_nothing else Region(((4, 5), *spans_within(rng, ((0, 500), (0, 500)))))
    for _ in range(300):
        region = grown(known, view, (1, 2), most)
        assert view.holds(region)
        if region == view:
            return
        common = None if known is None else known.common(view)
        kept = common is not None and region.holds(common)
        new = np.prod(region.shape) - (np.prod(common.shape) if kept else 0)
        one_step = sum(
            n * (2 + n // viewport.GROWTH_STEPS) for n in (*region.shape[1:], *view.shape[1:])
        )
        assert 0 < new <= most + one_step
        known = region
    raise AssertionError("never the whole view")


def test_it_grows_from_the_middle_where_nothing_useful_is_known():
    view = Region(((0, 400), (0, 400)))
    beside = Region(((0, 400), (0, 50)))
    for known in (None, beside, Region(((900, 950), (0, 400)))):
        region = grown(known, view, (0, 1), 10_000)
        assert region.shape == pytest.approx((100, 100), abs=14)
        assert region.start == pytest.approx((150, 150), abs=8)
    after_a_move = grown(Region(((0, 400), (-40, 360))), view, (0, 1), 20_000)
    assert after_a_move == view


@pytest.mark.parametrize(
    ("point", "margins"), [(3, (2, 2)), (2.5, (1, 2)), (0, (4, 1)), (6, (9, 9))]
)
def test_of_a_thick_slice_all_slices_are_seen_that_napari_projects(point, margins):
    viewer = ViewerModel()
    stack = picture(8, 6, 5)
    layer = viewer.add_image(stack, projection_mode="max", scale=(2, 1, 1))
    viewer.dims.set_point(0, 2 * point)
    viewer.dims.margin_left = (2 * margins[0], 0, 0)
    viewer.dims.margin_right = (2 * margins[1], 0, 0)
    world = [(2 * below, 2 * above) for below, above in (margins, (0, 0), (0, 0))]
    matrix = data_to_world(layer.as_layer_data_tuple()[1])
    look = Viewport((2, 2), (1e9, 1e9), (1, 2), tuple(viewer.dims.point), tuple(world))
    (first, stop), *_ = visible_region(look, matrix, stack.shape).spans
    shown = viewer.add_image(
        stack[first:stop], projection_mode="max", scale=(2, 1, 1), translate=(2 * first, 0, 0)
    )
    np.testing.assert_array_equal(shown._slice.image.raw, layer._slice.image.raw)


def test_many_slices_leave_room_for_few_pixels_each(monkeypatch):
    monkeypatch.setattr(viewport, "MAX_PIXELS", 1000)
    region = capped(Region(((0, 10), (0, 50), (0, 50))), (1, 2), (1, 2), 0)
    assert region.shape == (10, 10, 10)
    assert not region.whole
