"""The network in blocks of pixels, and in whole layers, is the plain one: values and gradients."""

import pytest
import torch
from torch.nn import functional

from autolut_training.models.networks.dense import Dense
from autolut_training.models.networks.dense.cpu import BLOCK, dense_rows
from autolut_training.models.networks.dense.cuda import dense_layers


def plain(values, weights, biases):
    """Densely connected layers as the papers' text describes them."""
    features = torch.baddbmm(biases[0], weights[0], values).to(weights[-1].dtype)
    features = functional.gelu(features)
    for weight, bias in zip(weights[1:-1], biases[1:-1], strict=True):
        made = functional.gelu(torch.baddbmm(bias, weight, features))
        features = torch.cat([features, made], 1)
    return torch.baddbmm(biases[-1], weights[-1], features).float()


@pytest.mark.parametrize(("precision", "rtol"), [(torch.float32, 1e-4), (torch.bfloat16, 0.03)])
@pytest.mark.parametrize(
    ("operation", "threads"), [(dense_rows, 1), (dense_rows, 2), (dense_layers, 2)]
)
def test_blocks_and_layers_are_the_plain_network(
    precision, rtol, operation, threads, torch_threads
):
    torch_threads(threads)
    generator = torch.Generator().manual_seed(0)
    dense = Dense(2, 4, 3, 16, generator)
    values = torch.rand(2, 4, BLOCK + 100, generator=generator)
    weight = torch.randn(2, 3, BLOCK + 100, generator=generator)
    results = []
    for network in (plain, operation):
        leaves = [values.clone().requires_grad_()]
        for parameters in (dense.weights, dense.biases):
            for number, parameter in enumerate(parameters):
                kind = precision if number else torch.float32
                leaves.append(parameter.detach().clone().to(kind).requires_grad_())
        rows = network(leaves[0], leaves[1:7], leaves[7:])
        (rows * weight).sum().backward()
        results.append([rows.detach(), *(leaf.grad.float() for leaf in leaves)])
    for expected, found in zip(*results, strict=True):
        assert (found - expected).norm() <= rtol * expected.norm()


def test_the_same_threads_give_the_same_bits(torch_threads):
    torch_threads(2)
    generator = torch.Generator().manual_seed(0)
    dense = Dense(1, 4, 1, 16, generator)
    values = 255 * torch.rand(1, 4, 5 * BLOCK, generator=generator)

    def gradients():
        dense.zero_grad()
        dense(values).square().mean().backward()
        return [p.grad.clone() for p in dense.parameters()]

    for one, other in zip(gradients(), gradients(), strict=True):
        assert torch.equal(one, other)
    assert torch.get_num_threads() == 2


@pytest.fixture
def torch_threads():
    """Sets torch's thread count for one test."""
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)
