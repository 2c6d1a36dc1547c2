"""The short cut for whole numbers gives the reference's bits, and is taken only where it holds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_autolut.engine import bands, fast, reference
from napari_autolut.engine.borders import is_whole
from napari_autolut.engine.jit import kernel
from napari_autolut.engine.plan import plan_model
from napari_autolut.engine.simd import LANES
from napari_autolut.engine.whole import WholeBand, WholeRead
from napari_autolut.engine.whole_plan import whole_plan
from napari_autolut.engine.whole_simd import whole_finish_run
from napari_autolut.model.graph import INPUT, Branch, Card, LutModel, Signal, SpatialNode, Table

SQUARES = {
    "S": ((0, 0), (0, 1), (1, 0), (1, 1)),
    "D": ((0, 0), (0, 2), (2, 0), (2, 2)),
    "S shuffled": ((1, 1), (0, 0), (1, 0), (0, 1)),
    "diamond": ((0, 1), (1, 0), (1, 2), (2, 1)),
    "inner": ((1, 1), (1, 2), (2, 1), (2, 2)),
}
OTHERS = {"Y": ((0, 0), (1, 1), (1, 2), (2, 1)), "row": ((0, 0), (0, 1), (0, 2), (0, 3))}
PATTERNS = SQUARES | OTHERS

RANDOM = np.random.default_rng(0)
ROWS = {columns: RANDOM.integers(-127, 128, (17**4, columns), np.int8) for columns in (1, 4)}


def branch(pattern, columns, source=INPUT, size=4):
    windows = np.zeros((4, size, size), np.float32)
    for j, (row, column) in enumerate(PATTERNS[pattern]):
        windows[j, row, column] = 1
    return Branch(Table(ROWS[columns], 17), windows, source)


def one_node(patterns, columns=4, upscale=2, **options):
    branches = tuple(branch(p, columns) for p in patterns)
    return LutModel((SpatialNode(branches, 12.0, 100.0, upscale),), Card("whole"), **options)


def whole_plane(shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.float32)


@given(
    st.lists(st.sampled_from(sorted(PATTERNS)), min_size=1, max_size=3),
    st.sampled_from([(1, 1), (4, 2)]),
    st.tuples(st.integers(1, 12), st.integers(1, 40)),
    st.sampled_from(["edge", "reflect"]),
    st.sampled_from(["none", "stage"]),
    st.integers(0, 9),
)
def test_the_bits_of_the_reference(patterns, sizes, shape, padding, rounding, seed):
    if padding == "reflect":
        shape = tuple(max(side, 4) for side in shape)
    model = one_node(patterns, *sizes, padding=padding, rounding=rounding)
    assert whole_plan(model.nodes[0]) is not None
    plane = whole_plane(shape, seed)
    expected = reference.upscale_plane(model, plane)
    np.testing.assert_array_equal(fast.upscale_plane(model, plane, threads=1), expected)


@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (1, 3), (2, 2), (3, 1), (4, 4)])
@pytest.mark.parametrize("size", [2, 3])
@pytest.mark.parametrize("planes", [1, 3])
def test_planes_of_a_few_pixels(shape, size, planes):
    """With a border they have no more values than one vector."""
    pattern = {2: "S", 3: "D"}[size]
    node = SpatialNode((branch(pattern, 4, size=size),), 4.0, 100.0, 2)
    model = LutModel((node,), Card("small"), rounding="stage")
    stack = whole_plane((planes, *shape))
    found = WholeBand(WholeRead(whole_plan(node), plan_model(model)[0], planes, shape),
                      plan_model(model)[0], model)  # fmt: skip
    assert len(found._sums) == planes
    expected = [reference.upscale_plane(model, plane) for plane in stack]
    np.testing.assert_array_equal(fast.upscale_planes(model, stack, threads=1), expected)


@pytest.mark.parametrize("width", [15, 16, 17, 254, 255, 256, 257, 258, 520])
def test_widths_around_vectors_and_strips(width):
    model = one_node(("S", "D", "Y"))
    plane = whole_plane((5, width))
    expected = reference.upscale_plane(model, plane)
    np.testing.assert_array_equal(fast.upscale_plane(model, plane, threads=1), expected)


def test_bands_meet_without_a_seam():
    model = one_node(("D", "Y"))
    plane = whole_plane((70, 300))
    expected = fast.upscale_plane(model, plane, threads=1)
    np.testing.assert_array_equal(fast.upscale_plane(model, plane, threads=3), expected)


@pytest.mark.parametrize("padding", ["edge", "reflect"])
@pytest.mark.parametrize("threads", [1, 2, 5])
def test_stages_in_a_row(threads, padding, monkeypatch):
    monkeypatch.setattr(bands, "PIXELS_PER_BAND", 100)
    nodes = (
        SpatialNode(tuple(branch(p, 4) for p in "SDY"), 12, 127),
        SpatialNode(tuple(branch(p, 4, Signal(1, 2)) for p in "SDY"), 3, 0, 2),
    )
    model = LutModel(nodes, Card("cascade"), rounding="stage", padding=padding)
    plane = whole_plane((19, 33))
    expected = reference.upscale_plane(model, plane)
    result = fast.upscale_plane(model, plane, threads=threads)
    np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("size", [3, 5, 15])
@pytest.mark.parametrize("side", [1, 2])
def test_squares_anywhere_in_a_window(size, side):
    """Rotated around a pixel, a square far from it gives pixels farther than the window reaches."""
    plane = whole_plane((19, 300))
    for row in range(0, size - side, max(1, size // 4)):
        for column in (0, size - 1 - side):
            windows = np.zeros((4, size, size), np.float32)
            for j, (down, right) in enumerate(np.ndindex(2, 2)):
                windows[j, row + down * side, column + right * side] = 1
            node = SpatialNode((Branch(Table(ROWS[4], 17), windows),), 4.0, 100.0, 2)
            model = LutModel((node,), Card("square"), rounding="stage")
            expected = reference.upscale_plane(model, plane)
            np.testing.assert_array_equal(fast.upscale_plane(model, plane, threads=1), expected)


def test_a_squares_four_rotations_become_one_look_up():
    assert whole_plan(one_node(SQUARES).nodes[0]) is None  # five branches could overflow 16 bits
    for name in SQUARES:
        assert whole_plan(one_node([name]).nodes[0]).shares.tolist() == [4]
    for name in OTHERS:
        assert whole_plan(one_node([name]).nodes[0]).shares.tolist() == [1] * 4


def test_what_needs_real_numbers_is_left_alone():
    plain = branch("S", 4)
    blurred = np.array(plain.windows)
    blurred[0, 0, :2] = 0.5
    others = {
        "window": Branch(plain.table, blurred),
        "grid": Branch(Table(ROWS[4][: 9**4], 9), plain.windows),
        "type": Branch(Table(ROWS[4].astype(np.float32), 17), plain.windows),
        "scale": Branch(Table(ROWS[4], 17, scale=0.3), plain.windows),
        "residual": Branch(plain.table, plain.windows, INPUT, INPUT, np.full(4, 0.5)),
    }
    for name, other in others.items():
        assert whole_plan(SpatialNode((other,), 4, 0, 2)) is None, name
    assert whole_plan(SpatialNode((plain,), 4, 0, 2)) is not None


@pytest.mark.parametrize("divisor", [*range(1, 65), 255, 1000, 3855, 4095])
def test_quotients_are_those_of_a_division(divisor):
    """Of all sums that there are."""
    sums = np.arange(-(2**15), 2**15, dtype=np.int16)
    found = np.empty(len(sums), np.float32)
    number = np.float32(divisor)
    finished(sums, found, number, np.float32(0))
    expected = np.clip(sums.astype(np.float32) / 16 / number, 0, 255)
    np.testing.assert_array_equal(found, expected)


@kernel
def finished(sums, found, divisor, bias):
    for start in range(0, len(sums), LANES):
        whole_finish_run(sums, start, found, start, divisor, bias, 0)


@pytest.mark.parametrize("divisor", [0.5, 4096, 3.5])
def test_divisors_of_many_bits_are_left_alone(divisor):
    plain = branch("S", 4)
    assert whole_plan(SpatialNode((plain,), divisor, 0, 2)) is None
    assert whole_plan(SpatialNode((plain,), 4095, 0, 2)) is not None


@pytest.mark.parametrize("value", [-1.0, 0.5, 256.0, np.nan])
def test_planes_that_are_not_whole(value):
    plane = whole_plane((4, 5))
    assert is_whole(plane)
    plane[2, 3] = value
    assert not is_whole(plane)


def test_a_fraction_anywhere_takes_the_long_way():
    model = one_node(("S", "Y"), rounding="stage")
    plane = whole_plane((6, 20))
    plane[3, 4] += 0.25
    expected = reference.upscale_plane(model, plane)
    np.testing.assert_array_equal(fast.upscale_plane(model, plane), expected)
