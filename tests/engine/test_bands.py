"""Rows are shared out once each, whatever threads do."""

import threading

import pytest

from napari_autolut.engine.bands import in_bands


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
    [(1000, 1, 0, 1), (1000, 2, 0, 8), (180, 2, 2, 4), (40, 2, 2, 2), (180, 6, 2, 6), (2, 2, 0, 1)],
)
def test_bands_are_few_where_rows_are_done_again(height, workers, repeated, bands):
    done = []
    in_bands(lambda *edges: done.append(edges), height, 1000, workers, repeated)
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
