"""The rules that make nodes and a model valid, and what a model says about itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_autolut.engine import plane_engine
from napari_autolut.model import Branch, ChannelNode, LutModel, Signal, SpatialNode
from tests.model.parts import CARD, branch, node, refused, table, windows
from tests.models import lut_models, planes


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


@pytest.mark.parametrize("card", [None, {"name": "x"}])
def test_a_card_is_a_card(card):
    refused("card", lambda: LutModel((node(),), card), "a Card")


@given(lut_models(max_grid_size=5))
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
        ((node(window=5), node(window=2, previous=Signal(1), residual=np.ones(4, "f4"))), 5),
    ],
)
def test_halo(nodes, halo):
    assert LutModel(nodes, CARD).halo == halo


@given(lut_models(max_grid_size=4), planes(20), st.data())
def test_nothing_beyond_the_halo_matters(model, plane, data):
    run = plane_engine("reference")
    row = data.draw(st.integers(0, plane.shape[0] - 1))
    column = data.draw(st.integers(0, plane.shape[1] - 1))
    changed = plane.copy()
    changed[row, column] = 255 - changed[row, column]
    where = np.nonzero(run(model, changed) != run(model, plane))
    for pixels, centre in zip(where, (row, column), strict=True):
        assert (np.abs(pixels // model.scale - centre) <= model.halo).all()


def test_size_in_memory():
    model = LutModel((node(), node(source=Signal(1))), CARD)
    assert model.nbytes == 2 * 81 * 4
    assert model.name == "test"
