"""Networks and the tables read off them: the same function at the grid's nodes, close between."""

import numpy as np
import pytest
import torch

from autolut_training.models.cascade import Cascade
from autolut_training.models.networks import Networks
from autolut_training.models.sampling import START_LOGIT
from autolut_training.settings.architecture import Architecture
from napari_autolut.engine import plane_engine, reference
from napari_autolut.model import Card, ChannelNode, LutModel, Signal

CARD = Card("x")
GRAPHS = [
    Architecture(4, (1, 1), branches=3),
    Architecture(2, (2, 1), branches=1, window=3),
    Architecture(4, branches=1, graph="spf"),
    Architecture(1, (1, 1, 1), branches=2),
]


def stirred(architecture, grid_size=17, seed=0):
    """Networks whose AdaRL weights are not 0, and whose results lie around mid-grey."""
    networks = Networks(architecture, grid_size, features=16, seed=seed)
    with torch.no_grad():
        for name, parameter in networks.named_parameters():
            if name.endswith("residuals"):
                parameter.uniform_(0, 1, generator=torch.Generator().manual_seed(seed))
        networks.stages[-1].dense.biases[-1].fill_(0.25)
        networks.stages[-1].dense.weights[-1].mul_(0.2)
    return networks


def picked(networks):
    """The same with windows that pick single pixels, so that sampled values stay whole."""
    with torch.no_grad():
        for name, parameter in networks.named_parameters():
            if name.endswith("logits"):
                parameter[parameter < START_LOGIT / 2] = -100.0
    return networks


def on_the_device(networks, plane):
    with torch.no_grad():
        return networks(torch.from_numpy(plane)[None, None]).clamp(0, 255)[0, 0].numpy()


@pytest.mark.parametrize("grid_size", [5, 17])
def test_tables_are_exact_at_the_nodes(grid_size):
    """One stage, single pixels, values on the grid: nothing is interpolated."""
    networks = picked(stirred(Architecture(2, (1,), branches=2), grid_size))
    steps = np.random.default_rng(0).integers(0, grid_size - 1, (16, 32))
    plane = (steps * (256 / (grid_size - 1))).astype(np.float32)
    np.testing.assert_array_equal(
        reference.upscale_plane(networks.to_model(CARD), plane), on_the_device(networks, plane)
    )


@pytest.mark.parametrize("architecture", GRAPHS)
def test_tables_are_close_between_the_nodes(architecture):
    networks = stirred(architecture)
    rows, columns = np.mgrid[:32, :32].astype(np.float32)
    plane = (127 + 60 * np.sin(rows / 5) + 60 * np.cos(columns / 7)).astype(np.float32)
    model = networks.to_model(CARD)
    assert model.scale == architecture.scale
    assert all(t.values.dtype == np.int8 and t.grid_size == 17 for t in model.tables)
    expected = on_the_device(networks, plane)
    assert 20 < expected.mean() < 235 and expected.std() > 1, "a result that is not clipped away"
    error = plane_engine("fast")(model, plane) - expected
    assert np.sqrt(np.mean(error**2)) < 1.5


def test_a_table_is_the_network_of_its_branch():
    """Every branch, every column, the last node at 256."""
    dense = stirred(GRAPHS[0]).stages[1].dense
    tables = dense.tables(5)
    points = torch.cartesian_prod(*[torch.arange(5) * 64.0] * 4).T
    with torch.no_grad():
        expected = dense(points.expand(3, -1, -1)).round()
    for table, rows in zip(tables, expected, strict=True):
        np.testing.assert_array_equal(table.values, rows.T.numpy())


def test_the_ensemble_rotates_with_the_plane():
    networks = stirred(GRAPHS[0])
    plane = np.random.default_rng(0).uniform(0, 255, (32, 32)).astype(np.float32)
    rotated = on_the_device(networks, np.ascontiguousarray(np.rot90(plane)))
    # A sum in another order may round the other way.
    assert np.mean(np.rot90(on_the_device(networks, plane)) != rotated) < 0.01


def test_every_parameter_learns():
    networks = stirred(GRAPHS[2])
    plane = 255 * torch.rand(2, 1, 16, 16, generator=torch.Generator().manual_seed(0))
    networks(plane).square().mean().backward()
    for name, parameter in networks.named_parameters():
        if name == "stages.0.residuals":
            assert parameter.grad is None, "the first stage has nothing to mix with"
        else:
            assert parameter.grad.abs().sum() > 0, name


def test_reduced_precision_is_close():
    networks = stirred(GRAPHS[0])
    plane = np.random.default_rng(0).uniform(0, 255, (32, 32)).astype(np.float32)
    exact = on_the_device(networks, plane)
    networks.compute(reduced=True)
    model = networks.to_model(CARD)
    assert np.abs(on_the_device(networks, plane) - exact).mean() < 2
    networks.compute(reduced=False)
    for a, b in zip(model.tables, networks.to_model(CARD).tables, strict=True):
        np.testing.assert_array_equal(a.values, b.values)


def test_spf_is_the_published_graph():
    nodes = Networks(GRAPHS[2], 5, features=4).to_model(CARD).nodes
    assert [node.channels for node in nodes] == [2, 2, 2, 1, 4, 1]
    assert isinstance(nodes[4], ChannelNode)
    assert nodes[4].signals == tuple(Signal(stage, 0) for stage in (1, 2, 3, 4))
    assert [b.source for b in nodes[5].branches] == [Signal(5, c) for c in range(4)]
    plan = GRAPHS[2].plans[5]
    assert plan.previous == (Signal(0, 0), Signal(1, 1), Signal(2, 1), Signal(3, 1))


@pytest.mark.parametrize("architecture", GRAPHS)
def test_an_exported_model_is_trained_on_as_it_is(architecture):
    model = stirred(architecture, 5).to_model(CARD)
    plane = np.random.default_rng(1).uniform(0, 255, (32, 32)).astype(np.float32)
    cascade = Cascade.from_model(model)
    with torch.no_grad():
        trained = cascade(torch.from_numpy(plane)[None, None]).clamp(0, 255)[0, 0].numpy()
    error = trained.round() - reference.upscale_plane(model, plane)
    assert np.abs(error).mean() < 0.1, "a sum in another order may round the other way"
    again = cascade.to_model(CARD)
    assert again.rounding == "stage"
    assert np.abs(reference.upscale_plane(again, plane) - trained.round()).mean() < 3


def test_an_unrounded_model_is_trained_on_as_it_is():
    model = Cascade(Architecture(2, (2, 1), skip=True), 5).to_model(CARD, quantise=False)
    plane = np.random.default_rng(1).uniform(0, 255, (16, 32)).astype(np.float32)
    cascade = Cascade.from_model(model)
    with torch.no_grad():
        trained = cascade(torch.from_numpy(plane)[None, None]).clamp(0, 255)[0, 0].numpy()
    np.testing.assert_allclose(trained, reference.upscale_plane(model, plane), atol=0.2)
    assert isinstance(cascade.to_model(CARD), LutModel)
