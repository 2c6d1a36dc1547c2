"""The rules that make a model valid, and what it says about itself."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_autolut.engine import plane_engine
from napari_autolut.model.graph import (
    PATTERNS,
    Branch,
    Card,
    ChannelNode,
    DualTable,
    LutModel,
    ModelError,
    Signal,
    SpatialNode,
    Table,
    one_hot_windows,
)
from tests.models import lut_models, planes

CARD = Card("test")


def table(grid_size=3, inputs=4, columns=1, dtype=np.float32, **options):
    return Table(np.zeros((grid_size**inputs, columns), dtype), grid_size, inputs, **options)


def branch(columns=1, window=2, **options):
    return Branch(table(columns=columns), windows(window), **options)


def windows(size=2, inputs=4):
    return np.full((inputs, size, size), 1 / size**2, np.float32)


def node(columns=1, upscale=1, **options):
    return SpatialNode((branch(columns, **options),), 4.0, 0.0, upscale)


def refused(field, make, *parts):
    with pytest.raises(ModelError) as caught:
        make()
    assert caught.value.field == field
    assert str(caught.value).startswith(f"{field}: found ")
    for part in parts:
        assert part in str(caught.value)


# --- tables --------------------------------------------------------------------------------------


@pytest.mark.parametrize("inputs", [0, 1, 6])
def test_number_of_inputs(inputs):
    refused("table inputs", lambda: Table(np.zeros((9, 1), np.float32), 3, inputs), "2, 3, 4 or 5")


@pytest.mark.parametrize("rotations", [0, 2, 3])
def test_number_of_rotations(rotations):
    refused("rotations", lambda: SpatialNode((branch(),), 1.0, rotations=rotations), "1 or 4")


def test_windows_around_the_pixel_have_a_middle():
    made = (branch(window=3), branch(window=2))
    refused("window sizes around the pixel", lambda: SpatialNode(made, 1.0, rotations=1), "odd")
    assert SpatialNode(made[:1], 1.0, rotations=1).halo == 1
    assert SpatialNode(made, 4.0).halo == 2


@pytest.mark.parametrize("rounding", ["running", "branch"])
def test_sums_are_not_rounded_after_rotations_that_are_not_there(rounding):
    once = SpatialNode((branch(window=3),), 1.0, rotations=1)
    refused("rounding", lambda: LutModel((once,), CARD, rounding), "none or stage")


@pytest.mark.parametrize(("grid_size", "inputs"), [(1, 4), (18, 4), (18, 3), (258, 2), (0, 2)])
def test_grid_size(grid_size, inputs):
    refused("grid size", lambda: Table(np.zeros((9, 1), np.float32), grid_size, inputs), "nodes")


@pytest.mark.parametrize(("grid_size", "inputs"), [(2, 4), (17, 3), (257, 2)])
def test_largest_and_smallest_grids(grid_size, inputs):
    made = table(grid_size, inputs)
    assert made.interval * (grid_size - 1) == 256


@pytest.mark.parametrize("dtype", ["float64", "uint8", "int32", "bool", "complex64", "object"])
def test_table_dtype(dtype):
    refused("table dtype", lambda: table(dtype=dtype), dtype, "int8 or int16 or float32")


@pytest.mark.parametrize("shape", [(80, 1), (81,), (81, 0), (81, 257), (9, 9, 1), ()])
def test_table_shape(shape):
    refused("table shape", lambda: Table(np.zeros(shape, np.float32), 3), "(81, 1 to 256)")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_table_values(value):
    values = np.zeros((81, 1), np.float32)
    values[40] = value
    refused("table values", lambda: Table(values, 3), "finite")


@pytest.mark.parametrize("scale", [0, -1, np.nan, np.inf])
def test_table_scale(scale):
    refused("table scale", lambda: table(scale=scale))


@pytest.mark.parametrize(("value", "scale"), [(1, 1e308), (-1, 3e38), (3e38, 1), (2e3, 1e3)])
def test_values_that_float32_sums_overflow_by(value, scale):
    values = np.full((81, 1), value, np.float32)
    refused("table values", lambda: Table(values, 3, scale=scale), "-1e+06 to 1e+06")


def test_two_grids_fit_together():
    assert DualTable(table(5), table(3), 32).columns == 1
    refused("far table (inputs, columns)", lambda: DualTable(table(), table(columns=4), 32))
    refused("far table (inputs, columns)", lambda: DualTable(table(), table(inputs=3), 32))
    for reach in (-1, 257, np.nan):
        refused("reach", lambda reach=reach: DualTable(table(), table(), reach))


# --- branches and nodes --------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(3, 2, 2), (4, 2, 3), (4, 16, 16), (4, 0, 0), (4, 4), (2, 2)])
def test_windows_shape(shape):
    refused("windows shape", lambda: Branch(table(), np.ones(shape, np.float32)), "(4, K, K)")


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (lambda w: w * np.nan, "NaN"),
        (lambda w: w * 0.99, "sums of 1"),
        (lambda w: w + np.array([[0.5, -0.5], [0, 0]]), "weights >= 0"),
    ],
)
def test_windows_are_weights(change, part):
    refused("windows", lambda: Branch(table(), change(windows())), part)


def test_residual_and_previous_go_together():
    keep = np.zeros(4, np.float32)
    refused("residual", lambda: branch(previous=Signal(0)), "both or neither")
    refused("residual", lambda: branch(residual=keep), "both or neither")
    refused(
        "residual shape",
        lambda: branch(previous=Signal(0), residual=np.zeros(3, np.float32)),
        "(4,)",
    )
    for value in (-0.1, 1.1, np.nan):
        refused(
            "residual",
            lambda value=value: branch(previous=Signal(0), residual=keep + np.float32(value)),
            "[0, 1]",
        )


@pytest.mark.parametrize(
    ("field", "options"),
    [
        ("branches", {"branches": ()}),
        ("branches", {"branches": (branch(),) * 65}),
        ("divisor", {"divisor": 0}),
        ("divisor", {"divisor": -4}),
        ("divisor", {"divisor": np.nan}),
        ("divisor", {"divisor": 1e-300}),
        ("bias", {"bias": np.inf}),
        ("bias", {"bias": 1e308}),
        ("upscale", {"upscale": 5}),
        ("upscale", {"upscale": 0}),
        ("table columns", {"branches": (branch(1), branch(2))}),
        ("table columns", {"branches": (branch(6),), "upscale": 2}),
        (
            "table inputs",
            {"branches": (branch(), Branch(table(inputs=2), windows(inputs=2)))},
        ),
    ],
)
def test_spatial_nodes(field, options):
    refused(field, lambda: SpatialNode(**({"branches": (branch(),), "divisor": 4} | options)))


def test_a_row_is_channels_of_blocks():
    made = node(columns=8, upscale=2)
    assert (made.channels, made.upscale) == (2, 2)


def test_channel_nodes():
    two = table(inputs=2, columns=3)
    assert ChannelNode((Signal(0), Signal(0)), two).channels == 3
    refused("channel look-up signals", lambda: ChannelNode((Signal(0),), two), "2 as the table")
    refused("bias", lambda: ChannelNode((Signal(0), Signal(0)), two, np.nan))


# --- graphs --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "nodes"),
    [
        ("nodes", ()),
        ("nodes", (node(),) * 65),
        ("node 1 source", (node(source=Signal(1)),)),
        ("node 1 source", (node(source=Signal(2)), node())),
        ("node 1 source", (node(source=Signal(-1)),)),
        ("node 1 source", (node(source=Signal(0, 1)),)),
        ("node 2 source", (node(2), node(source=Signal(1, 2)))),
        ("channels of the last node", (node(2),)),
        ("channels of the last node", (node(8, 2),)),
        ("scale", (node(9, 3), node(source=Signal(1)), node(4, 2, source=Signal(2)))),
        ("scale", tuple(node(4, 2, source=Signal(n)) for n in range(4))),
    ],
)
def test_graphs_that_cannot_be(field, nodes):
    refused(field, lambda: LutModel(nodes, CARD))


def test_one_size_in_a_node():
    mixed = ChannelNode((Signal(0), Signal(1)), table(inputs=2))
    refused("node 2 source scales", lambda: LutModel((node(4, 2), mixed), CARD), "[1, 2]")


@pytest.mark.parametrize(("field", "value"), [("rounding", "up"), ("padding", "wrap")])
def test_rules_by_name(field, value):
    refused(field, lambda: LutModel((node(),), CARD, **{field: value}), value)


@given(lut_models(max_grid_size=5))
@settings(max_examples=50, deadline=None)
def test_scale_is_the_product_of_the_nodes(model):
    assert model.scale == np.prod([n.upscale for n in model.nodes])
    assert model.signal_scales[0] == 1
    assert len(model.signal_scales) == len(model.nodes) + 1


@pytest.mark.parametrize(
    ("nodes", "halo"),
    [
        ((node(window=1),), 0),
        ((node(window=3),), 2),
        ((node(window=3), node(window=3, source=Signal(1))), 4),
        ((node(4, 2, window=3), node(window=3, source=Signal(1))), 3),
        ((node(4, 2, window=3), node(window=2, source=Signal(1))), 3),
        ((node(window=5), node(window=2)), 1),
        ((node(window=5), node(window=2, previous=Signal(1), residual=np.ones(4, "f4"))), 5),
    ],
)
def test_halo(nodes, halo):
    assert LutModel(nodes, CARD).halo == halo


@given(lut_models(max_grid_size=4), planes(20), st.data())
@settings(max_examples=40, deadline=None)
def test_nothing_beyond_the_halo_matters(model, plane, data):
    run = plane_engine("reference")
    row = data.draw(st.integers(0, plane.shape[0] - 1))
    column = data.draw(st.integers(0, plane.shape[1] - 1))
    changed = plane.copy()
    changed[row, column] = 255 - changed[row, column]
    where = np.nonzero(run(model, changed) != run(model, plane))
    for pixels, centre in zip(where, (row, column), strict=True):
        assert (np.abs(pixels // model.scale - centre) <= model.halo).all()


@pytest.mark.parametrize("pattern", PATTERNS)
def test_patterns_as_windows(pattern):
    made = one_hot_windows(pattern)
    taps = [tuple(tap) for tap in np.argwhere(made)[:, 1:]]
    assert taps == list(PATTERNS[pattern])
    assert one_hot_windows(pattern, 7).shape == (len(taps), 7, 7)


def test_size_in_memory():
    model = LutModel((node(), node(source=Signal(1))), CARD)
    assert model.nbytes == 2 * 81 * 4
    assert model.name == "test"
