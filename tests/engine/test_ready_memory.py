"""Memory made ready for kernels: large pieces are touched, tables begin with a cache line."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest

from napari_autolut.engine import memory
from napari_autolut.engine.memory import CACHE_LINE, Shelf, aligned, fresh


@pytest.mark.parametrize("dtype", ["int8", "float32", "uint32"])
@pytest.mark.parametrize("shape", [(7,), (5, 16), (0,)])
def test_a_copy_begins_with_a_cache_line(dtype, shape):
    values = np.random.default_rng(0).integers(0, 100, shape).astype(dtype)
    made = aligned(values)
    assert made.ctypes.data % CACHE_LINE == 0 or not made.size
    assert made.dtype == values.dtype and made.flags.c_contiguous and made.flags.writeable
    np.testing.assert_array_equal(made, values)
    assert not np.shares_memory(made, values)


@pytest.mark.parametrize("large", [1, 2**22])
def test_a_fresh_array_is_touched_on_every_page_where_it_is_large(monkeypatch, large):
    filled = np.full(3 * 5000, 7, np.float32)
    monkeypatch.setattr(memory, "LARGE", large)
    monkeypatch.setattr(memory.np, "empty", lambda shape, dtype: filled.reshape(shape))
    made = fresh((3, 5000))
    assert made.shape == (3, 5000) and made.dtype == np.float32
    touched = np.flatnonzero(made.reshape(-1) == 0)
    assert touched.tolist() == (list(range(0, 15000, 1024)) if large == 1 else [])


def test_memory_that_nobody_uses_is_used_again():
    shelf = Shelf(4 * 3000)
    first, second = shelf.take(1000), shelf.take(1000)
    assert not np.shares_memory(first, second)
    shelf.give_back(first)
    assert shelf.take(400) is not first, "more than twice as large"
    assert shelf.take(1001) is not first, "too small"
    assert shelf.take(900) is first
    assert shelf.take(900) is not first, "somebody has it"


def test_a_shelf_holds_no_more_than_it_may():
    shelf = Shelf(4 * 3000)
    pieces = [shelf.take(1000 + number) for number in range(5)]
    for piece in pieces:
        shelf.give_back(piece)
    kept = [shelf.take(1000), shelf.take(1000)]
    assert [piece is wanted for piece, wanted in zip(kept, pieces[3:], strict=True)] == [True, True]
    assert all(shelf.take(1000) is not piece for piece in pieces)


def test_threads_never_share_a_piece():
    shelf, seen = Shelf(2**20), []
    all_have_one = Barrier(4, timeout=60)

    def work(number):
        for _ in range(300):
            memory = shelf.take(1000)
            memory[:] = number
            all_have_one.wait()
            seen.append(bool((memory == number).all()))
            shelf.give_back(memory)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert len(seen) == 1200 and all(seen)
