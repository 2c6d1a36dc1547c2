"""Memory that a file needs which is larger than memory should be, measured in a fresh process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from napari_autolut.model import LutModel
from napari_autolut.storage import save_model

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "memory.py"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no getrusage()")
@pytest.mark.parametrize("tile", [None, 512])
def test_memory_stays_flat(tmp_path: Path, model: LutModel, tile: int | None) -> None:
    """Input and output have 32 and 128 MB; tables and numba's code were in memory before."""
    file = save_model(model, tmp_path / "model.safetensors")
    figures = tmp_path / "memory.json"
    options = ["--side", "4000", "--model", file, "--large", "64_000_000", "--json", figures]
    options += ["--folder", tmp_path] + (["--tile", str(tile)] if tile else [])
    subprocess.run([sys.executable, SCRIPT, *options], check=True, capture_output=True)
    measured = json.loads(figures.read_text())
    assert measured["output_bytes"] > 128e6
    assert measured["peak_bytes"] - measured["peak_before_bytes"] < 90e6
