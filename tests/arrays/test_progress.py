"""Several items are worked on at a time, and their results come in order."""

import threading

import pytest

from napari_autolut.arrays.progress import side_by_side


@pytest.mark.parametrize("at_once", [1, 3])
def test_results_come_in_the_order_of_the_items(at_once):
    assert list(side_by_side(lambda n: n * n, range(7), at_once)) == [(n, n * n) for n in range(7)]


def test_items_run_at_the_same_time():
    both = threading.Barrier(2, timeout=20)
    assert [n for n, _ in side_by_side(lambda _: both.wait(), range(2), 2)] == [0, 1]


def test_no_more_items_are_taken_than_are_needed():
    taken = []

    def items():
        for number in range(100):
            taken.append(number)
            yield number

    running = side_by_side(lambda n: n, items(), 3)
    next(running)
    assert len(taken) == 4
    running.close()
    assert len(taken) == 4


@pytest.mark.parametrize("at_once", [1, 3])
def test_an_error_comes_with_its_item(at_once):
    running = side_by_side(lambda n: 1 // (2 - n), range(5), at_once)
    assert [next(running), next(running)] == [(0, 0), (1, 1)]
    with pytest.raises(ZeroDivisionError):
        next(running)
