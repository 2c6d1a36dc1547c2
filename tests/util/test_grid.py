"""Grids: sizes, boxes that meet without gaps, and what a result's length tells of its source."""

import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_autolut.util.boxes import Box
from napari_autolut.util.grid import Grid, checked_scale, enlarged_length, exact, factor_made

scales = st.integers(100, 800).map(lambda hundredths: hundredths / 100)
lengths = st.integers(1, 300)


@pytest.mark.parametrize("scale", [0.5, 8.1, -2, 0, math.nan, math.inf, "2", True, None])
def test_other_numbers_are_refused_in_one_sentence(scale):
    with pytest.raises(ValueError, match=r"scale: found .*, expected a number from 1 to 8$"):
        checked_scale(scale)


def test_whole_numbers_are_integers():
    assert [checked_scale(each) for each in (2, 2.0, np.float32(2.5), np.int64(3))] == [
        2,
        2,
        2.5,
        3,
    ]


def test_sizes_are_rounded_and_halves_go_up():
    assert [enlarged_length(101, 2.5), enlarged_length(3, 1.1), enlarged_length(7, 4)] == [
        253,
        3,
        28,
    ]
    assert exact(1.1) == Fraction(11, 10)


@given(lengths, scales, st.data())
def test_parts_meet_without_gaps(length, scale, data):
    grid = Grid.enlarging((length, 1), scale)
    cuts = sorted(data.draw(st.sets(st.integers(0, length), max_size=4)) | {0, length})
    ends = [grid.result(Box(0, cut, 0, 1)).bottom for cut in cuts]
    assert ends[0] == 0 and ends[-1] == enlarged_length(length, scale)
    assert all(a < b for a, b in pairwise(ends))


@given(lengths, scales, st.integers(0, 299), st.integers(1, 40))
def test_a_part_of_the_result_lies_in_the_pixels_that_are_said(length, scale, first, side):
    grid = Grid.enlarging((length, length), scale)
    size = enlarged_length(length, scale)
    first = first % size
    square = Box(first, min(size, first + side), 0, size)
    around = grid.result(grid.source(square))
    assert around.top <= square.top and square.bottom <= around.bottom
    part = grid.of_part(grid.source(square).top, 0)
    np.testing.assert_array_equal(
        part.nearest(square)[0] + grid.source(square).top, grid.nearest(square)[0]
    )


@given(lengths, scales, st.integers(0, 20), st.integers(0, 20))
def test_boxes_of_a_part_are_those_of_the_whole(length, scale, row, column):
    grid = Grid.enlarging((length + 21, length + 22), scale)
    whole, part = Box(row, row + length, column, column + length), grid.of_part(row, column)
    within = Box(0, length, 0, length)
    assert part.result(within) == grid.result(whole)
    assert part.source(grid.result(whole)) == grid.source(grid.result(whole)).within(
        Box(row, 0, column, 0)
    )


@given(lengths, scales, scales)
def test_the_factor_that_was_made_is_known_from_the_length(length, first, second):
    once = enlarged_length(length, first)
    assert factor_made(once, [first]) == Fraction(once, length)
    twice = enlarged_length(once, second)
    assert factor_made(twice, [first, second]) == Fraction(twice, length)


def test_pixels_are_squares_only_where_both_sides_are_whole():
    assert Grid.enlarging((10, 20), 2).unit == 2
    assert Grid.enlarging((1, 3), 2.5).unit == 1  # one row becomes three, three columns eight
    assert Grid.enlarging((4, 6), 1.5).unit == 1


@pytest.mark.usefixtures("integers_of_32_bits")
def test_places_in_large_images_do_not_overflow():
    grid = Grid.enlarging((30011, 1), 2.5)
    last = enlarged_length(30011, 2.5)
    rows, _ = grid.nearest(Box(last - 3, last, 0, 1))
    assert rows.tolist() == [30010, 30010, 30010]
