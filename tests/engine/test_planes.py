"""Nodes write where the next one reads, and memory is used again: results are the reference's."""

from dataclasses import replace

import numpy as np
import pytest

from napari_autolut import load_model
from napari_autolut.engine import bands, fast, planes, reference
from napari_autolut.engine.memory import Shelf
from napari_autolut.engine.plan import plan_model

NAMES = ["natural-x4-light", "natural-x3", "spf-light-x4"]


@pytest.fixture(autouse=True)
def shelf(monkeypatch):
    """A shelf whose pieces are full of what must not be seen."""

    class Dirty(Shelf):
        def give_back(self, memory):
            memory[:] = np.nan
            super().give_back(memory)

    made = Dirty(2**24)
    monkeypatch.setattr(planes, "SHELF", made)
    return made


def image(height, width, seed=0):
    return np.random.default_rng(seed).uniform(0, 255, (height, width)).astype(np.float32)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("padding", ["edge", "reflect"])
def test_used_memory_leaves_no_trace(name, padding):
    model = replace(load_model(name), padding=padding)
    for height, width in ((20, 33), (19, 31), (70, 130), (40, 20), (20, 33)):
        plane = image(height, width, height)
        expected = reference.upscale_plane(model, plane)
        for threads in (1, 2):
            result = fast.upscale_plane(model, plane, threads=threads)
            np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("name", [*NAMES, "autolut-mulut-x4"])
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("count", [1, 3])
def test_rows_are_handed_over_once_each(name, threads, count, monkeypatch):
    """Each of them while it is there: the memory is full of something else a moment later."""
    monkeypatch.setattr(fast, "STREAMED", 1000)
    monkeypatch.setattr(bands, "PIXELS_PER_BAND", 500)
    model = load_model(name)
    planes = np.stack([np.rint(image(40, 37, seed)) for seed in range(count)])
    expected = np.stack([reference.upscale_plane(model, plane) for plane in planes])
    found, calls = np.full_like(expected, -1), []

    def sink(first, values):
        rows = slice(first, first + values.shape[1])
        assert (found[:, rows] == -1).all()
        found[:, rows] = values
        calls.append(values.shape[1])

    fast.upscale_rows(model, planes, sink, threads=threads)
    np.testing.assert_array_equal(found, expected)
    assert len(calls) > threads and sum(calls) == expected.shape[1]
    together = fast.upscale_planes(model, planes, threads=threads)
    np.testing.assert_array_equal(together, expected)


def test_a_result_is_nobodys_memory():
    model = load_model("natural-x4-light")
    first = fast.upscale_plane(model, image(20, 33))
    kept = first.copy()
    fast.upscale_plane(model, image(20, 33, 1))
    np.testing.assert_array_equal(first, kept)


def test_channels_are_written_where_the_next_node_reads_them():
    plans = plan_model(load_model("natural-x4-light"))
    read = planes.Read(plans[1], 2, (20, 33), 16, 64)
    room = read.room(1, plans[0].channels, 1)
    assert room is not None
    assert np.shares_memory(room.values, read.flat)
    assert room.values.shape == (2, plans[0].channels, 20, 33)
    assert read.room(2, 1, 1) is None, "it reads nothing of node 2"


def test_memory_is_on_the_shelf_after_a_call(shelf):
    fast.upscale_plane(load_model("natural-x4-light"), image(20, 33))
    assert len(shelf._free) == len(plan_model(load_model("natural-x4-light")))
