"""The developers' pages say what the tree and import-linter's contract say."""

import re
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

import napari_autolut

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/development/architecture.md").read_text("utf-8")
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "CONTRIBUTING.md"]
ROOMS = ("src", "training", "tests", "benchmarks", "luts")
FILES = [
    file for room in ROOMS for kind in ("py", "toml") for file in (ROOT / room).rglob(f"*.{kind}")
]
ENDS = {
    "/".join(path.parts[-n:]) for file in FILES for path in (file, file.parent) for n in range(1, 7)
}


def layers(lines):
    return [sorted(re.findall(r"\w+", line)) for line in lines]


def test_its_drawing_is_the_contract():
    (drawing,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    rows = [re.match(r"\w+(?: [|:] \w+)*", line).group() for line in drawing.splitlines()]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    (contract,) = [each for each in contracts if each["type"] == "layers"]
    assert layers(rows) == layers(contract["layers"])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_files_that_pages_name_exist(page):
    """By their whole path, or by a part of it that leads to them from some folder."""
    found = re.findall(r"`(?:python )?((?:\w+/)*(?:\w+\.py|(?<=/)))[ `]", page.read_text("utf-8"))
    assert [name for name in found if name.rstrip("/") not in ENDS] == []


def test_every_file_of_the_engine_is_explained():
    page = (ROOT / "docs/development/engine.md").read_text("utf-8")
    rows = "".join(line for line in page.splitlines() if line.startswith("|"))
    files = {path.name for path in (ROOT / "src/napari_autolut/engine").glob("*.py")}
    assert files - set(re.findall(r"`(\w+\.py)`", rows)) == set()


def test_an_image_enters_no_more_files_than_its_page_says(monkeypatch):
    monkeypatch.setenv("NAPARI_AUTOLUT_THREADS", "1")  # a profile sees one thread
    page = (ROOT / "docs/development/way-of-an-image.md").read_text("utf-8")
    (said,) = re.findall(r"sees (\d+) files of the package", page)
    image, entered = np.arange(96, dtype=np.uint8).reshape(8, 12), set()
    inside = str(Path(napari_autolut.__file__).parent)

    def watch(frame, event, _):
        if event == "call" and frame.f_code.co_filename.startswith(inside):
            entered.add(frame.f_code.co_filename)

    napari_autolut.upscale(image, "natural-x4-light")
    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        napari_autolut.upscale(image, "natural-x4-light")
    finally:
        sys.setprofile(before)
    assert 12 < len(entered) <= int(said)
