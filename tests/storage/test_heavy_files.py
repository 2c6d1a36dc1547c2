"""Small files that ask for much: refused by their description, before anything is built."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from napari_autolut.model.symmetry import packed_rows
from napari_autolut.storage import graph_json
from napari_autolut.storage.model_file import MODEL_FILE, read_card
from napari_autolut.storage.tensor_file import MAX_HEADER_BYTES, ModelFileError, tensor_digest
from tests.modelfiles import refused

GRID, SIDE = 9, 8
TENSORS = {
    "table": np.zeros((packed_rows(GRID), 1), np.int8),
    "mixture": np.ones(1, np.float32),
    "quarter": np.eye(1, SIDE * SIDE, dtype=np.float32).reshape(1, SIDE, SIDE),
    "windows": np.full((2, 15, 15), 1 / 225, np.float32),
    "plane": np.zeros((17**2, 1), np.int8),
}


def filtered(number: int) -> dict[str, object]:
    """A C4 branch over one symmetric table that all share."""
    table = {"tensor": "table", "grid_size": GRID, "inputs": 5, "scale": 1.0, "symmetric": True}
    return {"signals": [[number, 0]], "table": table, "mixture": "mixture", "quarter": "quarter"}


def windowed(number: int) -> dict[str, object]:
    """A branch of one shared window and table."""
    table = {"tensor": "plane", "grid_size": 17, "inputs": 2, "scale": 1.0}
    return {"source": [number, 0], "windows": "windows", "table": table}


def described(branch, nodes: int, branches: int) -> dict[str, object]:
    chain = [
        {"kind": "spatial", "divisor": 4.0, "bias": 0.0, "upscale": 1, "rotations": 1,
         "branches": [branch(number)] * branches}
        for number in range(nodes)
    ]  # fmt: skip
    return {"rounding": "none", "padding": "edge", "nodes": chain}


def written(path: Path, description: dict[str, object], tensors=TENSORS) -> Path:
    whole = {"format": "napari-autolut", "format_version": 3, "scale": 1, "card": {"name": "heavy"},
             "sha256": tensor_digest(tensors), **description}  # fmt: skip
    save_file(tensors, path, {MODEL_FILE.key: json.dumps(whole)})
    return path


@pytest.fixture
def nothing_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    def build(*_: object) -> None:
        raise AssertionError("a node was built")

    monkeypatch.setattr(graph_json, "_build_node", build)


@pytest.mark.usefixtures("nothing_is_built")
@pytest.mark.parametrize(("branch", "nodes"), [(filtered, 60), (windowed, 64)])
def test_thousands_of_branches_over_shared_tensors(tmp_path, branch, nodes) -> None:
    path = written(tmp_path / "m.safetensors", described(branch, nodes, 64))
    assert path.stat().st_size < 2**20
    refused(path, f"look-ups a pixel: found {nodes * 64}", "at most 1024")


@pytest.mark.usefixtures("nothing_is_built")
def test_models_for_noise_count_together(tmp_path) -> None:
    noisy = [{"sigma": 9.0 - place, **described(windowed, 16, 60)} for place in range(2)]
    path = written(tmp_path / "m.safetensors", {**described(windowed, 16, 60), "noisy": noisy})
    refused(path, f"look-ups a pixel: found {3 * 16 * 60}", "at most 2048")


@pytest.mark.usefixtures("nothing_is_built")
def test_a_hundred_models_for_noise(tmp_path) -> None:
    noisy = [{"sigma": 1.0, "nodes": []}] * 100
    path = written(tmp_path / "m.safetensors", {**described(windowed, 1, 1), "noisy": noisy})
    refused(path, "noisy: found 100")


@pytest.mark.parametrize("kind", ["brackets", "tensors"])
def test_a_header_of_many_megabytes_is_not_read(tmp_path, kind, monkeypatch) -> None:
    description, tensors = described(windowed, 1, 1), TENSORS
    if kind == "brackets":
        description["card"] = {"name": "a", "benchmark": {"b": "[" * MAX_HEADER_BYTES}}
    else:
        tensors = {f"{number:0200d}": np.zeros(0, np.int8) for number in range(70_000)}
    path = written(tmp_path / "m.safetensors", description, tensors)
    monkeypatch.setattr("napari_autolut.storage.tensor_file.safe_open", None)
    refused(path, "names and description", f"at most {MAX_HEADER_BYTES} bytes")
    with pytest.raises(ModelFileError, match="names and description"):
        read_card(path)
