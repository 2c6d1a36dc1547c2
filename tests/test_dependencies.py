"""Everything that is imported is declared, and nothing is declared that nobody imports."""

import ast
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
FOLDERS = "training", "benchmarks"  # whose scripts import each other
SCRIPTS = {path.stem for folder in FOLDERS for path in (ROOT / folder).glob("*.py")}
OWN = {"napari_autolut", "autolut_training", *SCRIPTS}
CALLED = {"PIL": "pillow", "skimage": "scikit-image"}
ON_REQUEST = {"torch": "train", "triton": "train", "distributed": "distributed", "zarr": "zarr"}
USED_OTHERWISE = {"magicgui"}  # napari makes our widgets with it


def imported():
    for path in (*(ROOT / "src").rglob("*.py"), *(ROOT / "training").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                yield node.module.split(".")[0]


def test_imports_are_declared():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = {Requirement(each).name for each in project["dependencies"]}
    others = set(imported()) - set(sys.stdlib_module_names) - OWN - ON_REQUEST.keys()
    used = {CALLED.get(name, name) for name in others}
    assert used <= declared
    assert declared <= used | USED_OTHERWISE
    extras = project["optional-dependencies"]
    assert all(extras[extra] for extra in ON_REQUEST.values())
