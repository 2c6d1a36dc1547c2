"""Work on an OME-Zarr that was stopped or killed goes on, where it is the same work."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("zarr", reason="the extra zarr is not installed")
pytest.importorskip("yaozarrs", reason="the extra zarr is not installed")

from napari_autolut import upscale
from napari_autolut.arrays import finish
from napari_autolut.arrays.regions import COMPUTED
from napari_autolut.batch import upscale_file_steps
from napari_autolut.batch.files.options import AS_FOUND, UpscaleOptions
from napari_autolut.io import ImageFileError, read_image, write_image
from napari_autolut.io.zarr import unfinished
from napari_autolut.io.zarr.result import FINISHED, ZarrResult
from napari_autolut.io.zarr.unfinished import temporary_folder
from napari_autolut.model import LutModel
from napari_autolut.storage import save_model
from tests.conftest import small_model

pytestmark = pytest.mark.usefixtures("small_regions")


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The level of each region that is written."""
    calls: list[int] = []
    write = ZarrResult.write

    def counted(self: ZarrResult, region, values, level: int = 0) -> None:
        write(self, region, values, level)
        calls.append(level)

    monkeypatch.setattr(ZarrResult, "write", counted)
    return calls


def test_stopped_work_goes_on(
    tmp_path: Path, source: Path, model: LutModel, written: list[int]
) -> None:
    steps = upscale_file_steps(source, tmp_path / "out.zarr", model)
    for _ in range(4):
        next(steps)
    steps.close()
    assert not (tmp_path / "out.zarr").exists()
    before = len(written)
    assert before == 4 and temporary_folder(tmp_path / "out.zarr").is_dir()
    steps = upscale_file_steps(source, tmp_path / "out.zarr", model)
    assert next(steps).done == before * COMPUTED
    finish(steps)
    resumed = len(written)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["in.zarr", "out.zarr"]
    expected = np.stack([upscale(channel, model) for channel in read_image(source).data])
    np.testing.assert_array_equal(read_image(tmp_path / "out.zarr").data, expected)
    finish(upscale_file_steps(source, tmp_path / "at once.zarr", model))
    assert len(written) == 2 * resumed


@pytest.mark.parametrize("name", [".DS_Store", "._0", "desktop.ini", "Thumbs.db"])
def test_work_goes_on_though_a_window_showed_its_source(
    name: str, tmp_path: Path, source: Path, model: LutModel
) -> None:
    """macOS and Windows write files into folders that are looked at."""
    stop(source, tmp_path / "out.zarr", model)
    (source / name).write_bytes(b"of a window")
    assert next(upscale_file_steps(source, tmp_path / "out.zarr", model)).done > COMPUTED


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_work_goes_on_by_another_name_of_its_source(
    tmp_path: Path, source: Path, model: LutModel
) -> None:
    """As ``/tmp`` and ``/private/tmp`` are on macOS."""
    stop(source, tmp_path / "out.zarr", model)
    (tmp_path / "tmp").symlink_to(tmp_path)
    other = tmp_path / "tmp" / source.name
    assert next(upscale_file_steps(other, tmp_path / "out.zarr", model)).done > COMPUTED


def stop(source: Path, out: Path, model: LutModel, how: UpscaleOptions = AS_FOUND) -> None:
    steps = upscale_file_steps(source, out, model, how)
    for _ in range(3):
        next(steps)
    steps.close()


def test_other_work_is_not_gone_on_with(
    tmp_path: Path, source: Path, model: LutModel, written: list[int]
) -> None:
    out = tmp_path / "out.zarr"
    stop(source, out, model)
    stop(source, out, small_model("other", 2))
    stop(source, out, small_model("other", 2), UpscaleOptions((0, 9)))
    assert len(written) == 9
    image = read_image(source)
    write_image(source, image, overwrite=True)  # has the same pixels and another date
    steps = upscale_file_steps(source, out, small_model("other", 2), UpscaleOptions((0, 9)))
    assert next(steps).done == COMPUTED
    steps.close()


def test_a_region_whose_file_changed_is_done_again(
    tmp_path: Path, source: Path, model: LutModel, written: list[int]
) -> None:
    out = tmp_path / "out.zarr"
    stop(source, out, model)
    (tmp_path / temporary_folder(out) / "0" / "c" / "0" / "0" / "0").write_bytes(b"cut off")
    with (temporary_folder(out) / FINISHED).open("a") as stream:
        stream.write("0/1.0.0 99")  # a line that was not written to its end
    steps = upscale_file_steps(source, out, model)
    assert next(steps).done == 2 * COMPUTED
    finish(steps)
    expected = np.stack([upscale(channel, model) for channel in read_image(source).data])
    np.testing.assert_array_equal(read_image(out).data, expected)


