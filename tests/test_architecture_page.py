"""The developers' page on architecture says what the tree and import-linter's contract say."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/development/architecture.md").read_text("utf-8")


def layers(lines):
    return [sorted(re.findall(r"\w+", line)) for line in lines]


def test_its_drawing_is_the_contract():
    (drawing,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    rows = [re.match(r"\w+(?: [|:] \w+)*", line).group() for line in drawing.splitlines()]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    (contract,) = [each for each in contracts if each["type"] == "layers"]
    assert layers(rows) == layers(contract["layers"])


def test_files_that_it_names_exist():
    named = set(re.findall(r"`((?:\w+/)+(?:\w+\.\w+)?)`", PAGE))
    assert len(named) > 15
    roots = (ROOT, ROOT / "src/napari_autolut", ROOT / "training")
    assert [name for name in named if not any((root / name).exists() for root in roots)] == []


def test_every_file_of_the_engine_is_explained():
    page = (ROOT / "docs/development/engine.md").read_text("utf-8")
    rows = "".join(line for line in page.splitlines() if line.startswith("|"))
    files = {path.name for path in (ROOT / "src/napari_autolut/engine").glob("*.py")}
    assert files - set(re.findall(r"`(\w+\.py)`", rows)) == set()
