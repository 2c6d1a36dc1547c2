"""Rows are shared out once each, whatever threads do."""

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from napari_autolut.engine import threads
from napari_autolut.engine.fast import in_bands

FORKING = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")


@pytest.mark.parametrize("workers", [1, 2, 5])
@pytest.mark.parametrize("height", [1, 7, 300])
def test_every_row_once(height, workers):
    done, lock = [], threading.Lock()

    def work(first, last):
        with lock:
            done.extend(range(first, last))

    in_bands(work, height, 1000, workers)
    assert sorted(done) == list(range(height))


@pytest.mark.parametrize(
    ("height", "workers", "bands"), [(1000, 1, 1), (1000, 2, 8), (180, 6, 24), (2, 2, 1)]
)
def test_bands_are_some_for_each_thread(height, workers, bands):
    done = []
    in_bands(lambda *edges: done.append(edges), height, 1000 * workers, workers)
    assert len(done) == bands


def test_an_error_of_any_thread_is_the_callers():
    def work(first, last):
        raise MemoryError(f"rows {first} to {last}")

    with pytest.raises(MemoryError, match="rows"):
        in_bands(work, 500, 1000, 3)


def test_nobody_waits_for_threads_that_are_busy_elsewhere():
    """Bands within bands: the inner ones are done by whoever asks for them."""
    inner = []

    def work(first, last):
        in_bands(lambda a, b: inner.append(b - a), 100, 1000, 2)

    in_bands(work, 100, 1000, 2)
    assert sum(inner) % 100 == 0
    assert sum(inner) > 0


def test_nothing_goes_on_behind_an_error(monkeypatch):
    """Arrays may be gone when the caller hears of it."""
    begun, ended = threading.Barrier(3), []
    monkeypatch.setattr(threads, "BANDS_PER_WORKER", 1)

    def work(first, last):
        begun.wait(10)
        if first == 0:
            raise MemoryError("no room")
        time.sleep(0.05)
        ended.append(first)

    with pytest.raises(MemoryError, match="no room"):
        in_bands(work, 90, 1000, 3)
    assert sorted(ended) == [30, 60]


@FORKING
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_no_room_for_a_thread_is_no_memory(monkeypatch):
    """Whoever has begun is waited for, and nothing goes on behind the error."""
    started, submit = [], ThreadPoolExecutor.submit

    def full(pool, work):
        if started:
            raise RuntimeError("can't start new thread")
        started.append(submit(pool, work))
        return started[-1]

    monkeypatch.setattr(ThreadPoolExecutor, "submit", full)
    with pytest.raises(MemoryError, match="can't start new thread"):
        in_bands(lambda first, last: None, 4000, 100, workers=3)
    assert started[0].done()


@FORKING
def test_a_child_has_threads_of_its_own():
    in_bands(lambda first, last: None, 500, 1000, 2)
    child = os.fork()
    if child == 0:
        done = []
        in_bands(lambda first, last: done.append(last - first), 500, 1000, 2)
        os._exit(sum(done) != 500)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
