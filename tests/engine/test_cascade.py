"""A node as one Triton kernel gives the fast engine's values; without a card, interpreted."""

import sys
from importlib.util import find_spec

import numpy as np
import pytest
import torch

from napari_autolut import load_model
from napari_autolut.engine import plane_engine
from napari_autolut.engine.torch.cascade import Cascade, serves
from tests.models import random_model

pytestmark = pytest.mark.skipif(find_spec("triton") is None, reason="needs Triton")

KERNELS = "napari_autolut.engine.torch.cascade_kernels"
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


@pytest.fixture(autouse=True)
def interpreted(monkeypatch):
    """Where there is no card, the kernels' arithmetic is run, not their machine code."""
    if DEVICE.type == "cpu":
        monkeypatch.setenv("TRITON_INTERPRET", "1")
        monkeypatch.delitem(sys.modules, KERNELS, raising=False)
        yield
        sys.modules.pop(KERNELS, None)
    else:
        yield


def upscaled(model, plane):
    cascade = Cascade(model, DEVICE)
    buffers = cascade.buffers(plane.shape, DEVICE)
    return cascade.run(torch.from_numpy(plane).to(DEVICE), buffers).cpu().numpy()


@pytest.mark.parametrize("name", ["natural-x4-light", "autolut-mulut-x4", "denoise-3-light"])
def test_shipped_models(name):
    model = load_model(name)
    plane = np.rint(np.random.default_rng(5).uniform(0, 255, (6, 7))).astype(np.float32)
    assert serves(model)
    np.testing.assert_allclose(
        upscaled(model, plane), plane_engine("fast")(model, plane), atol=1e-3
    )


@pytest.mark.parametrize(
    ("branches", "rotations", "inputs", "padding"), [(3, 1, 5, "edge"), (1, 4, 4, "reflect")]
)
def test_nodes_of_any_shape(branches, rotations, inputs, padding):
    """An odd number of look-ups, columns that are no power of two, windows of three."""
    model = random_model(
        np.random.default_rng(6), upscales=(1, 3), branches=branches, grid_size=5, inputs=inputs,
        window=3, rotations=rotations, channels=3, table_dtype="int16", rounding="none",
        padding=padding,
    )  # fmt: skip
    plane = np.random.default_rng(7).uniform(0, 255, (5, 4)).astype(np.float32)
    assert serves(model)
    np.testing.assert_allclose(
        upscaled(model, plane), plane_engine("fast")(model, plane), atol=1e-3
    )


def test_models_that_round_or_have_other_nodes_take_the_other_way():
    assert not serves(load_model("spf-light-x4"))
    assert not serves(random_model(np.random.default_rng(8), rounding="stage"))
