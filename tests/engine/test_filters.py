"""Branches with filters: the rules they keep, how they are stored, and C4 branches of them."""

from dataclasses import replace

import numpy as np
import pytest

from napari_autolut.engine import fast, reference
from napari_autolut.engine.plan import plan_model
from napari_autolut.model import (
    INPUT,
    Card,
    FilterBranch,
    LutModel,
    ModelError,
    Signal,
    SpatialNode,
    Table,
    symmetry,
)
from napari_autolut.storage.model_file import load_model_file, save_model
from napari_autolut.storage.tensor_file import ModelFileError
from tests.modelfiles import opened, rewritten
from tests.models import random_model

CARD = Card("filters")


def filters(inputs=4, signals=1, size=3):
    weights = np.random.default_rng(0).normal(0, 1, (inputs, signals, size, size))
    weights[:, 0, 0, 0] += 1 - weights.sum((1, 2, 3))
    return weights.astype(np.float32)


def branch(weights=None, signals=(INPUT,)):
    weights = filters(signals=len(signals)) if weights is None else weights
    table = Table(np.zeros((3 ** len(weights), 1), np.float32), 3, inputs=len(weights))
    return FilterBranch(table, weights, signals)


def c4_model(rng, upscale=2, channels=1, grid_size=3, dtype=np.int8):
    """One node of two C4 branches."""
    branches = []
    for _ in range(2):
        quarter = rng.normal(0, 0.3, (1, 3, 3)).astype(np.float32)
        quarter[0, 0, 0] += 1 - quarter.sum()
        values = rng.integers(-100, 100, (grid_size**5, channels * upscale**2)).astype(dtype)
        # What is its own rotation must answer with a block that does.
        _, *around = np.indices((grid_size,) * 5).reshape(5, -1)
        itself = (around[0] == around[2]) & (around[1] == around[3])
        values[itself] = values[itself, :1]
        values = symmetry.symmetrised(values, grid_size, upscale)
        table = Table(values, grid_size, inputs=5, scale=1.5)
        weights = symmetry.c4_filters(np.ones(1, np.float32), quarter)
        branches.append(FilterBranch(table, weights, (INPUT,)))
    node = SpatialNode(tuple(branches), 2.0, 127.0, upscale, rotations=1)
    return LutModel((node,), CARD)


def test_weights_may_be_negative():
    assert (branch().filters < 0).any()


@pytest.mark.parametrize("shape", [(4, 2, 3, 3), (3, 1, 3, 3), (4, 1, 3, 2), (4, 1, 16, 16), (4,)])
def test_shape(shape):
    with pytest.raises(ModelError, match="filters shape"):
        FilterBranch(branch().table, np.zeros(shape, np.float32), (INPUT,))


@pytest.mark.parametrize(("value", "field"), [(np.nan, "NaN"), (2e3, "weight"), (0.5, "sums")])
def test_weights(value, field):
    weights = filters()
    weights[1, 0, 1, 1] += value
    with pytest.raises(ModelError, match=field):
        branch(weights)


def test_number_of_weights():
    signals = tuple(Signal(1, c) for c in range(20))
    with pytest.raises(ModelError, match="weights an input"):
        branch(filters(signals=20, size=15), signals)


def test_number_of_signals():
    with pytest.raises(ModelError, match="filter signals"):
        FilterBranch(branch().table, np.zeros((4, 0, 3, 3), np.float32), ())


def test_one_kind_size_and_choice_of_signals_in_a_node():
    one = branch()
    windows = random_model(np.random.default_rng(0), upscales=(1,), grid_size=3).nodes[0].branches
    first = SpatialNode((branch(), branch()), 2.0)
    two = (INPUT, Signal(1))
    for others in (windows[:1], (branch(filters(size=5)),), (branch(signals=two),)):
        with pytest.raises(ModelError):
            SpatialNode((one, *others), 2.0)
    assert len(first.sources) == 2


@pytest.mark.parametrize("rounding", ["running", "branch"])
def test_sums_of_filters_are_not_rounded_one_by_one(rounding):
    with pytest.raises(ModelError, match="filters"):
        LutModel((SpatialNode((branch(),), 4.0),), CARD, rounding)


