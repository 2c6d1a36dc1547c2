"""Lazy results that napari draws before they are computed, and that are exact for all others."""

from itertools import product
from threading import Event

import dask.array as da
import numpy as np
import pytest
from dask.callbacks import Callback
from napari.components import ViewerModel

from napari_autolut.layers import layer_array, place_result
from napari_autolut.layers.lazy_result import LazyResult, drawing
from tests.imagelayers import picture

SOURCE = picture(3, 7, 9, dtype=np.uint16)
EXACT = picture(3, 14, 18, dtype=np.uint16, seed=1)
NEAREST = np.kron(SOURCE, np.ones((1, 2, 2), np.uint16))


@pytest.fixture
def gate():
    """Set once chunks may be computed."""
    gate = Event()
    yield gate
    gate.set()


@pytest.fixture
def lazy(gate):
    """A result whose chunks wait for the gate."""

    def opened(chunk):
        assert gate.wait(30)
        return chunk

    exact = da.from_array(EXACT, chunks=(1, 8, 10))
    result = exact.map_blocks(opened, dtype=np.uint16, meta=np.empty(0))
    return LazyResult.of(result, layer_array(da.from_array(SOURCE)))


def told(lazy):
    """Set when chunks have come."""
    event = Event()
    lazy.parts.changed = event.set
    return event


def drawn(lazy, *indices):
    with drawing():
        for index in indices:
            lazy = lazy[index]
        return np.asarray(lazy)


def test_the_source_is_seen_until_a_part_is_computed_and_then_the_part(lazy, gate):
    computed = told(lazy)
    np.testing.assert_array_equal(drawn(lazy, 1), NEAREST[1])
    gate.set()
    while not (drawn(lazy, 1) == EXACT[1]).all():
        assert computed.wait(30)
        computed.clear()
    first_row = drawn(lazy, (slice(0, 2), slice(0, 3)))  # of a slice that is there, and of another
    np.testing.assert_array_equal(first_row, [NEAREST[0, :3], EXACT[1, :3]])


def test_all_others_get_what_they_ask_for(lazy, gate):
    gate.set()
    np.testing.assert_array_equal(lazy[2], EXACT[2])
    np.testing.assert_array_equal(lazy, EXACT)
    np.testing.assert_array_equal((lazy + 1)[0, 3], EXACT[0, 3] + 1)
    assert type(lazy[0]) is da.Array


INDICES = [
    ((slice(None),) * 3, 2),
    (1, (slice(2, 11), slice(None, 4))),
    ((slice(None), slice(1, 14, 3)), (0, slice(None, None, 2))),
    ((slice(None), slice(14, 14)), ()),
    ((slice(None, None, -1), 3), ()),
    (([0, 2],), ()),
]


@pytest.mark.parametrize("indices", INDICES)
def test_every_index_gives_what_numpy_gives(lazy, gate, indices):
    gate.set()
    computed = told(lazy)
    while len(lazy.parts.ask(product(range(3), range(2), range(2)))) < 12:
        assert computed.wait(30)
        computed.clear()
    expected = EXACT
    for index in indices:
        expected = expected[index]
    np.testing.assert_array_equal(drawn(lazy, *indices), expected)


def test_where_the_source_lies_follows_for_every_factor():
    exact = da.zeros((5, 9, 10, 3), np.uint8)  # slices x 2.5, columns x 1.25, colours
    source = picture(2, 9, 8, 3)
    seen = drawn(LazyResult.of(exact, source), slice(None))
    places = np.ix_([0, 0, 1, 1, 1], range(9), [0, 1, 2, 2, 3, 4, 5, 6, 6, 7], range(3))
    np.testing.assert_array_equal(seen, source[places])


def test_only_what_was_looked_at_last_is_computed(gate):
    computed, begun = [], Event()

    def noted(chunk, block_info):
        computed.append(block_info[0]["chunk-location"][0])
        begun.set()
        assert gate.wait(30)
        return chunk

    array = da.from_array(np.zeros((40, 4, 4)), chunks=(1, 4, 4))
    lazy = LazyResult.of(array.map_blocks(noted, dtype=float, meta=np.empty(0)), array)
    done = told(lazy)
    for slice_ in range(40):
        drawn(lazy, slice_)
        assert begun.wait(30)  # a busy machine may begin late, with another one
    gate.set()
    while lazy.parts.running:
        assert done.wait(30)
    assert set(computed) == {0, 39}


def test_what_goes_wrong_is_raised_where_napari_shows_it():
    def fail(_chunk):
        raise OSError("the disk is gone")

    lazy = LazyResult.of(da.zeros(4).map_blocks(fail, dtype=float, meta=np.empty(0)), np.ones(4))
    failed = told(lazy)
    assert drawn(lazy, slice(None)).all()
    assert failed.wait(30)
    with pytest.raises(OSError, match="the disk is gone"):
        drawn(lazy, slice(None))


def test_napari_draws_a_placed_result_at_once(lazy, gate):
    viewer = ViewerModel()
    source = viewer.add_image(SOURCE)
    meta = {"contrast_limits": (0, 9), "scale": (1, 0.5, 0.5)}
    result = place_result(viewer, source, (lazy, meta, "image")).result
    computed = told(lazy)
    middle = viewer.dims.current_step[0]
    shown = result.get_value((middle, 5, 5), world=False)
    assert shown == NEAREST[middle, 5, 5]
    gate.set()
    while result.get_value((middle, 5, 5), world=False) != EXACT[middle, 5, 5]:
        assert computed.wait(30)
        computed.clear()
        result.refresh()


def test_a_layer_is_read_without_telling_naparis_cache():
    heard = []
    array = layer_array(da.from_array(SOURCE))
    with Callback(pretask=lambda *_: heard.append("told")):
        np.testing.assert_array_equal(array[1, 2:], SOURCE[1, 2:])
        np.asarray(array)
    assert not heard
