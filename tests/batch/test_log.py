"""The log of the folder dock, which spreadsheets read."""

from __future__ import annotations

import csv
import sys
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest

from napari_autolut.batch.log import COLUMNS, FolderLog
from napari_autolut.batch.outcomes import Failed, FileItem
from napari_autolut.io import ProcessingStep


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\uff1d"])
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


def test_a_line_holds_one_file_whatever_its_name_and_however_cells_are_told_apart(
    tmp_path: Path,
) -> None:
    log = FolderLog(ProcessingStep("upscale", "natural-x2"))
    log.path = tmp_path / "log.csv"
    for name in ("a;=1+1", "a\t=1", "a\n=1", "\r=1", "a\x1b[31m\u202egnp.png"):
        log.take(Failed(FileItem(Path(name), Path("b.png")), name))
    text = log.path.read_text("utf-8-sig")
    assert len(text.splitlines()) == 6 and text.replace("\n", "").isprintable()
    assert '"a;=1+1"' in text and ',"a\\n=1"' in text


def test_letters_are_read_by_excel(tmp_path: Path) -> None:
    log = FolderLog(ProcessingStep("upscale", "natural-x2"))
    log.path = tmp_path / "log.csv"
    for name in ("Gr\xf6\xdfe.png", "\u7d30\u80de.png"):
        log.take(Failed(FileItem(Path(name), Path("b.png")), ""))
    content = log.path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbftime,") and content.count(b"\xef\xbb\xbf") == 1
    assert "Gr\xf6\xdfe.png" in content.decode() and "\u7d30\u80de.png" in content.decode()


@pytest.mark.parametrize("between", [";", ",", "|"])
def test_columns_are_those_of_excel_where_decimals_come_after_a_comma(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, between: str
) -> None:
    windows = SimpleNamespace(
        HKEY_CURRENT_USER=1,
        OpenKey=lambda *_: nullcontext(2),
        QueryValueEx=lambda key, name: ({(2, "sList"): between}[key, name], 1),
    )
    monkeypatch.setitem(sys.modules, "winreg", windows)
    log = FolderLog(ProcessingStep("upscale", "natural-x2"))
    log.path = tmp_path / "log.csv"
    for platform in ("win32", "linux"):  # a log stays as it was begun
        monkeypatch.setattr(sys, "platform", platform)
        log.take(Failed(FileItem(Path("a, b.png"), Path("b; c.png")), "found 0,5; expected 1"))
    with log.path.open(newline="", encoding="utf-8-sig") as file:
        titles, *lines = csv.reader(file, delimiter=";" if between == ";" else ",")
    assert tuple(titles) == COLUMNS
    assert [line[1:3] for line in lines] == [["a, b.png", "b; c.png"]] * 2
