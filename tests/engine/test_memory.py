"""Memory for kernels: it begins with a cache line, and a thread uses it again."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Barrier, local

import numpy as np
import pytest

from napari_autolut.engine import memory
from napari_autolut.engine.memory import CACHE_LINE, aligned, lent


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch):
    monkeypatch.setattr(memory, "_kept", local())


@pytest.mark.parametrize("dtype", ["int8", "float32", "uint32"])
@pytest.mark.parametrize("shape", [(7,), (5, 16), (0,)])
def test_a_copy_begins_with_a_cache_line(dtype, shape):
    values = np.random.default_rng(0).integers(0, 100, shape).astype(dtype)
    made = aligned(values)
    assert made.ctypes.data % CACHE_LINE == 0 or not made.size
    assert made.dtype == values.dtype and made.flags.c_contiguous and made.flags.writeable
    np.testing.assert_array_equal(made, values)
    assert not np.shares_memory(made, values)


def test_memory_that_nobody_uses_is_used_again():
    with lent(1000) as first, lent(1000) as second:
        assert not np.shares_memory(first, second)
    with lent(400) as smaller, lent(1001) as larger:
        assert not any(np.shares_memory(one, first) for one in (smaller, larger))
    with lent(900) as again, lent(900) as other:
        assert again is second
        assert other is first


def test_no_more_is_kept_than_may_be(monkeypatch):
    monkeypatch.setattr(memory, "KEPT", 4 * 3000)
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
