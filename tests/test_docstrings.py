"""Docstrings of the public names leave nothing out: every parameter, every result, every type.

The linter of numpydoc reads source files and asks less of what is not public (``make lint``).
"""

import re
from pathlib import Path

import pytest
from numpydoc.validate import validate

import napari_autolut

COMPLETE = {"PR01", "PR02", "PR03", "PR04", "PR05", "PR07", "PR10", "RT01", "RT03", "GL03", "GL08"}


@pytest.mark.parametrize("name", sorted(set(napari_autolut.__all__) - {"__version__"}))
def test_public_names_are_described(name):
    found = validate(f"napari_autolut.{name}")["errors"]
    assert [f"{code}: {text}" for code, text in found if code in COMPLETE] == []


def test_modules_that_docstrings_name_exist():
    root = Path(__file__).parents[1]
    modules = [
        p for top in ("src", "training", "tests", "benchmarks") for p in (root / top).rglob("*.py")
    ]
    there = {"/".join(p.parts[-n:]) for p in modules for n in range(1, 6)}
    named = {
        name: path
        for path in modules
        for name in re.findall(r"``([\w/]+\.py)``", path.read_text("utf-8"))
    }
    assert len(named) > 100
    assert {name: path for name, path in named.items() if name not in there} == {}
