"""What may lie where an OME-Zarr is written, and what is never replaced."""

from __future__ import annotations

import shutil
import stat
import sys
from pathlib import Path

import pytest

pytest.importorskip("zarr", reason="the extra zarr is not installed")
pytest.importorskip("yaozarrs", reason="the extra zarr is not installed")

from napari_autolut.arrays import finish
from napari_autolut.batch import FileOptions, upscale_file_steps
from napari_autolut.io import ImageFile, ImageFileError, read_image, write_image
from napari_autolut.io.zarr.unfinished import temporary_folder
from napari_autolut.model import LutModel
from tests.pictures import picture

pytestmark = pytest.mark.usefixtures("small_regions")

OVERWRITE = FileOptions(overwrite=True)


def test_a_full_disk_is_seen_before_any_work(
    tmp_path: Path, source: Path, model: LutModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    with pytest.raises(OSError, match="free on the disk"):
        finish(upscale_file_steps(source, tmp_path / "out.zarr", model))
    assert [each.name for each in tmp_path.iterdir()] == ["in.zarr"]


def test_what_exists_is_replaced_only_on_request(
    tmp_path: Path, source: Path, model: LutModel
) -> None:
    out = write_image(tmp_path / "out.zarr", ImageFile(picture((5, 5)), "YX"))
    with pytest.raises(FileExistsError, match=r"out\.zarr"):
        finish(upscale_file_steps(source, out, model))
    finish(upscale_file_steps(source, out, model, options=OVERWRITE))
    assert read_image(out).data.shape == (2, 80, 140)
    with pytest.raises(ImageFileError, match=r"out\.zarr"):
        finish(upscale_file_steps(out, out, model, options=OVERWRITE))
    assert sorted(each.name for each in tmp_path.iterdir()) == ["in.zarr", "out.zarr"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_what_is_replaced_keeps_its_rights(tmp_path: Path, source: Path, model: LutModel) -> None:
    out = write_image(tmp_path / "out.zarr", ImageFile(picture((5, 5)), "YX"))
    out.chmod(0o500)
    steps = upscale_file_steps(source, out, model, options=OVERWRITE)
    next(steps)
    assert stat.S_IMODE(temporary_folder(out).stat().st_mode) == 0o700, "nobody reads it meanwhile"
    finish(steps)
    assert stat.S_IMODE(out.stat().st_mode) == 0o500
    assert not (out / "lock").exists() and not list(tmp_path.glob(".*"))
    out.chmod(0o700)


def test_a_folder_that_is_no_zarr_is_never_replaced(
    tmp_path: Path, source: Path, model: LutModel
) -> None:
    (tmp_path / "out.zarr").mkdir()
    (tmp_path / "out.zarr" / "thesis.txt").write_text("mine")
    with pytest.raises(ImageFileError, match="something else"):
        finish(upscale_file_steps(source, tmp_path / "out.zarr", model, options=OVERWRITE))
    assert (tmp_path / "out.zarr" / "thesis.txt").read_text() == "mine"


def test_a_result_does_not_lie_in_its_source(tmp_path: Path, source: Path, model: LutModel) -> None:
    with pytest.raises(ImageFileError, match="lies in the Zarr"):
        finish(upscale_file_steps(source, source / "out.zarr", model))
    inner = source / "inner"
    write_image(tmp_path / "a.zarr", read_image(source)).rename(inner)
    with pytest.raises(ImageFileError, match="has the source"):
        finish(upscale_file_steps(inner, source, model, options=OVERWRITE))
    assert read_image(source).data.shape == (2, 40, 70)


def test_nor_is_its_source_in_it_by_another_spelling(
    tmp_path: Path, source: Path, model: LutModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on disks of macOS, which do not tell upper from lower case."""
    monkeypatch.setattr("napari_autolut.util.paths.tells_case", lambda _: False)
    inner = source / "inner"
    write_image(tmp_path / "a.zarr", read_image(source)).rename(inner)
    out = source.with_name(source.name.upper())
    if not out.exists():  # on such disks it is there under either name
        shutil.copytree(source, out)
    with pytest.raises(ImageFileError, match="has the source"):
        finish(upscale_file_steps(inner, out, model, options=OVERWRITE))
