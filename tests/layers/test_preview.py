"""A preview: the values that the whole result has, and where it lies."""

import threading

import dask.array as da
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from napari.layers import Image, Layer

from napari_autolut.arrays import Task, finish
from napari_autolut.engine.threads import thread_count
from napari_autolut.layers import preview
from napari_autolut.layers.task import LayerTask
from napari_autolut.layers.upscaling import upscaled_layer_data
from napari_autolut.layers.viewport import (
    Region,
)
from napari_autolut.util.boxes import Box
from tests.conftest import small_model
from tests.imagelayers import assert_same_extent, image_layers, picture
from tests.layers.test_viewport import spans_within

pytestmark = pytest.mark.filterwarnings(
    "ignore:Non-orthogonal slicing is being requested:UserWarning"
)
RNG = np.random.default_rng(0)
MODELS = {scale: small_model(f"small-x{scale}", scale) for scale in (1, 2, 3)}


def piece_of(layer, region, scale=2, **options):
    upscaling = LayerTask.of(layer, MODELS[scale], **options)
    return finish(preview.preview_steps(upscaling, region))


def random_spans(layer, seed):
    """First and last of some slices, rows and columns."""
    rng = np.random.default_rng(seed)
    spans = []
    for n in layer.data.shape[: layer.ndim]:
        first = int(rng.integers(0, n))
        spans.append((first, int(rng.integers(first + 1, n + 1))))
    return spans


def assert_lies_in(whole, piece, layer, first):
    """The piece lies in the world where its first pixel does in the whole result."""
    placed = Image(
        piece.pixels,
        rgb=layer.rgb,
        rotate=layer.rotate,
        shear=layer.shear,
        affine=layer.affine,
        **{name: piece.placement[name] for name in ("scale", "translate")},
    )
    np.testing.assert_allclose(
        placed.data_to_world([0] * layer.ndim), whole.data_to_world(first), atol=1e-6
    )


@given(image_layers(), st.sampled_from([1, 2, 3]), st.integers(0, 2**32 - 1))
def test_a_piece_has_the_values_and_the_place_that_it_has_in_the_whole_result(layer, scale, seed):
    spans = random_spans(layer, seed)
    piece = piece_of(layer, Region(tuple(spans)), scale)
    whole = Layer.create(*upscaled_layer_data(layer, MODELS[scale]))
    factors = [1] * (layer.ndim - 2) + [scale] * 2
    cut = tuple(slice(a * f, b * f) for (a, b), f in zip(spans, factors, strict=True))
    np.testing.assert_array_equal(piece.pixels, whole.data[cut])
    assert_lies_in(whole, piece, layer, [each.start for each in cut])


@given(image_layers(), st.sampled_from([1.3, 1.5, 2.6]), st.integers(0, 2**32 - 1))
def test_the_same_holds_for_any_factor(layer, scale, seed):
    spans = random_spans(layer, seed)
    region = Region(tuple(spans))
    task = LayerTask.of(layer, MODELS[3], scale=scale)
    piece = finish(preview.preview_steps(task, region))
    whole = Layer.create(*finish(task.steps()))
    assert_same_extent(whole, layer)
    grid = task.task.grid
    *others, (top, bottom), (left, right) = spans
    box = grid.result(Box(top, bottom, left, right))
    cut = (*(slice(*span) for span in others), *box.slices)
    np.testing.assert_array_equal(piece.pixels, whole.data[cut])
    assert_lies_in(whole, piece, layer, [each.start for each in cut])


@pytest.fixture
def counted():
    """A lazy layer, and the places of its chunks that were read."""
    read = []

    def block(block_info):
        read.append(block_info[None]["chunk-location"])
        return np.zeros(block_info[None]["chunk-shape"], np.uint16)

    chunks = ((1,) * 5, (50,) * 20, (50,) * 20)
    lazy = da.map_blocks(block, chunks=chunks, dtype=np.uint16, meta=np.empty((0,) * 3, np.uint16))
    layer = Image(lazy, contrast_limits=(0, 9))
    read.clear()
    return layer, read


def test_of_a_lazy_source_only_the_region_is_read(counted):
    layer, read = counted
    region = Region(((3, 4), (410, 440), (520, 530)))
    piece = piece_of(layer, region, value_range="contrast")
    assert piece.pixels.shape == (1, 60, 20)
    assert set(read) == {(3, 8, 10)}


def test_of_a_lazy_source_a_bounded_sample_gives_the_automatic_range(counted):
    """64 chunks of the 2,000, once for all regions."""
    layer, read = counted
    task = LayerTask.of(layer, MODELS[2])
    for row in (410, 420):
        finish(preview.preview_steps(task, Region(((3, 4), (row, row + 9), (520, 530)))))
    assert len(set(read) - {(3, 8, 10)}) <= 64
    assert len(read) <= 64 + 2


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
    finish(preview.preview_steps(upscaling, Region(((10, 20), (10, 20)))))
    assert (upscaling.limits.lo, upscaling.limits.hi) == (0, 5000)


@given(st.integers(0, 2**32 - 1), st.sampled_from([np.uint8, np.float32]), st.booleans())
def test_what_an_earlier_piece_has_is_not_computed_again(seed, dtype, rgb):
    rng = np.random.default_rng(seed)
    layer = Image(picture(70, 60, *(3,) * rgb, dtype=dtype), rgb=rgb)
    upscaling = LayerTask.of(layer, MODELS[2])
    regions = [Region(spans_within(rng, ((0, 70), (0, 60)))) for _ in range(2)]
    shown = finish(preview.preview_steps(upscaling, regions[0]))
    piece = finish(preview.preview_steps(upscaling, regions[1], shown=shown, tile_pixels=300))
    expected = finish(preview.preview_steps(upscaling, regions[1]))
    np.testing.assert_array_equal(piece.pixels, expected.pixels)
    common = regions[0].common(regions[1])
    same = 0 if common is None else np.prod(common.shape)
    assert piece.computed == np.prod(regions[1].shape) - same


def test_pieces_of_another_slice_are_not_taken_over():
    layer = Image(picture(3, 40, 40))
    upscaling = LayerTask.of(layer, MODELS[2])
    shown = finish(preview.preview_steps(upscaling, Region(((0, 1), (0, 40), (0, 40)))))
    region = Region(((0, 2), (0, 40), (0, 40)))
    piece = finish(preview.preview_steps(upscaling, region, shown=shown))
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
    shown = finish(preview.preview_steps(upscaling, first, view=view))
    finish(preview.preview_steps(upscaling, view, view=view, shown=shown))
    assert len(reads) == 1


def test_pieces_are_computed_by_threads_that_stay(monkeypatch):
    """A thread has its memory yet when the next piece comes; a new one would have it cleared."""
    layer, threads = Image(RNG.random((96, 96))), set()
    upscaling = LayerTask.of(layer, MODELS[2])
    monkeypatch.setattr(preview, "MIN_TILE_PIXELS", 64)
    compute = Task.compute
    monkeypatch.setattr(
        Task, "compute", lambda *given: (threads.add(threading.current_thread()), compute(*given))
    )
    for first in range(0, 80, 16):
        finish(preview.preview_steps(upscaling, Region(((first, first + 16), (0, 96)))))
    assert len(threads) <= thread_count()
