"""The developers' pages say what the tree and import-linter's contract say."""

import importlib
import math
import os
import re
import sys
import tomllib
from itertools import groupby
from pathlib import Path
from traceback import walk_stack

import numpy as np
import pytest
import typer

import napari_autolut
from napari_autolut.cli.app import app

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/development/architecture.md").read_text("utf-8")
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "CONTRIBUTING.md", ROOT / "README.md"]
OUTSIDE = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / ".github").rglob("*.md"))]
ROOMS = ("src", "training", "tests", "benchmarks", "luts")
FILES = [
    file for room in ROOMS for kind in ("py", "toml") for file in (ROOT / room).rglob(f"*.{kind}")
]
ENDS = {
    "/".join(path.parts[-n:]) for file in FILES for path in (file, file.parent) for n in range(1, 7)
}

SUFFIXES = {"py", "yaml", "toml"}
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
TARGETS = {
    *re.findall(r"^([\w-]+):", MAKEFILE, re.M),
    *("test-pyside", "test-oldest", "test-candidate", "test-newest"),  # by one rule
}


def layers(lines):
    return [sorted(re.findall(r"\w+", line)) for line in lines]


def test_its_drawings_are_the_contracts():
    drawings = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = [c for c in project["tool"]["importlinter"]["contracts"] if c.get("exhaustive")]
    for drawing, contract in zip(drawings, contracts, strict=True):
        rows = [re.match(r"\w+(?: [|:] \w+)*", line).group() for line in drawing.splitlines()]
        assert layers(rows) == layers(contract["layers"]), contract["name"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_files_that_pages_name_exist(page):
    """By their whole path, or by a part of it that leads to them from some folder."""
    found = re.findall(r"`(?:python )?((?:\w+/)*(?:\w+\.py|(?<=/)))[ `]", page.read_text("utf-8"))
    assert [name for name in found if name.rstrip("/") not in ENDS] == []


def test_names_that_developers_pages_say_exist():
    pages = sorted((ROOT / "docs/development").glob("*.md"))
    words = {word for file in FILES for word in re.findall(r"\w+", file.read_text("utf-8"))}
    said = {
        (page.name, name)
        for page in pages
        for names in re.findall(r"`@?([A-Za-z_][\w.]*)(?:\(\))?`", page.read_text("utf-8"))
        for name in names.split(".")
    }
    assert len(said) > 50
    assert {each for each in said if each[1] not in words | SUFFIXES} == set()


def anchor(heading):
    """What GitHub and mkdocs make of a heading."""
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", heading.lower()).strip())


@pytest.mark.parametrize("page", OUTSIDE, ids=lambda page: page.stem)
def test_links_of_pages_outside_the_site_lead_somewhere(page):
    """To a file, and to a heading of it where one is named; mkdocs checks those of the site."""
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", page.read_text("utf-8")):
        name, _, heading = target.partition("#")
        file = page.parent / name if name else page
        assert file.exists(), target
        if heading:
            assert heading in map(anchor, re.findall("^#+ (.+)$", file.read_text("utf-8"), re.M))


def command_lines(text):
    """Lines of blocks for a shell, and code between words, without comments."""
    found = re.findall(r"```(?:sh|powershell)\n(.*?)```|`([^`\n]+)`", text, re.DOTALL)
    return [line.split(" #")[0] for code in found for line in "".join(code).splitlines()]


def test_commands_that_pages_say_exist():
    """Sub-commands, their options, and what make makes."""
    commands = typer.main.get_command(app).commands
    said = [line for page in PAGES for line in command_lines(page.read_text("utf-8"))]
    unknown, seen = [], 0
    for line in said:
        program, *words = line.split() or [""]
        if not words or not re.fullmatch("[a-z][a-z0-9-]*", words[0]):
            continue
        if program == "make":
            seen += 1
            unknown += [line] * (words[0] not in TARGETS)
        elif program.endswith("napari-autolut"):
            seen += 1
            known = {name for each in commands[words[0]].params for name in each.opts}
            options = {word.split("=")[0] for word in words if re.match("--?[a-z]", word)}
            unknown += [line] * (not options <= {*known, "--help"})
    assert seen > 50
    assert unknown == []


def test_fields_of_the_docks_are_explained():
    """By the labels of their rows, of boxes to tick and of buttons that are no icons."""
    text = " ".join(page.read_text("utf-8") for page in PAGES).casefold()
    widgets = "".join(
        path.read_text("utf-8") for path in (ROOT / "src/napari_autolut/widgets").rglob("*.py")
    )
    found = re.findall(
        r'(?:addRow|_form|QCheckBox|QPushButton|super\(\).__init__|[^_]button)\(\s*"([^"]+)"',
        widgets,
    )
    labels = {each.replace("&", "").split(r"\N{H")[0].rstrip("\u2026") for each in found}
    assert len(labels) > 40
    assert {label for label in labels if label.casefold() not in text} == {"Browse"}


def test_commands_can_be_pasted_into_every_shell():
    """PowerShell, too, in which a comma makes a list, and which knows no home and no other line."""
    said = [line for page in PAGES for line in command_lines(page.read_text("utf-8"))]
    ours = [line for line in said if re.match(r"(napari-autolut|pip) \S", line)]
    assert len(ours) > 50
    assert [
        line for line in ours if set(re.sub('"[^"]*"', "", line)) & set("~,;'$%&|<>\\`[]")
    ] == []


@pytest.mark.parametrize("page", ["README.md", "luts/README.md"])
def test_figures_of_tables_are_those_of_their_cards(page, monkeypatch):
    """All that ``benchmarks/quality.py`` writes but milliseconds."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    quality = importlib.import_module("quality")
    monkeypatch.setattr(quality, "milliseconds", lambda _: math.nan)
    lines = (ROOT / page).read_text("utf-8").splitlines()
    said = {line.split(" | ")[0][2:]: line for line in lines if line.startswith("| `")}
    for path in (ROOT / "luts").glob("*.safetensors"):
        name, *cells = quality.cells(path)
        found = said[name].strip("| ").split(" | ")[1:]
        wrong = [pair for pair in zip(found, cells, strict=False) if len(set(pair)) > 1]
        assert [cell for _, cell in wrong] == ["nan"], name  # the milliseconds alone


def test_every_file_of_the_engine_is_explained():
    page = (ROOT / "docs/development/engine.md").read_text("utf-8")
    rows = "".join(line for line in page.splitlines() if line.startswith("|"))
    rooms = (ROOT / "src/napari_autolut" / name for name in ("engine", "compilation"))
    files = {path.name for room in rooms for path in room.glob("*.py")}
    assert files - set(re.findall(r"`(\w+\.py)`", rows)) == set()


WAY = ROOT / "docs/development/way-of-an-image.md"


def calls_of(image):
    """Files of the package that are called when an image is enlarged, each behind its callers'.

    The outermost file comes first; neighbours in one file count once.
    """
    inside, entered = str(Path(napari_autolut.__file__).parent) + os.sep, []

    def watch(frame, event, _):
        if event == "call" and frame.f_code.co_filename.startswith(inside):
            names = [each.f_code.co_filename for each, _ in walk_stack(frame)]
            files = [name.removeprefix(inside) for name in names if name.startswith(inside)]
            entered.append([name.replace(os.sep, "/") for name, _ in groupby(reversed(files))])

    for _ in range(2):  # what is kept is there at the second call
        napari_autolut.upscale(image, "natural-x4-light")
    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        napari_autolut.upscale(image, "natural-x4-light")
    finally:
        sys.setprofile(before)
    return entered


@pytest.mark.parametrize("shape", [(8, 12), (8, 12, 3)], ids=["grey", "RGB"])
def test_an_image_enters_the_files_of_its_page_and_no_other(shape, monkeypatch):
    monkeypatch.setenv("NAPARI_AUTOLUT_THREADS", "1")  # a profile sees one thread
    page = WAY.read_text("utf-8")
    stations = re.findall(r"^\| \d+ \| \**`(\S+)`\** \|", page, re.M)
    calls = calls_of(np.arange(np.prod(shape), dtype=np.uint16).astype(np.uint8).reshape(shape))
    assert list(dict.fromkeys(call[-1] for call in calls)) == stations
    assert len(stations) <= 12 and f"sees these {len(stations)} files" in page
    assert len(calls) <= 450  # nothing is asked again and again
    # Who waits for a kernel: the last thing that is asked before it is the memory of a block.
    waiting = max((call for call in calls if call[-1] == "engine/kernels.py"), key=len)
    assert waiting == re.findall(r"^\| \d+ \| \*\*`(\S+)`\*\* \|", page, re.M)


def test_deep_pixels_enter_what_the_page_says_beside(monkeypatch):
    monkeypatch.setenv("NAPARI_AUTOLUT_THREADS", "1")
    rows = [line for line in WAY.read_text("utf-8").splitlines() if line.startswith("|")]
    named = set(re.findall(r"`(\w+\.py)`|`\w+/(\w+\.py)`", "".join(rows)))
    calls = calls_of(np.arange(96, dtype=np.uint16).reshape(8, 12))
    files = {call[-1].split("/")[-1] for call in calls}
    assert "sampling.py" in files
    assert files - {name for pair in named for name in pair} == set()


def test_no_name_in_the_plot_of_networks_covers_another(monkeypatch):
    figures = pytest.importorskip("matplotlib.figure")
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    network_plot = importlib.import_module("network_plot")
    panel = figures.Figure(figsize=(4, 4)).subplots()
    panel.set(xlim=(0, 10), ylim=(0, 10))
    close = [network_plot.Point("x" * 12, "tables", 5 + n / 2, 5.0) for n in range(4)]
    names = network_plot.write_names(panel, close)
    assert len(names) == 4
    assert [name.count_overlaps(names) for name in names] == [1] * 4  # itself


def test_the_plot_of_networks_has_every_time_of_the_readme(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    network_plot, pages = map(importlib.import_module, ("network_plot", "pages"))
    text = pages.get("networks")
    for column, mode in ((4, "RGB"), (6, "grey")):
        cells = [line.split(" | ")[column - 1] for line in text.splitlines() if line[:1] == "|"]
        times = [float(cell.split(" ms")[0]) for cell in cells if " ms " in cell]
        drawn = [
            p.milliseconds for scale in ("x4", "x2") for p in network_plot.points(text, scale, mode)
        ]
        assert drawn == times and len(times) > 10
