"""Star branches: one look-up that turns with the image, and trains like any other."""

import numpy as np
import pytest
import torch

from autolut_training.models.architecture import Architecture
from autolut_training.models.c4_branches import star, symmetric
from autolut_training.models.cascade import Cascade
from napari_autolut.engine import reference
from napari_autolut.model.graph import Branch, Card, LutModel, ModelError, SpatialNode, Table
from tests.autolut_training.stars import assert_refining_keeps, assert_turns_with_the_image, plane

CARD = Card("stars")


def stirred(seed=0, scale=4):
    """A cascade of stars with parameters far from their start."""
    architecture = Architecture(scale, (2, 1), branches=2, window=4, skip=True, shape="star")
    cascade = Cascade(architecture, 3, seed)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for stage in cascade.stages:
            noise = 20 * torch.randn(stage.tables.shape, generator=generator)
            stage.tables += symmetric(noise, 3, stage.upscale)
            stage.residuals.copy_(torch.rand(stage.residuals.shape, generator=generator))
    return cascade


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_the_result_turns_with_the_image(turns):
    assert_turns_with_the_image(stirred(), turns, atol=2e-3)


def test_steps_keep_it_turning_with_the_image():
    cascade, image = stirred(), plane()
    optimiser = torch.optim.Adam(cascade.parameters(), 1.0)
    for _ in range(5):
        optimiser.zero_grad()
        (cascade(image) - 100).square().mean().backward()
        optimiser.step()
        cascade.project()
    for stage in cascade.stages:
        nearest = symmetric(stage.tables.detach(), 3, stage.upscale)
        torch.testing.assert_close(stage.tables.detach(), nearest, rtol=0, atol=0.01)


def test_export_is_what_was_trained_and_trains_on():
    cascade, image = stirred(), plane(16, 32)
    model = cascade.to_model(CARD, quantise=False)
    result = reference.upscale_plane(model, image[0, 0].numpy())
    with torch.no_grad():
        np.testing.assert_allclose(result, cascade(image).clamp(0, 255)[0, 0].numpy(), atol=3)
        again = Cascade.from_model(model).to_model(CARD, quantise=False)
    np.testing.assert_allclose(
        reference.upscale_plane(again, image[0, 0].numpy()), result, atol=0.01
    )


def test_refining_keeps_the_function():
    assert_refining_keeps(stirred(), atol=2e-3)


def test_gradients_are_those_of_the_function():
    cascade, image = stirred(scale=1), plane()
    generator = torch.Generator().manual_seed(2)
    share = torch.randn(image.shape, generator=generator)
    before = cascade(image)
    (share * before).sum().backward()
    stage = cascade.stages[-1]
    kick = 0.1 * symmetric(torch.randn(stage.tables.shape, generator=generator), 3, 1)
    with torch.no_grad():
        stage.tables += kick
        change = float((share * (cascade(image) - before)).double().sum())
    assert change == pytest.approx(float((stage.tables.grad * kick).sum()), rel=0.01)


def test_windows_that_are_no_star_cannot_be_trained_on():
    windows = star(np.full((2, 2), 0.25, np.float32))
    windows[2] = windows[1]
    table = Table(np.zeros((3**5, 1), np.float32), 3, inputs=5)
    node = SpatialNode((Branch(table, windows),), 1.0, rotations=1)
    with pytest.raises(ModelError, match="stars"):
        Cascade.from_model(LutModel((node,), CARD))
