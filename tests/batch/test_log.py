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
    with log.path.open(newline="", encoding="utf-8-sig") as file:
        titles, line = csv.reader(file)
    assert tuple(titles) == COLUMNS
    assert dict(zip(titles, line, strict=True)) | {"time": "", "value range": ""} == {
        "time": "", "image": "a.png", "result": "b.png", "state": "failed",
        "model": f"'{name}", "value range": "", "note": f"'{name}",
    }  # fmt: skip


def test_letters_are_read_by_excel(tmp_path: Path) -> None:
    log = FolderLog(ProcessingStep("upscale", "natural-x2"))
    log.path = tmp_path / "log.csv"
    for name in ("Gr\xf6\xdfe.png", "\u7d30\u80de.png"):
        log.take(Failed(FileItem(Path(name), Path("b.png")), ""))
    content = log.path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbftime,") and content.count(b"\xef\xbb\xbf") == 1
    assert "Gr\xf6\xdfe.png" in content.decode() and "\u7d30\u80de.png" in content.decode()
