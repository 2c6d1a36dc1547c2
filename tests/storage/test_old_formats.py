"""Files of every format version stay readable, and give the numbers that they gave.

``data`` holds one small model file of each version and what the reference engine made of `PLANE`.
"""

from pathlib import Path

import numpy as np
import pytest

from napari_autolut.engine import plane_engine
from napari_autolut.model import Branch, ChannelNode, DualTable, FilterBranch, SpatialNode
from napari_autolut.storage import load_model_file, save_model

DATA = Path(__file__).with_name("data")
VERSIONS = (1, 2)

PLANE = np.linspace(0, 255, 48, dtype=np.float32).reshape(6, 8)
PLANE[2:4, 3:6] = 255 - PLANE[2:4, 3:6]


@pytest.mark.parametrize("version", VERSIONS)
def test_numbers_of_old_files(version):
    model = load_model_file(DATA / f"format-{version}.safetensors")
    expected = np.load(DATA / f"format-{version}.npy", allow_pickle=False)
    assert model.name == f"format-{version}"
    np.testing.assert_allclose(plane_engine("reference")(model, PLANE), expected, atol=1e-3)


@pytest.mark.parametrize("version", VERSIONS)
def test_old_files_written_again(version, tmp_path):
    model = load_model_file(DATA / f"format-{version}.safetensors")
    again = load_model_file(save_model(model, tmp_path / "again.safetensors"))
    run = plane_engine("reference")
    np.testing.assert_array_equal(run(again, PLANE), run(model, PLANE))


def test_the_files_hold_every_part_of_their_format():
    first, second = (load_model_file(DATA / f"format-{v}.safetensors") for v in VERSIONS)
    spatial = [node for node in first.nodes if isinstance(node, SpatialNode)]
    branches = [branch for node in spatial for branch in node.branches]
    assert all(isinstance(branch, Branch) for branch in branches)
    assert any(isinstance(branch.table, DualTable) for branch in branches)
    assert any(branch.residual is not None for branch in branches)
    assert any(isinstance(node, ChannelNode) for node in first.nodes)
    assert all(isinstance(branch, FilterBranch) for branch in second.nodes[0].branches)
