"""The soak sees what it is there to see; it is not run here, but for a few files."""

from __future__ import annotations

import pytest

from napari_autolut.storage import load_model_file
from tests.soak import damaged_models, part
from tests.soak.__main__ import PARTS, PartRun, findings, page_text
from tests.soak.part import Finding, Run, fault_of


@pytest.mark.parametrize(
    ("code", "stderr", "good"),
    [
        (0, "", True),
        (2, "napari-autolut: a.tif: no such file\n", True),
        (1, "1 of 3 files failed\n", True),
        (0, "a warning\n", False),
        (2, "", False),
        (1, "Traceback (most recent call last):\n  ...\nKeyError: 3\n", False),
        (-9, "", False),
        (124, "still running after 300 s\n", False),
    ],
)
def test_how_a_program_may_end(code: int, stderr: str, good: bool) -> None:
    assert bool(fault_of(Run([], code, "", stderr))) != good


def test_damage_is_refused_and_counted(capsys) -> None:
    damaged_models.main(0, 25)
    printed = capsys.readouterr().out
    assert '"faults": []' in printed and '"refused": 0' not in printed


def test_an_error_that_names_another_file_is_a_fault(tmp_path, monkeypatch) -> None:
    path = damaged_models.good_files(tmp_path)[0]
    assert damaged_models.outcome(path) == ("loaded", "")

    def forged(_: object) -> None:
        raise damaged_models.ModelFileError("another", "name", "none", "a name")

    monkeypatch.setattr(damaged_models, "load_model_file", forged)
    assert damaged_models.outcome(path)[1].startswith("said ")
    assert load_model_file(path)


def test_a_part_that_breaks_is_a_fault(monkeypatch) -> None:
    def broken(_: float):
        yield Finding("one", "fine")
        raise ValueError("no such place")

    monkeypatch.setattr(damaged_models, "run", broken)
    good, bad = findings("damaged_models", 1.0)
    assert not good.faults and bad.faults == ("ValueError: no such place",)


def test_the_page_lists_faults(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("tests.soak.__main__.BUILD", tmp_path)
    good = PartRun("bits", "1 May 2026", 3.2, (Finding("What", "42 files"),))
    good.keep()
    assert PartRun.kept("bits") == good and PartRun.kept("kills") is None
    assert "No fault." in page_text([good])
    assert "| What | 42 files | 3 s | 1 May 2026 |" in page_text([good])
    bad = PartRun("kills", "", 1, (Finding("Kills", "", ("it broke",)),))
    assert "Faults: 1.\n\n- Kills: it broke" in page_text([good, bad])


def test_every_part_is_run() -> None:
    helpers = {"__init__", "__main__", "part", "test_soak"}
    files = {path.stem for path in part.ROOT.glob("tests/soak/*.py")} - helpers
    assert files == set(PARTS)
