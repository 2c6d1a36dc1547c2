"""OME-Zarr in the shell: one line each, and what was done is in the result."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytest.importorskip("zarr", reason="the extra zarr is not installed")
pytest.importorskip("yaozarrs", reason="the extra zarr is not installed")

from napari_autolut.io import ImageFile, read_image, write_image
from napari_autolut.io.zarr import MISSING_VARIABLE
from napari_autolut.io.zarr.result import ZarrResult
from napari_autolut.io.zarr.unfinished import temporary_folder
from napari_autolut.model import LutModel
from napari_autolut.storage import model_digest
from tests.commandline import fails, run, succeeds
from tests.pictures import picture


@pytest.fixture
def source(tmp_path: Path) -> Path:
    image = ImageFile(picture((2, 20, 30), "uint16", top=4000), "CYX", {"Y": 0.5, "X": 0.5}, "µm")
    return write_image(tmp_path / "in.zarr", image)


def test_upscale_and_info(tmp_path: Path, source: Path, model_file: Path, model: LutModel) -> None:
    out = tmp_path / "out.zarr"
    said = succeeds("upscale", source, out, "-m", model_file, "--zarr-version", "0.4")
    assert "30 x 20, C 2 to 60 x 40, C 2 with small-x2" in said
    assert (out / ".zattrs").is_file()
    told = succeeds("info", out)
    assert "small-x2" in told and model_digest(model) in told
    (step,) = read_image(out).history
    assert (step.scale, step.source, len(step.value_range)) == (2, "in.zarr", 2)


def test_a_folder_that_holds_zarrs(tmp_path: Path, source: Path, model_file: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "sub").mkdir(parents=True)
    source.rename(folder / "sub" / "a.zarr")
    write_image(folder / "b.png", ImageFile(picture((9, 8)), "YX"))
    said = succeeds("upscale", folder, tmp_path / "out", "-m", model_file)
    assert "2 done" in said
    assert read_image(tmp_path / "out" / "sub" / "a.zarr").data.shape == (2, 40, 60)


@pytest.mark.parametrize("command", ["upscale", "denoise", "info"])
def test_chunks_that_the_user_says_are_empty(
    tmp_path: Path, source: Path, model_file: Path, command: str
) -> None:
    (source / "0" / "c" / "1" / "0" / "0").unlink()
    out = tmp_path / "b.zarr"
    others = {"upscale": [out, "-m", model_file], "denoise": [out, "--noise", "2,40"]}
    said = succeeds(command, source, *others.get(command, []), "--missing-as-empty")
    assert "1 of 2 chunks are not there" in said
    assert MISSING_VARIABLE not in os.environ


def test_bad_input_is_one_line_and_nothing_is_written(
    tmp_path: Path, source: Path, model_file: Path
) -> None:
    (source / "0" / "c" / "1" / "0" / "0").unlink()
    before = sorted(each.name for each in tmp_path.iterdir())
    line = fails("upscale", source, tmp_path / "out.zarr", "-m", model_file)
    assert "in.zarr" in line and "chunks missing" in line and "--missing-as-empty" in line
    assert "in.zarr" in fails("denoise", source, tmp_path / "out.zarr")
    (source / "zarr.json").write_text("{")
    assert "no valid JSON" in fails("upscale", source, tmp_path / "out.png", "-m", model_file)
    assert "no valid JSON" in fails("info", source)
    assert sorted(each.name for each in tmp_path.iterdir()) == before


def test_without_zarr_the_line_says_what_to_type(
    tmp_path: Path, source: Path, model_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr("napari_autolut.util.optional.import_module", missing)
    for args in ((source, tmp_path / "out.png"), (tmp_path / "no.png", tmp_path / "out.zarr")):
        line = fails("upscale", *args, "-m", model_file)
        assert 'pip install "napari-autolut[zarr]"' in line


def test_ctrl_c_says_that_the_work_is_not_lost(
    tmp_path: Path, source: Path, model_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = ZarrResult.write

    def interrupted(self: ZarrResult, *args: object) -> None:
        write(self, *args)
        raise KeyboardInterrupt

    out = tmp_path / "out.zarr"
    with monkeypatch.context() as patch:
        patch.setattr(ZarrResult, "write", interrupted)
        result = run("upscale", source, out, "-m", model_file)
    assert result.exit_code == 130 and "resumes after what is done" in result.stderr
    assert temporary_folder(out).is_dir() and not out.exists()
    succeeds("upscale", source, out, "-m", model_file)
    assert read_image(out).data.shape == (2, 40, 60) and not temporary_folder(out).exists()
