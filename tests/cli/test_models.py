"""The commands models and import: lists, cards and files of models."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from napari_autolut.model import Card, LutModel
from napari_autolut.storage import load_model_file, save_model
from tests.commandline import fails, succeeds
from tests.storage.importers.tables import mulut


def test_models_are_listed_and_broken_ones_named(models_folder: Path) -> None:
    (models_folder / "broken.safetensors").write_bytes(b"oops")
    with suppress(OSError):  # links need rights on Windows
        (models_folder / "gone.safetensors").symlink_to("nowhere")
    lines = {line.split()[0]: line for line in succeeds("models").splitlines()}
    assert lines["small-x4"].split()[1:3] == ["x4", "upscaling"]
    size = (models_folder / "small-x4.safetensors").stat().st_size
    for words in ("  Small tests", f"  {size / 1000:.3g} kB  ", "user"):
        assert words in lines["small-x4"]
    assert "  +2.6 dB  " in lines["natural-x2-light"]
    assert "  shipped  Photographs and similar images" in lines["natural-x2-light"]
    assert "cannot be used" in lines["broken"]
    assert "gone" not in lines or "cannot be used" in lines["gone"]
    column = lines["name"].index("task")
    assert lines["small-x1"][column - 2 : column] == lines["broken"][column - 2 : column] == "  "
    with_paths = succeeds("models", "--paths")
    assert str(models_folder / "small-x2.safetensors") in with_paths


def test_the_card_of_a_model(tmp_path: Path, model: LutModel) -> None:
    told = succeeds("models", "denoise-3")
    for words in (
        "denoise-3: White noise",
        "x1",
        "make denoisers",
        "dB (+3.32 over the image itself)",
    ):
        assert words in told
    card = Card("own", description="Two\nlines", benchmark={"held-out": {"psnr": 30.25}})
    path = save_model(replace(model, card=card), tmp_path / "own.safetensors")
    for arguments in (("models", path), ("info", path)):
        told = succeeds(*arguments)
        assert "own: Two\\nlines" in told and "PSNR 30.25 dB" in told
    assert "did you mean denoise-3" in fails("models", "denois-3")


def test_import_makes_a_model_file(tmp_path: Path) -> None:
    tables, out = tmp_path / "tables", tmp_path / "own.safetensors"
    tables.mkdir()
    mulut(2, "sdy", 2)(tables, np.random.default_rng(0))
    said = succeeds("import", tables, out, "--layout", "mulut", "--licence", "MIT")
    model = load_model_file(out)
    assert (model.scale, model.card.licence) == (2, "MIT") and model.name in said
    assert "exists" in fails("import", tables, out)
    succeeds("import", tables, out, "--overwrite")
    for arguments, words in [
        ((tables, tmp_path / "a.npy"), ".safetensors"),
        ((tables, tmp_path / "no" / "a.safetensors"), "no folder"),
        ((tmp_path / "none", tmp_path / "a.safetensors"), "no such file"),
        ((tables, tmp_path / "a.safetensors", "--layout", "autolut"), "tables"),
    ]:
        assert words in fails("import", *arguments)
    assert not (tmp_path / "a.safetensors").exists()


def test_without_a_model_the_folder_for_own_ones_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("napari_autolut.cli.models.list_models", list)
    assert succeeds("models").startswith("no models; your own belong in ")
