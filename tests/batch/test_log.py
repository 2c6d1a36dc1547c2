"""The log of the folder dock, which spreadsheets read."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from napari_autolut.batch.log import COLUMNS, FolderLog
from napari_autolut.batch.outcomes import Failed, FileItem
from napari_autolut.io import ProcessingStep


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_names_are_no_formulas(tmp_path: Path, start: str) -> None:
    name = f'{start}HYPERLINK("file:///x")'
    log = FolderLog(ProcessingStep("upscale", name))
    log.path = tmp_path / "log.csv"
    log.take(Failed(FileItem(Path("a.png"), Path("b.png")), name))
    with log.path.open(newline="") as file:
        titles, line = csv.reader(file)
    assert tuple(titles) == COLUMNS
    assert dict(zip(titles, line, strict=True)) | {"time": "", "value range": ""} == {
        "time": "", "image": "a.png", "result": "b.png", "state": "failed",
        "model": f"'{name}", "value range": "", "note": f"'{name}",
    }  # fmt: skip
