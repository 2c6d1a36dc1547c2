"""Filters that are summed for squares of 2 x 2 pixels: what they are, and where squares begin."""

import numpy as np
import pytest

from napari_autolut import load_model
from napari_autolut.engine import fast, reference
from napari_autolut.engine.squares import factors_of, numbers_of, square_of
from napari_autolut.model import nodes
from tests.models import random_model


def squared_model(seed=0, **options):
    """Whose later nodes have filters of five signals in corners of their windows."""
    kind = {"upscales": (1, 1, 2), "branches": 4, "channels": 5, "window": 5, "rotations": 1}
    rng = np.random.default_rng(seed)
    return random_model(rng, **(kind | options), filters=True, corners=True)


def plane(height, width, seed=1):
    return np.random.default_rng(seed).uniform(0, 255, (height, width)).astype(np.float32)


def test_squares_of_whole_numbers_are_exact():
    rng = np.random.default_rng(2)
    pixels, filters = rng.integers(0, 256, (12, 16)), 4 * rng.integers(-9, 10, (3, 3))
    pairs = zip(
        factors_of(filters.astype(np.float32)), numbers_of(pixels.astype(np.float32)), strict=True
    )
    squares = square_of([factor * number for factor, number in pairs])
    expected = np.lib.stride_tricks.sliding_window_view(pixels, (3, 3))
    expected = (expected * filters).sum((2, 3))
    for number, pixel in enumerate(squares):
        row, column = divmod(number, 2)
        np.testing.assert_array_equal(pixel, expected[row::2, column::2])


def test_the_definition_is_the_sum_over_taps(monkeypatch):
    models = [squared_model(), load_model("natural-x2-light"), load_model("micro-x4-light")]
    image = plane(33, 47)
    squared = [reference.upscale_plane(model, image) for model in models]
    assert [model.step for model in models] == [2, 2, 2]
    monkeypatch.setattr(nodes, "SQUARED_SIGNALS", 100)
    for model, found in zip(models, squared, strict=True):
        tap_by_tap = reference.upscale_plane(model, image)
        assert 0 < abs(found - tap_by_tap).max() < 1e-3


@pytest.mark.parametrize("branches", [1, 3, 4, 5, 6, 11])
def test_bits_are_the_references(branches):
    model = squared_model(branches, branches=branches)
    image = plane(9, 66)
    np.testing.assert_array_equal(
        fast.upscale_plane(model, image), reference.upscale_plane(model, image)
    )


@pytest.mark.parametrize("height", [1, 2, 5])
@pytest.mark.parametrize("width", [1, 2, 15, 16, 33, 127, 130, 289])
def test_every_size_ends_well(height, width):
    model, image = squared_model(upscales=(1, 1)), plane(height, width)
    np.testing.assert_array_equal(
        fast.upscale_plane(model, image), reference.upscale_plane(model, image)
    )


@pytest.mark.parametrize("padding", ["edge", "reflect"])
def test_no_bit_depends_on_threads(padding):
    model, image = squared_model(padding=padding), plane(301, 90)
    alone = fast.upscale_plane(model, image, threads=1)
    for threads in (2, 3, 8):
        np.testing.assert_array_equal(fast.upscale_plane(model, image, threads=threads), alone)


def test_rows_given_a_few_at_a_time(monkeypatch):
    model, image = squared_model(), plane(41, 50)
    whole = fast.upscale_plane(model, image)
    monkeypatch.setattr(fast, "STREAMED", 700)
    np.testing.assert_array_equal(fast.upscale_plane(model, image), whole)


def test_parts_that_begin_at_even_places_have_the_same_bits():
    model, image = squared_model(), plane(40, 40)
    halo, scale = model.halo, model.scale
    whole = fast.upscale_plane(model, image)
    for row, column in ((2, 4), (3, 4), (2, 5)):
        part = fast.upscale_plane(model, np.ascontiguousarray(image[row:, column:]))
        inner = part[halo * scale :, halo * scale :]
        expected = whole[(row + halo) * scale :, (column + halo) * scale :]
        if row % model.step == column % model.step == 0:
            np.testing.assert_array_equal(inner, expected)
        else:
            assert 0 < abs(inner - expected).max() < 1e-3


def test_a_pixel_depends_on_nothing_outside_of_its_filters():
    model = squared_model(upscales=(1, 1))
    image = plane(30, 30)
    changed = image.copy()
    changed[15, 15] = 255 - changed[15, 15]
    rows, columns = np.nonzero(
        fast.upscale_plane(model, changed) != fast.upscale_plane(model, image)
    )
    assert max(abs(rows - 15).max(), abs(columns - 15).max()) <= model.halo


def test_windows_and_few_signals_are_summed_tap_by_tap():
    assert random_model(np.random.default_rng(0), window=5).step == 1
    assert squared_model(channels=1).step == 1
    assert load_model("autolut-mulut-x4").step == 1
