"""Planes have a border, and memory is used again: results are the reference's."""

from contextlib import contextmanager
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from napari_autolut import load_model
from napari_autolut.engine import fast, memory, planes, reference

NAMES = ["natural-x4-light", "natural-x3", "spf-light-x4"]


@pytest.fixture(autouse=True)
def dirty(monkeypatch):
    """Memory is full of what must not be seen."""

    @contextmanager
    def lent_dirty(count):
        with memory.lent(count) as piece:
            piece[:] = np.nan
            yield piece

    for module in (fast, planes):
        monkeypatch.setattr(module, "lent", lent_dirty)


def image(height, width, seed=0):
    return np.random.default_rng(seed).uniform(0, 255, (height, width)).astype(np.float32)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("padding", ["edge", "reflect"])
def test_used_memory_leaves_no_trace(name, padding):
    model = replace(load_model(name), padding=padding)
    for height, width in ((12, 33), (11, 31), (21, 50), (24, 12), (12, 33)):
        plane = image(height, width, height)
        expected = reference.upscale_plane(model, plane)
        for threads in (1, 2):
            result = fast.upscale_plane(model, plane, threads=threads)
            np.testing.assert_array_equal(result, expected)


@cache
def expected_of(name, seed):
    return reference.upscale_plane(load_model(name), np.rint(image(40, 37, seed)))


@pytest.mark.parametrize("name", [*NAMES, "autolut-mulut-x4"])
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("count", [1, 3])
def test_rows_are_handed_over_once_each(name, threads, count, monkeypatch):
    """Each of them while it is there: the memory is full of something else a moment later."""
    monkeypatch.setattr(fast, "STREAMED", 1000)
    monkeypatch.setattr("napari_autolut.engine.threads.PIXELS_PER_BAND", 500)
    model = load_model(name)
    stack = np.stack([np.rint(image(40, 37, seed)) for seed in range(count)])
    expected = np.stack([expected_of(name, seed) for seed in range(count)])
    found, calls = np.full_like(expected, -1), []

    def sink(first, values):
        rows = slice(first, first + values.shape[1])
        assert (found[:, rows] == -1).all()
        found[:, rows] = values
        calls.append(values.shape[1])

    fast.upscale_rows(model, stack, sink, threads=threads)
    np.testing.assert_array_equal(found, expected)
    assert len(calls) > threads and sum(calls) == expected.shape[1]
    together = fast.upscale_planes(model, stack, threads=threads)
    np.testing.assert_array_equal(together, expected)


def test_a_result_is_nobodys_memory():
    model = load_model("natural-x4-light")
    first = fast.upscale_plane(model, image(20, 33))
    kept = first.copy()
    fast.upscale_plane(model, image(20, 33, 1))
    np.testing.assert_array_equal(first, kept)


@pytest.mark.parametrize("padding", ["edge", "reflect"])
@pytest.mark.parametrize("shape", [(7, 5), (1, 9), (9, 1), (1, 1)])
@pytest.mark.parametrize("border", [0, 1, 4])
def test_a_plane_goes_on_beyond_its_edges_as_numpy_pads_it(shape, border, padding):
    values = np.random.default_rng(0).random((2, *shape)).astype(np.float32)
    size = planes.Size(2, 3, *shape, border, scale=1)
    made = planes.Planes(np.zeros(size.values, np.float32), size, padding)
    made.put(1, values)
    for image, plane in enumerate(values):
        view = made.view(image, 1)
        first = view.start - border * (view.row_stride + 1)
        rows = [view.flat[first + y * view.row_stride :] for y in range(shape[0] + 2 * border)]
        found = np.stack([row[: shape[1] + 2 * border] for row in rows])
        np.testing.assert_array_equal(found, np.pad(plane, border, mode=padding))


@pytest.mark.parametrize("width", [37, 48])
def test_nothing_that_memory_held_before_is_added(width):
    """Integers of an earlier array, taken for floats, make a plane five times as slow."""
    size = planes.Size(1, 2, 5, width, 2, scale=1)
    memory = np.full(size.values, 12345, np.int32).view(np.float32)
    made = planes.Planes(memory, size, "edge")
    for number in range(size.planes):
        made.put(number, np.full((1, 5, width), 100, np.float32))
    assert set(memory) == {0, 100}
