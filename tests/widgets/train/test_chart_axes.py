"""Limits, ticks and pixels of curves."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_autolut.widgets.train.chart_axes import (
    Axis,
    Box,
    binned_means,
    log_ticks,
    number_text,
    padded_axis,
    tick_text,
    to_pixels,
)

values = st.floats(-1e6, 1e6, allow_nan=False)


@given(st.lists(values, min_size=1))
def test_an_axis_shows_all_its_values(shown):
    axis = padded_axis(shown)
    assert axis.low < min(shown) and max(shown) < axis.high


def test_an_axis_of_nothing_is_an_axis():
    assert padded_axis([]) == Axis(0.0, 1.0)
    assert padded_axis([math.nan, math.inf]) == Axis(0.0, 1.0)


def test_a_flat_curve_is_not_blown_up():
    axis = padded_axis([30.0, 30.01], min_span=0.5)
    assert axis.high - axis.low >= 0.5


@given(values, st.floats(1e-3, 1e6), st.integers(1, 8))
def test_ticks_are_few_and_within(low, span, most):
    axis = Axis(low, low + span)
    ticks = axis.ticks(most)
    assert len(ticks) <= most + 1
    slack = 1e-6 * (abs(low) + span)
    assert all(low - slack <= tick <= low + span + slack for tick in ticks)


def test_ticks_are_round():
    assert Axis(29.7, 31.2).ticks(3) == pytest.approx([30.0, 30.5, 31.0])
    assert [tick_text(value, 0.5) for value in (30.0, 30.5)] == ["30.0", "30.5"]
    assert tick_text(1000, 500) == "1,000"


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (1.5, 30, [2, 5, 10, 20]),
        (0.9, 2000, [1, 10, 100, 1000]),
        (3.1, 4.1, [3.5, 4.0]),
    ],
)
def test_powers_are_few_and_within(low, high, shown):
    assert log_ticks(low, high, 4) == pytest.approx(shown)


def test_powers_beyond_what_there_is_room_for_are_thinned():
    assert 1 <= len(log_ticks(1, 1e9, 3)) <= 3


def test_short_texts():
    texts = [number_text(value) for value in (0.5, 3.5, 20.0, 1000.0)]
    assert texts == ["0.5", "3.5", "20", "1,000"]


def test_places_grow_upwards():
    box = Box(10, 20, 110, 220)
    assert to_pixels([(0, 0), (1, 1)], Axis(0, 1), Axis(0, 1), box) == [(10, 220), (110, 20)]


@given(st.lists(st.tuples(values, values)), st.integers(1, 50))
def test_thinning_keeps_the_order_and_the_means(points, most):
    points = sorted(points)
    few = binned_means(points, most)
    assert len(few) == min(most, len(points))
    assert [x for x, _ in few] == sorted(x for x, _ in few)
