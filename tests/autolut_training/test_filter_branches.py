"""C4 branches: what is trained is what is stored, rotates with the image and trains on."""

import numpy as np
import pytest
import torch

from autolut_training.models.build import next_phase
from autolut_training.models.c4_branches import symmetric
from autolut_training.models.cascade import Cascade
from autolut_training.models.filter_branches import FilterStage
from autolut_training.settings import Settings
from autolut_training.settings.architecture import Architecture
from napari_autolut.engine import fast
from napari_autolut.model import (
    INPUT,
    Card,
    FilterBranch,
    LutModel,
    ModelError,
    SpatialNode,
    Table,
)
from napari_autolut.model.symmetry import c4_filters
from tests.autolut_training.cascades import (
    assert_refining_keeps,
    assert_rotates_with_the_image,
    plane,
)

CARD = Card("filters")


def stirred(seed=0, scale=4, channels=(2, 1)):
    """A cascade with parameters far from their start."""
    architecture = Architecture(scale, channels, branches=2, window=3, skip=True, shape="filter")
    cascade = Cascade(architecture, 3, seed)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for stage in cascade.stages:
            noise = 20 * torch.randn(stage.tables.shape, generator=generator)
            stage.tables += symmetric(noise, 3, stage.upscale)
            for weights in (stage.kernels, stage.centres):
                weights += 0.3 * torch.randn(weights.shape, generator=generator)
    return cascade


def answer(cascade, image):
    with torch.no_grad():
        return cascade(image).clamp(0, 255)[0, 0].numpy()


def test_every_stage_reads_all_channels_and_the_image():
    architecture = Architecture(2, (3, 2, 1), branches=(2, 1, 1), skip=True, shape="filter")
    signals = [len(plan.together) for plan in architecture.plans]
    assert signals == [1, 4, 3]
    assert [len(plan.sources) for plan in architecture.plans] == [2, 3, 3]
    assert all(plan.together[-1] == INPUT for plan in architecture.plans)


def test_it_starts_as_the_pixel():
    architecture = Architecture(2, (2, 1), branches=2, skip=True, shape="filter", window=3)
    image = plane()
    result = answer(Cascade(architecture, 5), image)
    repeated = image[0, 0].repeat_interleave(2, 0).repeat_interleave(2, 1).numpy()
    assert abs(result - repeated).max() < 12, "but for the noise that tells channels apart"


@pytest.mark.parametrize("rotation", [1, 2, 3])
def test_the_result_rotates_with_the_image(rotation):
    assert_rotates_with_the_image(stirred(), rotation, atol=5e-3)


def test_export_is_what_was_trained_and_trains_on():
    cascade, image = stirred(), plane(16, 32)
    model = cascade.to_model(CARD, quantise=False)
    result = fast.upscale_plane(model, image[0, 0].numpy())
    # Filter weights nearer to 0 than a thousandth are left out.
    np.testing.assert_allclose(result, answer(cascade, image), atol=0.5)
    again = Cascade.from_model(model)
    assert all(isinstance(stage, FilterStage) for stage in again.stages)
    np.testing.assert_allclose(answer(again, image), result, atol=0.01)


def test_stored_tables_turn_to_the_last_bit():
    for node in stirred(scale=2).to_model(CARD).nodes:
        for branch in node.branches:
            values = branch.table.values
            assert values.dtype == np.int8
            grid = values.reshape(*[3] * 5, -1)
            pixel = grid[1, 2, 0, 1, 0].reshape(-1, node.upscale, node.upscale)
            rotated = grid[1, 0, 2, 0, 1].reshape(-1, node.upscale, node.upscale)
            np.testing.assert_array_equal(rotated, np.rot90(pixel, -1, (1, 2)))


def test_gradients_are_those_of_the_function():
    cascade, image = stirred(scale=1), plane()
    generator = torch.Generator().manual_seed(2)
    share = torch.randn(image.shape, generator=generator)
    before = cascade(image)
    (share * before).sum().backward()
    stage = cascade.stages[-1]
    for parameter, size in ((stage.kernels, 1e-5), (stage.centres, 1e-5)):
        kick = size * torch.randn(parameter.shape, generator=generator)
        with torch.no_grad():
            parameter += kick
            change = float((share * (cascade(image) - before)).double().sum())
            parameter -= kick
        assert change == pytest.approx(float((parameter.grad * kick).sum()), rel=0.1)


def test_a_few_steps_fit_it():
    cascade, image = stirred(scale=1), plane()
    optimiser = torch.optim.Adam(cascade.parameters(), 0.01)
    losses = []
    for _ in range(30):
        optimiser.zero_grad()
        loss = (cascade(image) - image.flip(3)).square().mean()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < losses[0]
    for stage in cascade.stages:
        nearest = symmetric(stage.tables.detach(), 3, stage.upscale)
        torch.testing.assert_close(stage.tables.detach(), nearest, rtol=0, atol=0.01)


def test_refining_keeps_the_function():
    assert_refining_keeps(stirred(), atol=5e-3)


def test_a_model_trains_on_that_sees_its_neighbours_alone():
    quarter = np.array([[[0.5, 0.1], [0.2, 0.2]]], np.float32)
    weights = c4_filters(np.ones(1, np.float32), quarter)
    generator = torch.Generator().manual_seed(0)
    values = symmetric(255 * torch.rand(1, 3**5, 1, generator=generator), 3, 1)[0].numpy()
    branch = FilterBranch(Table(values, 3, inputs=5), weights, (INPUT,))
    model = LutModel((SpatialNode((branch,) * 3, 3.0, rotations=1),), CARD)
    image = plane()
    expected = fast.upscale_plane(model, image[0, 0].numpy())
    np.testing.assert_allclose(answer(Cascade.from_model(model), image), expected, atol=0.01)


def test_c4_branches_on_rotated_images_cannot_be_trained_on():
    weights = c4_filters(np.ones(1, np.float32), np.full((1, 2, 2), 0.25, np.float32))
    table = Table(np.zeros((3**5, 1), np.float32), 3, inputs=5)
    node = SpatialNode((FilterBranch(table, weights, (INPUT,)),), 1.0, rotations=4)
    with pytest.raises(ModelError, match="C4 branches"):
        Cascade.from_model(LutModel((node,), CARD))


@pytest.mark.parametrize(("channels", "branches"), [((64, 1), 1), ((8, 1), 9)])
def test_more_than_a_model_can_hold(channels, branches):
    with pytest.raises(ModelError, match="at most 64"):
        Architecture(2, channels, branches=branches, shape="filter")


def test_a_grid_that_cannot_be_refined_is_kept():
    settings = Settings.of(scale=2, channels=(1, 1), grids=((0.0, 5),))
    cascade = Cascade(Architecture(2, (1, 1), shape="filter", window=3), 4)
    assert next_phase(cascade, settings, 0.0, 5) is None and cascade.grid_size == 4
    assert next_phase(cascade, settings, 0.0, 7) is cascade and cascade.grid_size == 7


def test_filters_without_that_symmetry_cannot_be_trained_on():
    weights = np.zeros((5, 1, 3, 3), np.float32)
    weights[:, 0, 0, 0] = 1
    table = Table(np.zeros((3**5, 1), np.float32), 3, inputs=5)
    node = SpatialNode((FilterBranch(table, weights, (INPUT,)),), 1.0, rotations=1)
    with pytest.raises(ModelError, match="C4 branches"):
        Cascade.from_model(LutModel((node,), CARD))