@pytest.mark.parametrize("count", [1, 3, 4, 5, 6, 9])
@pytest.mark.parametrize("rotations", [1, 4])
def test_any_number_of_branches_gives_the_references_bits(count, rotations):
    rng = np.random.default_rng(count)
    model = random_model(rng, branches=count, channels=3, filters=True, rotations=rotations,
                         inputs=5, grid_size=3, residual=True)  # fmt: skip
    plane = rng.uniform(0, 255, (21, 300)).astype(np.float32)
    expected = reference.upscale_plane(model, plane)
    np.testing.assert_array_equal(fast.upscale_plane(model, plane), expected)


def test_what_is_looked_up_is_clipped():
    """A filter that sharpens overshoots; tables know nothing beyond black and white."""
    weights = np.zeros((2, 1, 3, 3), np.float32)
    weights[:, 0, 1, 1], weights[:, 0, 1, 0] = 3, -2
    axis = np.linspace(0, 256, 3, dtype=np.float32)
    table = Table(np.repeat(axis, 3)[:, None], 3, inputs=2)
    node = SpatialNode((FilterBranch(table, weights, (INPUT,)),), 1.0, rotations=1)
    plane = np.array([[0, 100, 255, 60]], np.float32)
    result = fast.upscale_plane(LutModel((node,), CARD), plane)
    np.testing.assert_allclose(result, [[0, 255, 255, 0]])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30, -1e30])
def test_what_is_no_level_leads_nowhere_else(value):
    """It is not let through by the planes that users have; here no table is left for it."""
    model = c4_model(np.random.default_rng(0))
    plane = np.random.default_rng(1).uniform(0, 255, (40, 50)).astype(np.float32)
    expected = fast.upscale_plane(model, plane)
    plane[5, 7] = value
    found = fast.upscale_plane(model, plane)
    np.testing.assert_array_equal(found[30:], expected[30:])
    np.testing.assert_array_equal(found[:, 40:], expected[:, 40:])
    assert np.isfinite(found).all()


@pytest.mark.parametrize(
    ("branches", "groups"),
    [
        (1, [1]),
        (3, [3]),
        (8, [4, 4]),
        (9, [3, 3, 3]),
        (5, [4, 1]),
        (2, [1, 1]),
        (16, [4, 4, 4, 4]),
        (18, [3, 3, 4, 4, 4]),
    ],
)
def test_groups_of_filters_leave_no_gap(branches, groups):
    node = SpatialNode(tuple(branch() for _ in range(branches)), 1.0, rotations=1)
    (plan,) = plan_model(LutModel((node,), CARD)).nodes
    members, _, first, _, look_ups = plan.taps.groups.T
    assert look_ups.tolist() == groups
    assert members.tolist() == groups
    assert first.tolist() == [sum(groups[:i]) for i in range(len(groups))]


@pytest.mark.parametrize("upscale", [1, 2, 3, 4])
def test_stars_are_stored_in_fewer_values(tmp_path, upscale):
    model = c4_model(np.random.default_rng(upscale), upscale)
    path = save_model(model, tmp_path / "m.safetensors")
    _, tensors = opened(path)
    stored = sum(t.nbytes for name, t in tensors.items() if name.endswith("table"))
    assert stored < 0.32 * model.nbytes
    found = load_model_file(path)
    for one, other in zip(found.nodes[0].branches, model.nodes[0].branches, strict=True):
        np.testing.assert_array_equal(one.filters, other.filters)
        np.testing.assert_array_equal(one.table.values, other.table.values)


@pytest.mark.parametrize("upscale", [1, 4])
def test_stars_turn_with_the_image(upscale):
    rng = np.random.default_rng(0)
    model, plane = c4_model(rng, upscale), rng.uniform(0, 255, (9, 14)).astype(np.float32)
    there = fast.upscale_plane(model, np.ascontiguousarray(np.rot90(plane)))
    np.testing.assert_allclose(np.rot90(there, -1), fast.upscale_plane(model, plane), atol=1e-3)


