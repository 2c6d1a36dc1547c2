"""Names of files that are no Unicode, as they come from old disks and archives."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from napari_autolut.batch.log import FolderLog
from napari_autolut.batch.outcomes import Failed, FileItem
from napari_autolut.io import ImageFile, ProcessingStep, read_image, write_image
from napari_autolut.training.request import TrainRequest, TrainRequestError
from tests.commandline import succeeds
from tests.evaluation.images import scene


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose name and whose file's name no character set knows."""
    try:
        folder = tmp_path / os.fsdecode(b"cells \xff")
        folder.mkdir()
    except (OSError, UnicodeDecodeError):  # macOS' disks, and Windows
        pytest.skip("this disk refuses such names")
    image = scene((34, 33, 3), 1).astype(np.uint8)
    write_image(folder / os.fsdecode(b"\xfe.tif"), ImageFile(image, "YXS"))
    return folder


@pytest.mark.parametrize("suffix", [".tif", ".ome.tif", ".png", ".zarr"])
def test_results_say_what_they_were_made_of(folder: Path, models_folder: Path, suffix: str) -> None:
    if suffix == ".zarr":
        pytest.importorskip("zarr", reason="the extra zarr is not installed")
        pytest.importorskip("yaozarrs", reason="the extra zarr is not installed")
    out = folder.with_name(os.fsdecode(b"out \xff"))
    succeeds("upscale", folder, out, "-m", "small-x2", "--suffix", suffix)
    (result,) = out.iterdir()
    assert os.fsencode(result.name) == b"\xfe" + suffix.encode()
    assert read_image(result).history[-1].source == "\\udcfe.tif"
    assert "skipped" in succeeds("upscale", folder, out, "-m", "small-x2", "--suffix", suffix)


def test_figures_and_drawings_are_written(folder: Path, models_folder: Path) -> None:
    report, drawing = (folder.with_name(os.fsdecode(b"r\xff" + end)) for end in (b".json", b".svg"))
    succeeds("evaluate", "-m", "small-x2", "--hr", folder, "--json", report, "--plot", drawing)
    assert json.loads(report.read_text("utf-8"))["images"][0]["image"] == "\udcfe"
    assert drawing.exists()


def test_the_log_goes_on(folder: Path, tmp_path: Path) -> None:
    log = FolderLog(ProcessingStep("upscale", "small-x2"))
    log.path = tmp_path / "log.csv"
    (source,) = folder.iterdir()
    log.take(Failed(FileItem(source, source), "bad"))
    assert r"\udcfe.tif" in log.path.read_text("utf-8")


def test_a_request_says_which_name_it_cannot_hold(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainRequestError, match=r"cells \\udcff', expected Unicode; rename it"):
        TrainRequest(folder, tmp_path / "m.safetensors").write(tmp_path / "request.toml")
    assert not (tmp_path / "request.toml").exists()
