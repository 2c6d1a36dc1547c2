"""The check of promises itself, with an index that answers what it is told."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.promises import (
    EXTRAS,
    PAGE,
    PLATFORMS,
    broken,
    disagreements,
    promises,
    pythons,
)

TABLE = """# Systems

| system | train | OME-Zarr |
|---|---|---|
| Linux, ARM | Python 3.12 to 3.13 | no |

## What was tried

| something | else |
"""


def test_the_page_can_be_read() -> None:
    found = list(promises(PAGE.read_text("utf-8")))
    extras = [extra for each in EXTRAS.values() for extra in each]
    assert len(found) == len(PLATFORMS) * len(extras) * len(pythons())
    assert {promise.system for promise in found} == PLATFORMS.keys()
    kept = {promise.python for promise in found if promise.kept}
    assert kept == set(pythons())


def test_other_pages_agree() -> None:
    assert not list(disagreements())


def test_a_promise_that_is_not_kept_is_said_and_one_that_was_forgotten() -> None:
    asked = []

    def index(system: str, python: str, extras: Sequence[str]) -> str:
        asked.append((python, *extras))
        return "no wheels" if python == "3.13" and "train" in extras else ""

    cells = sorted(promises(TABLE), key=lambda each: each.python)
    found = list(broken(cells, index))
    assert "Linux, ARM, Python 3.13, [train]: promised, and does not install: no wheels" in found
    assert "Linux, ARM, Python 3.11, [train]: not promised, and installs" in found
    assert "Linux, ARM, Python 3.12, [zarr]: not promised, and installs" in found
    assert not any("3.12, [train]" in line for line in found)
    assert ("3.12", "train") in asked and ("3.11", "train", "pyqt6") in asked


def test_a_cell_that_says_something_else() -> None:
    with pytest.raises(ValueError, match="found 'most', expected"):
        list(promises(TABLE.replace("no |", "most |")))