def test_tables_that_do_not_turn_are_stored_whole(tmp_path):
    model = c4_model(np.random.default_rng(0))
    node = model.nodes[0]
    values = node.branches[0].table.values.copy()
    values[7, 1] += 1
    changed = replace(node.branches[0], table=replace(node.branches[0].table, values=values))
    other = replace(model, nodes=(replace(node, branches=(changed, node.branches[1])),))
    path = save_model(other, tmp_path / "m.safetensors")
    description, _ = opened(path)
    tables = [each["table"] for each in description["nodes"][0]["branches"]]
    assert ["symmetric" in each for each in tables] == [False, True]
    np.testing.assert_array_equal(load_model_file(path).nodes[0].branches[0].table.values, values)


def test_other_filters_are_stored_whole(tmp_path):
    model = LutModel((SpatialNode((branch(filters(inputs=5)),), 1.0, rotations=1),), CARD)
    path = save_model(model, tmp_path / "m.safetensors")
    found = load_model_file(path).nodes[0].branches[0]
    np.testing.assert_array_equal(found.filters, model.nodes[0].branches[0].filters)


def test_files_are_of_the_oldest_format_that_holds_them(tmp_path):
    rng = np.random.default_rng(0)
    for filtered, version in ((False, 1), (True, 2)):
        path = save_model(random_model(rng, filters=filtered), tmp_path / f"{version}.safetensors")
        assert opened(path)[0]["format_version"] == version


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda d, t: t.update({d["table"]["tensor"]: t[d["table"]["tensor"]][:-1]}), "symmetric"),
        (lambda d, t: t.update({d["table"]["tensor"]: t[d["table"]["tensor"]][0]}), "symmetric"),
        (lambda d, _: d["table"].update(grid_size=4), "symmetric"),
        (lambda d, _: d["table"].update(grid_size=10**6), "symmetric"),
        (lambda d, _: d["table"].update(inputs=4), "symmetric"),
        (lambda d, t: t.update({d["mixture"]: np.ones(2, np.float32)}), "C4 filters"),
        (lambda d, t: t.update({d["quarter"]: np.ones((1, 3, 2), np.float32)}), "C4 filters"),
        (lambda d, _: d.pop("quarter"), "C4 filters"),
        (lambda d, t: t.update({d["quarter"]: np.ones((1, 9, 9), np.float32)}), "C4 filters"),
        (lambda d, t: t.update({d["quarter"]: np.ones((1, 3, 3), np.int8)}), "float32"),
        (lambda d, _: d["table"].update(symmetric="yes"), "symmetric"),
        (lambda d, t: t.update({d["table"]["tensor"]: np.zeros((72, 4), bool)}), "table dtype"),
        (lambda d, _: d.update(signals=[]), "filter"),
    ],
)  # fmt: skip
def test_stars_in_files_that_cannot_be(tmp_path, change, field):
    path = save_model(c4_model(np.random.default_rng(0)), tmp_path / "m.safetensors")
    rewritten(path, lambda description, tensors: change(
        description["nodes"][0]["branches"][0], tensors))  # fmt: skip
    with pytest.raises(ModelFileError, match=field):
        load_model_file(path)


@pytest.mark.parametrize("upscale", [0, -2, 7, 10**400])
def test_blocks_of_no_size(tmp_path, upscale):
    path = save_model(c4_model(np.random.default_rng(0)), tmp_path / "m.safetensors")
    rewritten(path, lambda description, _: description["nodes"][0].update(upscale=upscale))
    with pytest.raises(ModelFileError, match="upscale"):
        load_model_file(path)


def test_branches_that_share_a_table_share_its_memory(tmp_path):
    path = save_model(c4_model(np.random.default_rng(0)), tmp_path / "m.safetensors")

    def share(description, tensors):
        one, other = description["nodes"][0]["branches"]
        del tensors[other["table"]["tensor"]]
        other["table"] = one["table"]

    rewritten(path, share)
    one, other = load_model_file(path).nodes[0].tables
    assert one.values is other.values or np.shares_memory(one.values, other.values)
