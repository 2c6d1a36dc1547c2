"""The torch engine gives the fast engine's values, on the CPU and on a card where there is one."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given

from napari_autolut import load_model, upscale
from napari_autolut.engine import plane_engine, reference
from napari_autolut.engine.torch import upscaling as torch_engine
from tests.models import lut_models, planes, random_model

DEVICES = ["cpu"] + (["cuda"] if torch.cuda.is_available() else [])


@given(lut_models(max_grid_size=5), planes(16))
def test_random_models(model, plane):
    """Where values are rounded on the way, a sum in another order may round the other way."""
    result = torch_engine.upscale_plane(model, plane, device=torch.device("cpu"))
    expected = reference.upscale_plane(model, plane)
    assert result.shape == expected.shape and result.dtype == np.float32
    if model.rounding == "none" and not any(hasattr(t, "near") for t in model.tables):
        np.testing.assert_allclose(result, expected, atol=0.02)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("rounding", ["none", "stage", "running", "branch"])
@pytest.mark.parametrize("padding", ["edge", "reflect"])
def test_equals_the_fast_engine(device, rounding, padding):
    rng = np.random.default_rng(1)
    model = random_model(
        rng, upscales=(1, 4), branches=3, grid_size=9, window=3, dense=rounding == "none",
        channels=2, table_dtype="int8", rounding=rounding, padding=padding,
    )  # fmt: skip
    plane = np.rint(rng.uniform(0, 255, (33, 21))).astype(np.float32)
    result = torch_engine.upscale_plane(model, plane, device=torch.device(device))
    np.testing.assert_allclose(result, plane_engine("fast")(model, plane), atol=1e-3)


@pytest.mark.parametrize("device", DEVICES)
def test_stars_on_a_device(device):
    """Windows that are wide enough for a card's library to choose a coarser arithmetic."""
    rng = np.random.default_rng(3)
    model = random_model(
        rng, upscales=(1, 4), branches=3, grid_size=5, inputs=5, window=9, rotations=1,
        residual=True, channels=4, table_dtype="int8",
    )  # fmt: skip
    plane = np.rint(rng.uniform(0, 255, (64, 96))).astype(np.float32)
    result = torch_engine.upscale_plane(model, plane, device=torch.device(device))
    np.testing.assert_allclose(result, plane_engine("fast")(model, plane), atol=1e-3)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("rotations", [1, 4])
def test_filters_on_a_device(device, rotations):
    rng = np.random.default_rng(4)
    model = random_model(
        rng, upscales=(1, 4), branches=5, grid_size=4, inputs=5, window=5, rotations=rotations,
        residual=True, channels=8, table_dtype="int8", filters=True,
    )  # fmt: skip
    plane = np.rint(rng.uniform(0, 255, (64, 96))).astype(np.float32)
    result = torch_engine.upscale_plane(model, plane, device=torch.device(device))
    np.testing.assert_allclose(result, plane_engine("fast")(model, plane), atol=1e-3)


def test_by_name():
    rng = np.random.default_rng(2)
    model, image = random_model(rng), rng.integers(0, 256, (12, 15, 3), np.uint8)
    result = upscale(image, model, engine="torch")
    close = np.abs(result.astype(int) - upscale(image, model, engine="fast")) <= 1
    assert close.all()


def test_planes_go_to_a_sink_together():
    rng = np.random.default_rng(5)
    model, planes = random_model(rng), rng.uniform(0, 255, (3, 9, 8)).astype(np.float32)
    came = []
    torch_engine.upscale_rows(
        model, planes, lambda first, rows: came.append((first, rows)), device=torch.device("cpu")
    )
    ((first, rows),) = came
    expected = [
        torch_engine.upscale_plane(model, each, device=torch.device("cpu")) for each in planes
    ]
    assert first == 0
    np.testing.assert_array_equal(rows, expected)


@pytest.mark.skipif(torch.cuda.is_available(), reason="for a machine without a card")
def test_without_a_card_it_is_the_fast_engine():
    rng = np.random.default_rng(6)
    model, plane = random_model(rng), rng.uniform(0, 255, (9, 8)).astype(np.float32)
    expected = plane_engine("fast")(model, plane)
    np.testing.assert_array_equal(plane_engine("torch")(model, plane), expected)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_size_that_comes_again_gives_the_same():
    """The second call of a size is recorded, later ones are replayed."""
    model, rng = load_model("natural-x4-light"), np.random.default_rng(7)
    planes = rng.uniform(0, 255, (4, 40, 50)).astype(np.float32)
    for plane in planes:
        expected = plane_engine("fast")(model, plane)
        np.testing.assert_allclose(plane_engine("torch")(model, plane), expected, atol=1e-3)


LLVM = [*Path("/usr/lib").glob("*/libLLVM*.so*")]

OTHER_LLVM = """
import ctypes, os, sys
ctypes.CDLL(sys.argv[1], mode=os.RTLD_GLOBAL)
from napari_autolut.engine.torch import triton_loading
"""


@pytest.mark.skipif(find_spec("triton") is None, reason="needs Triton")
@pytest.mark.skipif(not LLVM, reason="needs the LLVM by which Mesa draws")
def test_kernels_load_where_a_window_has_another_llvm():
    """Without care the process crashes, and napari with it."""
    subprocess.run([sys.executable, "-c", OTHER_LLVM, LLVM[0]], check=True)
