"""The look-up for other devices is the compiled one: values and gradients."""

import os
import subprocess
import sys
from importlib.util import find_spec

import pytest
import torch

from autolut_training.ops import lookup
from napari_autolut.engine.torch import gathers, triton_lookup

GRID = 5


def random_inputs(tables, columns, rotations=4, inputs=4):
    generator = torch.Generator().manual_seed(columns)
    rows = 300 * torch.rand(tables, GRID**inputs, columns, generator=generator) - 20
    rotated = 255 * torch.rand(rotations, 2, tables, inputs, 48, generator=generator)
    rotated[0, 0, 0, 0] = 64.0  # a node of the grid
    rotated[0, 0, 0, :, 1] = torch.linspace(255.9, 255.99, inputs)
    return rows, rotated


def with_gradients(operation, tensors, *arguments, **options):
    """Result, and the gradients of a weighted sum of it."""
    leaves = [tensor.clone().requires_grad_() for tensor in tensors]
    result = operation(*leaves, *arguments, **options)
    weight = torch.randn(result.shape, generator=torch.Generator().manual_seed(0))
    (result * weight.to(result.device)).sum().backward()
    return [result.detach().cpu(), *(leaf.grad.cpu() for leaf in leaves)]


def assert_equal_operations(one, other, tensors, *arguments, **options):
    for a, b in zip(
        with_gradients(one, tensors, *arguments, **options),
        with_gradients(other, tensors, *arguments, **options),
        strict=True,
    ):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=5e-3)


@pytest.mark.parametrize(
    ("tables", "columns", "upscale", "rotations", "inputs"),
    [(1, 1, 1, 4, 4), (3, 4, 1, 4, 4), (2, 16, 4, 4, 4), (1, 4, 1, 1, 4), (2, 9, 3, 4, 3)],
)
def test_gathered_rows_are_the_compiled_look_up(tables, columns, upscale, rotations, inputs):
    tensors = random_inputs(tables, columns, rotations, inputs)
    assert_equal_operations(
        gathers.look_up, lookup.look_up, tensors, grid_size=GRID, upscale=upscale
    )


@pytest.mark.parametrize("window", [2, 3, 5])
def test_convolved_windows_are_the_compiled_sampling(window):
    generator = torch.Generator().manual_seed(window)
    planes = 255 * torch.rand(2, 3, 20, 16, generator=generator)
    weights = torch.rand(2, 4, 2, window, window, generator=generator) / window**2
    assert_equal_operations(gathers.sample, lookup.sample, (planes, weights), [(0, 2), (1, 1)])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("inputs", triton_lookup.INPUTS)
@pytest.mark.parametrize(("columns", "upscale"), [(1, 1), (4, 1), (9, 3), (16, 4)])
def test_triton_kernels_are_gathered_rows(columns, upscale, inputs):
    pytest.importorskip("triton", reason="needs Triton")
    tensors = [t.cuda() for t in random_inputs(3, columns, inputs=inputs)]
    assert triton_lookup.runs_on(tensors[0].device)
    assert_equal_operations(
        triton_lookup.look_up, gathers.look_up, tensors, grid_size=GRID, upscale=upscale
    )


@pytest.mark.slow
@pytest.mark.skipif(
    find_spec("triton") is None or torch.cuda.is_available(), reason="for Triton without a card"
)
def test_triton_kernels_in_their_interpreter():
    """Without a card the kernels' arithmetic is run, not their machine code."""
    code = (
        "from napari_autolut.engine.torch import gathers, triton_lookup\n"
        "from tests.autolut_training.test_other_devices import assert_equal_operations\n"
        "from tests.autolut_training.test_other_devices import random_inputs\n"
        "for inputs in triton_lookup.INPUTS:\n"
        "    for columns, upscale in ((1, 1), (4, 2), (9, 3)):\n"
        "        tensors = random_inputs(2, columns, inputs=inputs)\n"
        "        assert_equal_operations(triton_lookup.look_up, gathers.look_up, tensors,\n"
        "                                grid_size=5, upscale=upscale)\n"
    )
    environment = {**os.environ, "TRITON_INTERPRET": "1"}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)


def test_triton_is_for_cuda_and_four_inputs_or_five():
    assert not triton_lookup.runs_on(torch.device("cpu"))
    with pytest.raises(ValueError, match="look-ups of 3 inputs: expected 4 or 5"):
        triton_lookup.look_up(*random_inputs(1, 1, inputs=3), grid_size=GRID)