CHILD = """
import sys, time
from pathlib import Path
from napari_autolut.batch import upscale_file_steps
from napari_autolut.io.zarr import levels
from napari_autolut.io.zarr.result import ZarrResult
levels.CHUNK, levels.MAX_SIDE, levels.COARSEST, levels.PIECE = 16, 32, 16, 16
write = ZarrResult.write
def slowly(self, *args):
    write(self, *args)
    time.sleep(0.2)
ZarrResult.write = slowly
for _ in upscale_file_steps(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]): pass
"""


def test_killed_work_goes_on(
    tmp_path: Path, source: Path, model: LutModel, written: list[int]
) -> None:
    out, file = tmp_path / "out.zarr", save_model(model, tmp_path / "small-x2.safetensors")
    finished = temporary_folder(out) / FINISHED
    child = subprocess.Popen([sys.executable, "-c", CHILD, source, out, file])
    try:
        while child.poll() is None and not (finished.exists() and finished.stat().st_size > 30):
            time.sleep(0.02)
    finally:
        child.kill()
        child.wait()
    before = len(finished.read_text().splitlines())
    assert before >= 2 and not out.exists()
    finish(upscale_file_steps(source, out, file))
    resumed = len(written)
    expected = np.stack([upscale(channel, model) for channel in read_image(source).data])
    np.testing.assert_array_equal(read_image(out).data, expected)
    assert not temporary_folder(out).exists()
    finish(upscale_file_steps(source, tmp_path / "at once.zarr", file))
    assert len(written) == resumed + resumed + before


@pytest.mark.parametrize("gone", ["", "zarr.json", "0/zarr.json", "0/c"])
def test_what_was_removed_meanwhile_gets_no_name(
    tmp_path: Path, source: Path, model: LutModel, gone: str
) -> None:
    out = tmp_path / "out.zarr"
    steps = upscale_file_steps(source, out, model)
    for _ in range(3):
        next(steps)
    here = temporary_folder(out) / gone
    if here.is_file():
        here.unlink()
    else:
        shutil.rmtree(here, ignore_errors=os.name == "nt")  # which deletes no lock that is held
    with pytest.raises(OSError, match="removed meanwhile") as caught:
        finish(steps)
    assert caught.value.filename == str(out) and not out.exists()
    finish(upscale_file_steps(source, out, model))
    expected = np.stack([upscale(channel, model) for channel in read_image(source).data])
    np.testing.assert_array_equal(read_image(out).data, expected)
    assert not temporary_folder(out).exists()


def test_two_at_once(tmp_path: Path, source: Path, model: LutModel) -> None:
    steps = upscale_file_steps(source, tmp_path / "out.zarr", model)
    next(steps)
    with pytest.raises(ImageFileError, match="another process"):
        finish(upscale_file_steps(source, tmp_path / "out.zarr", model))
    finish(steps)
    assert read_image(tmp_path / "out.zarr").data.shape == (2, 80, 140)


@pytest.mark.parametrize("error", [PermissionError(13, "in use"), OSError(28, "full")])
def test_a_name_that_is_not_to_be_had_now_costs_no_work(
    tmp_path: Path,
    source: Path,
    model: LutModel,
    written: list[int],
    monkeypatch: pytest.MonkeyPatch,
    error: OSError,
) -> None:
    """Another program may show what is to be replaced; in a dock the same process goes on."""

    def held(_: Path, __: Path) -> None:
        raise error

    out = tmp_path / "out.zarr"
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(unfinished, "move_file", held)
        with pytest.raises(OSError, match=r"in use|full") as caught:
            finish(upscale_file_steps(source, out, model))
    assert caught.value.filename == str(out)
    before = len(written)
    finish(upscale_file_steps(source, out, model))
    assert len(written) == before
    expected = np.stack([upscale(channel, model) for channel in read_image(source).data])
    np.testing.assert_array_equal(read_image(out).data, expected)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["in.zarr", "out.zarr"]
    assert not [each.name for each in out.rglob(".*")] and not (out / "lock").exists()


def test_a_folder_that_cannot_be_looked_at_is_called_as_the_user_did(
    tmp_path: Path, source: Path, model: LutModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(folder: Path, *_: object) -> None:
        raise PermissionError(13, "Permission denied", str(folder))

    out = tmp_path / "out.zarr"
    stop(source, out, small_model("other", 2))
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(unfinished.UnfinishedZarr, "_clear", lambda self: refused(self.folder))
        with pytest.raises(PermissionError) as caught:
            next(upscale_file_steps(source, out, model))
    assert caught.value.filename == str(out)
    finish(upscale_file_steps(source, out, model))
