"""The network in blocks of pixels is the network in whole layers: values and gradients."""

import pytest
import torch

from autolut_training.dense import Dense, layer_by_layer
from autolut_training.dense_blocks import BLOCK, dense_rows


@pytest.mark.parametrize(("precision", "rtol"), [(torch.float32, 1e-4), (torch.bfloat16, 0.03)])
@pytest.mark.parametrize("threads", [1, 2])
def test_blocks_are_layers(precision, rtol, threads, torch_threads):
    torch_threads(threads)
    generator = torch.Generator().manual_seed(0)
    dense = Dense(2, 4, 3, 16, generator)
    values = torch.rand(2, 4, BLOCK + 100, generator=generator)
    weight = torch.randn(2, 3, BLOCK + 100, generator=generator)
    results = []
    for operation in (dense_rows, layer_by_layer):
        leaves = [values.clone().requires_grad_()]
        for parameters in (dense.weights, dense.biases):
            for number, parameter in enumerate(parameters):
                kind = precision if number else torch.float32
                leaves.append(parameter.detach().clone().to(kind).requires_grad_())
        rows = operation(leaves[0], leaves[1:7], leaves[7:])
        (rows * weight).sum().backward()
        results.append([rows.detach(), *(leaf.grad.float() for leaf in leaves)])
    for blocks, layers in zip(*results, strict=True):
        assert (blocks - layers).norm() <= rtol * layers.norm()


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
