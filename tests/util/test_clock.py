"""What counts as time of work: no sleep of the computer's, and nothing that is done besides."""

import time

import pytest

from napari_autolut.util.clock import Clock


@pytest.fixture
def now(monkeypatch):
    """The time, in a list of one, as whoever asks gets it."""
    time_now = [1000.0]
    monkeypatch.setattr(time, "perf_counter", lambda: time_now[0])
    return time_now


def test_a_computer_that_sleeps_does_no_work(now):
    clock = Clock()
    for seconds in (2.0, 3600.0, 2.0):
        now[0] += seconds
        clock.tick()
    assert clock.seconds == pytest.approx(34.0)


def test_steps_that_are_long_count_in_full_after_the_first(now):
    clock = Clock()
    for _ in range(4):
        now[0] += 60.0
        clock.tick()
    assert clock.seconds == pytest.approx(30.0 + 3 * 60.0)


def test_a_clock_that_jumps_back_takes_no_time_away(now):
    clock = Clock(3.0)
    now[0] -= 3600.0
    assert clock.seconds == 3.0
    clock.tick()
    now[0] += 1.0
    assert clock.seconds == 4.0


def test_what_is_done_besides_does_not_count(now):
    clock = Clock(10.0)
    now[0] += 1.0
    with clock.stopped():
        now[0] += 5.0
    now[0] += 1.0
    assert (clock.seconds, clock.besides) == (12.0, 5.0)
