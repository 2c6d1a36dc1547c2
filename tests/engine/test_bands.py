"""Rows are shared out once each, whatever threads do."""

import threading
import time
from functools import partial

import numpy as np
import pytest

from napari_autolut.engine import bands
from napari_autolut.engine.bands import Pass, in_bands, in_passes


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
    ("height", "workers", "repeated", "bands"),
    [(1000, 1, 0, 1), (1000, 2, 0, 8), (300, 2, 2, 4), (40, 2, 2, 2), (180, 6, 2, 6), (2, 2, 0, 1)],
)
def test_bands_are_few_where_rows_are_done_again(height, workers, repeated, bands):
    done = []
    work = Pass(lambda *edges: done.append(edges), repeated=repeated)
    in_passes([work], height, 1000, workers)
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


@pytest.mark.parametrize("workers", [1, 2, 3, 8])
@pytest.mark.parametrize("reach", [0, 2, 40, 1000])
def test_a_band_finds_what_it_reads_of_the_pass_before(workers, reach):
    """Bands take their time, each another one, so that passes would overtake one another."""
    height, passes = 120, 4
    made = np.zeros((passes + 1, height), bool)
    made[0] = True

    def work(number, first, last):
        read = made[number, max(0, first - reach) : last + reach]
        assert read.all(), "it has not been made yet"
        time.sleep(0.002 * ((first * 7 + number * 3) % 5) / 4)
        assert not made[number + 1, first:last].any(), "it is made twice"
        made[number + 1, first:last] = True

    steps = [Pass(partial(work, number), reach) for number in range(passes)]
    in_passes(steps, height, 1000, workers)
    assert made.all()


def test_an_error_lets_nobody_wait_for_ever():
    """The second pass of one thread waits for what the other thread fails to make."""
    waiting = threading.Event()

    def first_pass(first, last):
        if last == 100:
            assert waiting.wait(10)
            raise MemoryError("no room")

    def hurried(first, last):
        pass

    class News(threading.Condition):
        def wait(self, timeout=None):
            waiting.set()
            return super().wait(timeout)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bands, "Condition", News)
        with pytest.raises(MemoryError, match="no room"):
            in_passes([Pass(first_pass), Pass(hurried, reach=1000)], 100, 1000, 2)


def test_nothing_goes_on_behind_an_error():
    """Arrays may be gone when the caller hears of it."""
    begun, ended = threading.Barrier(3), []

    def work(first, last):
        begun.wait(10)
        if first == 0:
            raise MemoryError("no room")
        time.sleep(0.05)
        ended.append(first)

    with pytest.raises(MemoryError, match="no room"):
        in_passes([Pass(work, repeated=100)], 90, 1000, 3)
    assert sorted(ended) == [30, 60]
