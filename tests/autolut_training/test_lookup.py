"""Sampling and look-up against numerical gradients, and against the reference engine."""

import numpy as np
import pytest
import torch

from autolut_training.ops.lookup import look_up, sample
from napari_autolut.engine import reference
from napari_autolut.model import Table

GRID = 5


def numerical_gradient(function, tensor, step):
    """Central differences of a scalar function, one element at a time."""
    gradient = torch.zeros_like(tensor)
    flat, out = tensor.view(-1), gradient.view(-1)
    for i in range(flat.numel()):
        before = flat[i].item()
        flat[i] = before + step
        upper = function().item()
        flat[i] = before - step
        lower = function().item()
        flat[i] = before
        out[i] = (upper - lower) / (2 * step)
    return gradient


def inside_cells(generator, shape):
    """Inputs whose fractions stay apart from each other and from 0 and 1.

    The interpolation is linear there, so that central differences are exact.
    """
    places = torch.stack([torch.randperm(4, generator=generator) for _ in range(shape[0])])
    fractions = (places + 1.0) / 5 + 0.02 * torch.rand(shape[0], 4, generator=generator)
    cells = torch.randint(0, GRID - 1, (shape[0], 4), generator=generator)
    return ((cells + fractions) * (256 / (GRID - 1))).T.contiguous()


@pytest.mark.parametrize(("columns", "upscale"), [(1, 1), (4, 1), (4, 2), (9, 3)])
def test_gradients_of_the_look_up(columns, upscale):
    generator = torch.Generator().manual_seed(columns)
    tables = 100 * torch.rand(2, GRID**4, columns, generator=generator)
    points = [inside_cells(generator, (16,)) for _ in range(4 * 2 * 2)]
    rotated = torch.stack(points).view(4, 2, 2, 4, 16)
    weight = torch.randn(2, 16, columns, generator=generator)

    def loss():
        out = look_up(tables, rotated, grid_size=GRID, upscale=upscale)
        return (out.double() * weight).sum()

    expected = numerical_gradient(loss, rotated, 0.1)
    tables.requires_grad_()
    rotated.requires_grad_()
    loss().backward()
    torch.testing.assert_close(rotated.grad, expected, rtol=2e-3, atol=2e-2)

    tables.requires_grad_(False)
    rows = tables.grad.abs().sum((0, 2)).nonzero()[:40, 0]
    part = tables[:, rows].clone()

    def loss_of_part():
        changed = tables.clone()
        changed[:, rows] = part
        out = look_up(changed, rotated.detach(), grid_size=GRID, upscale=upscale)
        return (out.double() * weight).sum()

    by_hand = numerical_gradient(loss_of_part, part, 1.0)
    torch.testing.assert_close(tables.grad[:, rows], by_hand, rtol=1e-3, atol=1e-3)


def test_forward_is_the_reference_engine():
    generator = torch.Generator().manual_seed(0)
    tables = 255 * torch.rand(1, GRID**4, 3, generator=generator)
    rotated = 255 * torch.rand(4, 1, 1, 4, 32, generator=generator)
    out = look_up(tables, rotated, grid_size=GRID)
    table = Table(tables[0].numpy(), GRID)
    expected = sum(
        reference.look_up(table, list(rotated[k, 0, 0].numpy()[:, None])) for k in range(4)
    )
    np.testing.assert_allclose(out[0].numpy(), expected[0], rtol=1e-5)


def test_gradients_of_the_sampling():
    generator = torch.Generator().manual_seed(1)
    planes = 255 * torch.rand(2, 2, 3, 16, generator=generator)
    weights = torch.rand(2, 4, 2, 3, 3, generator=generator)
    planes_of = [(0, 1), (1, 1)]
    weight = torch.randn(4, 2, 2, 4, 48, generator=generator)

    def loss():
        return (sample(planes, weights, planes_of).double() * weight).sum()

    expected_planes = numerical_gradient(loss, planes, 0.5)
    expected_weights = numerical_gradient(loss, weights, 0.05)
    planes.requires_grad_()
    weights.requires_grad_()
    loss().backward()
    torch.testing.assert_close(planes.grad, expected_planes, rtol=2e-3, atol=2e-3)
    torch.testing.assert_close(weights.grad, expected_weights, rtol=2e-3, atol=0.5)


def test_sampling_rotates_with_the_plane():
    """Rotation k of the result is rotation 0 of the rotated plane."""
    generator = torch.Generator().manual_seed(2)
    planes = torch.rand(1, 1, 16, 16, generator=generator)
    weights = torch.rand(1, 4, 1, 3, 3, generator=generator)
    rotated = sample(planes, weights, [(0,)]).view(4, 4, 16, 16)
    for k in range(4):
        alone = sample(torch.rot90(planes, k, (2, 3)).contiguous(), weights, [(0,)])
        back = torch.rot90(alone[0].view(4, 16, 16), -k, (1, 2))
        torch.testing.assert_close(rotated[k], back)


def test_widths_that_do_not_fill_a_vector_are_refused():
    with pytest.raises(ValueError, match="expected a multiple of 16"):
        sample(torch.zeros(1, 1, 8, 20), torch.zeros(1, 4, 1, 3, 3), [(0,)])
    with pytest.raises(ValueError, match="expected a multiple of 16"):
        look_up(torch.zeros(1, 16, 1), torch.zeros(4, 1, 1, 4, 20), grid_size=2)
