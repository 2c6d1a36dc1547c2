"""Which region of a layer a lens enlarges, with which values, and where the piece lies."""

from itertools import product

import dask.array as da
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from napari.components import ViewerModel
from napari.layers import Image, Layer

from napari_autolut._compat import camera
from napari_autolut.arrays import Task
from napari_autolut.layers import preview, viewport
from napari_autolut.layers.task import LayerTask
from napari_autolut.layers.upscaling import upscaled_layer_data
from napari_autolut.layers.viewport import (
    Region,
    Viewport,
    capped,
    data_to_world,
    displayed_axes,
    grown,
    visible_region,
)
from tests.conftest import small_model
from tests.layers.test_upscaling import image_layers, picture

pytestmark = pytest.mark.filterwarnings(
    "ignore:Non-orthogonal slicing is being requested:UserWarning"
)
MODELS = {scale: small_model(f"small-x{scale}", scale) for scale in (1, 2, 3)}


def finished(steps):
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def piece_of(layer, region, scale=2, **options):
    upscaling = LayerTask.of(layer, MODELS[scale], **options)
    return finished(preview.preview_steps(upscaling, region))


def look_at(layer, size=(1e9, 1e9), order=None):
    """A look at the middle of a layer, as large as given."""
    matrix = data_to_world(layer.as_layer_data_tuple()[1])
    shape = layer.data.shape[: layer.ndim]
    middle = np.append((np.array(shape) - 1) // 2, 1)
    world = (matrix @ middle)[:-1]
    displayed = displayed_axes(order or range(layer.ndim), layer.ndim)
    return Viewport(tuple(world[list(displayed)]), size, displayed, tuple(world)), matrix, shape


@given(image_layers(), st.sampled_from([1, 2, 3]), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_a_piece_has_the_values_and_the_place_that_it_has_in_the_whole_result(layer, scale, seed):
    rng = np.random.default_rng(seed)
    spans = []
    for n in layer.data.shape[: layer.ndim]:
        first = int(rng.integers(0, n))
        spans.append((first, int(rng.integers(first + 1, n + 1))))
    piece = piece_of(layer, Region(tuple(spans)), scale)
    whole = Layer.create(*upscaled_layer_data(layer, MODELS[scale]))
    factors = [1] * (layer.ndim - 2) + [scale] * 2
    cut = tuple(slice(a * f, b * f) for (a, b), f in zip(spans, factors, strict=True))
    np.testing.assert_array_equal(piece.pixels, whole.data[cut])
    placed = Image(
        piece.pixels,
        rgb=layer.rgb,
        rotate=layer.rotate,
        shear=layer.shear,
        affine=layer.affine,
        **{name: piece.placement[name] for name in ("scale", "translate")},
    )
    first = [region.start for region in cut]
    np.testing.assert_allclose(
        placed.data_to_world([0] * layer.ndim), whole.data_to_world(first), atol=1e-6
    )


@given(image_layers())
@settings(max_examples=20, deadline=None)
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


def test_the_part_ends_where_the_layer_does_and_there_is_none_beside_it():
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


def test_of_a_large_part_the_middle_is_enlarged():
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


def test_of_a_lazy_source_only_the_part_is_read():
    read = []

    def block(block_info):
        read.append(block_info[None]["chunk-location"])
        return np.zeros(block_info[None]["chunk-shape"], np.uint16)

    chunks = ((1,) * 5, (50,) * 20, (50,) * 20)
    lazy = da.map_blocks(block, chunks=chunks, dtype=np.uint16, meta=np.empty((0,) * 3, np.uint16))
    layer = Image(lazy, contrast_limits=(0, 9))
    read.clear()
    piece = piece_of(layer, Region(((3, 4), (410, 440), (520, 530))))
    assert piece.pixels.shape == (1, 60, 20)
    assert set(read) == {(3, 8, 10)}


def test_of_a_pyramid_the_finest_level_is_enlarged():
    finest = picture(40, 40)
    layer = Image([finest, finest[::2, ::2]], multiscale=True)
    region = Region(((3, 9), (5, 20)))
    expected = piece_of(Image(finest), region).pixels
    np.testing.assert_array_equal(piece_of(layer, region).pixels, expected)


def test_closing_the_steps_stops_the_work(monkeypatch):
    computed = []
    original = Task.compute
    monkeypatch.setattr(Task, "compute", lambda *given: computed.append(0) or original(*given))
    layer = Image(picture(700, 700))
    steps = preview.preview_steps(LayerTask.of(layer, MODELS[1]), Region(((0, 700), (0, 700))))
    assert next(steps).total == 8
    steps.close()
    assert len(computed) < 8


def test_the_range_is_that_of_the_whole_layer():
    pixels = np.zeros((20, 20), np.uint16)
    pixels[0, 0] = 5000
    layer = Image(pixels)
    upscaling = LayerTask.of(layer, MODELS[2])
    finished(preview.preview_steps(upscaling, Region(((10, 20), (10, 20)))))
    assert (upscaling.limits.lo, upscaling.limits.hi) == (0, 5000)


def spans_within(rng, outer):
    """Some region of each stretch, never nothing."""
    spans = []
    for first, stop in outer:
        low = int(rng.integers(first, stop))
        spans.append((low, int(rng.integers(low + 1, stop + 1))))
    return tuple(spans)


@given(st.integers(0, 2**32 - 1), st.sampled_from([np.uint8, np.float32]), st.booleans())
@settings(max_examples=40, deadline=None)
def test_what_an_earlier_piece_has_is_not_computed_again(seed, dtype, rgb):
    rng = np.random.default_rng(seed)
    layer = Image(picture(70, 60, *(3,) * rgb, dtype=dtype), rgb=rgb)
    upscaling = LayerTask.of(layer, MODELS[2])
    regions = [Region(spans_within(rng, ((0, 70), (0, 60)))) for _ in range(2)]
    shown = finished(preview.preview_steps(upscaling, regions[0]))
    piece = finished(preview.preview_steps(upscaling, regions[1], shown=shown, tile_pixels=300))
    expected = finished(preview.preview_steps(upscaling, regions[1]))
    np.testing.assert_array_equal(piece.pixels, expected.pixels)
    common = regions[0].common(regions[1])
    same = 0 if common is None else np.prod(common.shape)
    assert piece.computed == np.prod(regions[1].shape) - same


def test_pieces_of_another_slice_are_not_taken_over():
    layer = Image(picture(3, 40, 40))
    upscaling = LayerTask.of(layer, MODELS[2])
    shown = finished(preview.preview_steps(upscaling, Region(((0, 1), (0, 40), (0, 40)))))
    region = Region(((0, 2), (0, 40), (0, 40)))
    piece = finished(preview.preview_steps(upscaling, region, shown=shown))
    np.testing.assert_array_equal(piece.pixels, piece_of(layer, region).pixels)
    assert piece.computed == 3200


def test_a_lazy_view_is_read_once_while_its_piece_grows():
    reads = []

    def read(block):
        reads.append(block.shape)
        return block

    source = da.from_array(picture(60, 60), chunks=60).map_blocks(read, meta=np.empty((0, 0), "u1"))
    layer = Image(source, contrast_limits=(0, 255))
    upscaling = LayerTask.of(layer, MODELS[2])
    view, first = Region(((5, 50), (5, 50))), Region(((20, 30), (20, 30)))
    reads.clear()
    shown = finished(preview.preview_steps(upscaling, first, view=view))
    finished(preview.preview_steps(upscaling, view, view=view, shown=shown))
    assert len(reads) == 1


@given(st.integers(0, 2**32 - 1), st.integers(1, 4000), st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_part_grows_to_the_whole_view_in_steps_of_bounded_size(seed, most, from_nothing):
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
