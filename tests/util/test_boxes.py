"""A plane upscaled in tiles gives the bits it gives as a whole."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_autolut.engine import plane_engine
from napari_autolut.util.boxes import Box, grid_boxes, tile_boxes, tile_count, whole
from tests.models import lut_models, planes, random_model

reference = plane_engine("reference")


def assembled(model, plane, engine, tile_size):
    height, width = plane.shape
    result = np.full((height * model.scale, width * model.scale), np.nan, np.float32)
    for box in tile_boxes(whole(plane.shape), tile_size):
        source = box.grown(model.halo, plane.shape)
        values = engine(model, plane[source.slices])
        inner, outer = (each.times(model.scale).slices for each in (box.within(source), box))
        assert np.isnan(result[outer]).all(), "tiles overlap"
        result[outer] = values[inner]
    return result


@given(lut_models(max_grid_size=5), planes(14), st.integers(1, 20))
def test_tiled_is_untiled_bit_for_bit(model, plane, tile_size):
    expected = reference(model, plane)
    np.testing.assert_array_equal(assembled(model, plane, reference, tile_size), expected)


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (2, 3), (7, 1), (5, 8), (13, 11)])
@pytest.mark.parametrize("tile_size", [1, 2, 7])
def test_reflect_padding_near_every_border(shape, tile_size):
    """Planes smaller than the halo, and one that has tiles far from its borders."""
    rng = np.random.default_rng(5)
    kind = {"upscales": (1, 2, 1), "window": 3, "dense": False, "noise": 40}
    model = random_model(rng, padding="reflect", **kind)
    assert model.halo == 5
    plane = rng.uniform(0, 255, shape).astype(np.float32)
    expected = reference(model, plane)
    np.testing.assert_array_equal(assembled(model, plane, reference, tile_size), expected)


@pytest.mark.parametrize("tile_size", [1, 7, 50])
def test_fast_engine_in_tiles(tile_size):
    fast = plane_engine("fast")
    rng = np.random.default_rng(1)
    model = random_model(rng, upscales=(1, 4), branches=3, grid_size=9, window=5, residual=True)
    plane = rng.uniform(0, 255, (33, 41)).astype(np.float32)
    np.testing.assert_array_equal(assembled(model, plane, fast, tile_size), fast(model, plane))


def test_the_halo_is_needed():
    """Tiles without their surroundings give seams: the tests above can fail."""
    rng = np.random.default_rng(2)
    model = random_model(rng, upscales=(1, 2), window=3)
    plane = rng.uniform(0, 255, (12, 12)).astype(np.float32)
    parts = [reference(model, plane[:6]), reference(model, plane[6:])]
    assert (np.concatenate(parts) != reference(model, plane)).any()


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 50))
def test_boxes_cover_every_pixel_once(height, width, tile_size):
    seen = np.zeros((height, width), int)
    boxes = list(tile_boxes(whole((height, width)), tile_size))
    for box in boxes:
        seen[box.slices] += 1
    assert (seen == 1).all()
    assert len(boxes) == tile_count((height, width), tile_size)
    for side, sizes in (
        (height, {box.bottom - box.top for box in boxes}),
        (width, {box.right - box.left for box in boxes}),
    ):
        assert max(sizes) - min(sizes) <= 1, "no narrow rests"
        assert max(sizes) < 1.5 * tile_size + 1
        assert min(sizes) >= min(side, 2 * tile_size // 3)


def test_a_grid_has_rests():
    boxes = list(grid_boxes(whole((10, 7)), 4))
    assert [(box.top, box.bottom) for box in boxes[::2]] == [(0, 4), (4, 8), (8, 10)]
    assert [(box.left, box.right) for box in boxes[:2]] == [(0, 4), (4, 7)]


@pytest.mark.parametrize("tile_size", [0, -3])
def test_tile_size_below_one_is_refused(tile_size):
    with pytest.raises(ValueError, match=f"found {tile_size}, expected at least 1"):
        tile_count((4, 4), tile_size)
    with pytest.raises(ValueError, match=f"found {tile_size}, expected at least 1"):
        list(tile_boxes(whole((4, 4)), tile_size))


@pytest.mark.parametrize("flips", [(False, True), (True, False), (True, True)])
def test_a_mirrored_box_shows_the_same_pixels(flips):
    """Of an image that is shown from its other side."""
    pixels, outer, box = np.arange(180).reshape(12, 15), Box(2, 9, 3, 12), Box(3, 5, 4, 10)
    backwards = tuple(slice(None, None, -1 if flip else 1) for flip in flips)
    shown, place = pixels[outer.slices][backwards], box.mirrored(outer, flips).within(outer)
    np.testing.assert_array_equal(shown[place.slices], pixels[box.slices][backwards])
