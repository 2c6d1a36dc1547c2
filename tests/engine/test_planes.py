"""Planes have a border, and memory is used again: results are the reference's."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cache
from threading import Barrier

import numpy as np
import pytest

from napari_autolut import load_model
from napari_autolut.engine import fast, kernels, reference
from napari_autolut.engine import threads as of_threads
from napari_autolut.engine.kernels import scratch_for
from napari_autolut.engine.shapes import shape_of
from napari_autolut.engine.threads import aligned_empty, lent

NAMES = ["natural-x4-light", "natural-x3", "spf-light-x4"]


@pytest.fixture(autouse=True)
def dirty(monkeypatch):
    """Memory is full of what must not be seen."""

    @contextmanager
    def lent_dirty(count):
        with lent(count) as piece:
            piece[:] = np.nan
            yield piece

    for module in (fast, kernels):
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
    monkeypatch.setattr(of_threads, "PIXELS_PER_BAND", 500)
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
    size = fast.Size(2, 3, *shape, border, scale=1)
    made = fast.PlaneBuffer(np.zeros(size.values, np.float32), size, padding)
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
    size = fast.Size(1, 2, 5, width, 2, scale=1)
    memory = np.full(size.values, 12345, np.int32).view(np.float32)
    made = fast.PlaneBuffer(memory, size, "edge")
    for number in range(size.planes):
        made.put(number, np.full((1, 5, width), 100, np.float32))
    assert set(memory) == {0, 100}


@pytest.fixture
def nothing_kept(monkeypatch):
    monkeypatch.setattr(of_threads, "_kept", of_threads._Kept())


def test_memory_that_nobody_uses_is_used_again(nothing_kept):
    with lent(1000) as first, lent(1000) as second:
        assert not np.shares_memory(first, second)
    with lent(400) as smaller, lent(1001) as larger:
        assert not any(np.shares_memory(one, first) for one in (smaller, larger))
    with lent(900) as again, lent(900) as other:
        assert again is second
        assert other is first


def test_no_more_is_kept_than_may_be(nothing_kept, monkeypatch):
    monkeypatch.setattr(of_threads, "KEPT", 4 * 3000)
    with ExitStack() as stack:
        pieces = [stack.enter_context(lent(1000 + number)) for number in range(5)]
    with lent(1000) as one, lent(1000) as other, lent(1000) as third:
        assert any(one is piece for piece in pieces) and any(other is piece for piece in pieces)
        assert all(third is not piece for piece in pieces)


def test_threads_never_share_a_piece():
    seen, all_have_one = [], Barrier(4, timeout=60)

    def work(number):
        for _ in range(300):
            with lent(1000) as piece:
                piece[:] = number
                all_have_one.wait()
                seen.append(bool((piece == number).all()))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert len(seen) == 1200 and all(seen)


def test_blocks_of_a_thread_have_one_piece_of_memory_and_no_other_thread_has_it():
    shape, other = shape_of(4, 4, 8), shape_of(16, 5, 16)
    mine = scratch_for(shape)
    assert scratch_for(shape) is mine and scratch_for(other) is not mine
    with ThreadPoolExecutor(1) as pool:
        theirs = pool.submit(scratch_for, shape).result()
    for one, another in zip(mine, theirs, strict=True):
        assert not np.shares_memory(one, another)


@pytest.mark.parametrize("dtype", ["int8", "float32", "uint32"])
@pytest.mark.parametrize("count", [0, 7, 80])
def test_memory_begins_with_a_cache_line(dtype, count):
    made = aligned_empty(count, dtype)
    assert made.ctypes.data % of_threads.CACHE_LINE == 0 or not count
    assert made.shape == (count,) and made.dtype == dtype and made.flags.writeable
