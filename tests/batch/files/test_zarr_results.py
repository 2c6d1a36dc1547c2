"""From disk to disk: the same bits as in memory, resumed after a kill, and nothing half-named."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("zarr", reason="the extra zarr is not installed")
pytest.importorskip("yaozarrs", reason="the extra zarr is not installed")

from napari_autolut import denoise, upscale
from napari_autolut.arrays.regions import COMPUTED
from napari_autolut.batch import FileOptions, denoise_file_steps, upscale_file_steps
from napari_autolut.batch.files.options import AS_FOUND, UpscaleOptions
from napari_autolut.io import Channel, ImageFile, ImageFileError, read_image, write_image
from napari_autolut.io.zarr import levels
from napari_autolut.io.zarr.result import FINISHED, ZarrResult
from napari_autolut.io.zarr.unfinished import temporary_folder
from napari_autolut.model import LutModel
from napari_autolut.storage import save_model
from tests.conftest import small_model
from tests.pictures import picture

SIDE = 32
SIZES = {"Y": 0.5, "X": 0.25}

OVERWRITE = FileOptions(overwrite=True)


@pytest.fixture(autouse=True)
def small_regions(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"CHUNK": 16, "CHUNK_WITHOUT_SHARDS": 16, "MAX_SIDE": SIDE,
                        "COARSEST": 16, "PIECE": 16}.items():  # fmt: skip
        monkeypatch.setattr(levels, name, value)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    data = picture((2, 40, 70), "uint16", top=4000)
    data[1] //= 50
    channels = (Channel("a", "FF0000", (0.0, 9.0)), Channel("b", "00FF00", (1.0, 2.0)))
    image = ImageFile(data, "CYX", SIZES, "µm", origin={"Y": 3.0}, channels=channels)
    return write_image(tmp_path / "in.zarr", image)


def done(steps) -> None:
    for _ in steps:
        pass


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


@pytest.mark.parametrize("scale", [2, 3])
@pytest.mark.parametrize("version", ["0.5", "0.4"])
def test_the_same_bits_as_in_memory(tmp_path: Path, source: Path, scale: int, version: str) -> None:
    model = small_model("small", scale)
    options = FileOptions(zarr_version=version)
    done(upscale_file_steps(source, tmp_path / "out.zarr", model, options=options))
    found, before = read_image(tmp_path / "out.zarr"), read_image(source)
    expected = np.stack([upscale(channel, model) for channel in before.data])
    np.testing.assert_array_equal(found.data, expected)
    assert found.channels == before.channels and found.unit == "µm"
    for axis in "YX":  # both outer borders stay where they were
        for end in (0, 1):
            one, other = (
                each.origin.get(axis, 0) + each.pixel_size[axis] * (end * each.lengths[axis] - 0.5)
                for each in (before, found)
            )
            assert one == pytest.approx(other, abs=1e-12)


def test_any_factor_has_the_same_bits_and_place(tmp_path: Path, source: Path) -> None:
    model, out = small_model("three", 3), tmp_path / "out.ome.zarr"
    done(upscale_file_steps(source, out, model, UpscaleOptions(scale=2.3)))
    done(upscale_file_steps(source, tmp_path / "out.tif", model, UpscaleOptions(scale=2.3)))
    small, large, tiff = read_image(source), read_image(out), read_image(tmp_path / "out.tif")
    np.testing.assert_array_equal(large.data, tiff.data)
    for axis in "YX":
        size, lengths = small.pixel_size[axis], (small.lengths[axis], large.lengths[axis])
        assert large.pixel_size[axis] * lengths[1] == pytest.approx(size * lengths[0])
        assert large.origin[axis] - large.pixel_size[axis] / 2 == pytest.approx(
            small.origin.get(axis, 0.0) - size / 2
        )


@pytest.mark.parametrize(
    ("name", "axes", "shape"),
    [("in.png", "YXS", (40, 33, 3)), ("in.tif", "YXS", (30, 20, 4)),
     ("in.ome.tif", "ZYX", (3, 9, 50)), ("in.ome.tif", "TZCYX", (2, 2, 2, 20, 30))],
)  # fmt: skip
def test_from_other_files(
    tmp_path: Path, model: LutModel, name: str, axes: str, shape: tuple[int, ...]
) -> None:
    source = write_image(tmp_path / name, ImageFile(picture(shape), axes))
    done(upscale_file_steps(source, tmp_path / "out.zarr", model))
    done(upscale_file_steps(source, tmp_path / "out.tif", model))
    found, expected = read_image(tmp_path / "out.zarr"), read_image(tmp_path / "out.tif")
    order = [axes.replace("S", "C").index(axis) for axis in found.axes]
    np.testing.assert_array_equal(found.data, expected.data.transpose(order))


def test_into_other_files(tmp_path: Path, source: Path, model: LutModel) -> None:
    done(upscale_file_steps(source, tmp_path / "out.ome.tif", model))
    found = read_image(tmp_path / "out.ome.tif")
    assert found.axes == "CYX" and found.pixel_size == {"Y": 0.25, "X": 0.125}


def test_noise_is_taken_out_as_in_memory(tmp_path: Path) -> None:
    rng, slope = np.random.default_rng(0), np.linspace(20, 400, 90)
    data = rng.poisson(np.broadcast_to(slope, (2, 80, 90))).astype(np.uint16)
    source = write_image(tmp_path / "in.zarr", ImageFile(data, "CYX", SIZES, "µm"))
    done(denoise_file_steps(source, tmp_path / "out.zarr"))
    found = read_image(tmp_path / "out.zarr")
    np.testing.assert_array_equal(found.data, denoise(data, channel_axis=0))
    assert found.pixel_size == SIZES


def test_floats_with_holes(tmp_path: Path, model: LutModel) -> None:
    data = picture((50, 60), "float32")
    data[3, 4] = np.nan
    source = write_image(tmp_path / "in.zarr", ImageFile(data, "YX"))
    with pytest.warns(UserWarning, match="NaN"):
        done(upscale_file_steps(source, tmp_path / "out.zarr", model, UpscaleOptions("data")))
    with pytest.warns(UserWarning, match="NaN"):
        expected = upscale(data, model, value_range="data")
    np.testing.assert_array_equal(read_image(tmp_path / "out.zarr").data, expected)


# --- stopped, killed, damaged ----------------------------------------------------------------


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
    done(steps)
    resumed = len(written)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["in.zarr", "out.zarr"]
    expected = np.stack([upscale(channel, model) for channel in read_image(source).data])
    np.testing.assert_array_equal(read_image(tmp_path / "out.zarr").data, expected)
    done(upscale_file_steps(source, tmp_path / "at once.zarr", model))
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
    done(steps)
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
    done(upscale_file_steps(source, out, file))
    resumed = len(written)
    expected = np.stack([upscale(channel, model) for channel in read_image(source).data])
    np.testing.assert_array_equal(read_image(out).data, expected)
    assert not temporary_folder(out).exists()
    done(upscale_file_steps(source, tmp_path / "at once.zarr", file))
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
        done(steps)
    assert caught.value.filename == str(out) and not out.exists()
    done(upscale_file_steps(source, out, model))
    expected = np.stack([upscale(channel, model) for channel in read_image(source).data])
    np.testing.assert_array_equal(read_image(out).data, expected)
    assert not temporary_folder(out).exists()


def test_two_at_once(tmp_path: Path, source: Path, model: LutModel) -> None:
    steps = upscale_file_steps(source, tmp_path / "out.zarr", model)
    next(steps)
    with pytest.raises(ImageFileError, match="another process"):
        done(upscale_file_steps(source, tmp_path / "out.zarr", model))
    done(steps)
    assert read_image(tmp_path / "out.zarr").data.shape == (2, 80, 140)


def test_bad_pixels_leave_nothing(tmp_path: Path, source: Path, model: LutModel) -> None:
    chunk = source / "0" / "c" / "1" / "1" / "2"
    chunk.write_bytes(chunk.read_bytes()[:-9])
    with pytest.raises(ImageFileError, match=r"in\.zarr"):
        done(upscale_file_steps(source, tmp_path / "out.zarr", model, UpscaleOptions((0, 9))))
    assert [each.name for each in tmp_path.iterdir()] == ["in.zarr"]


def test_a_full_disk_is_seen_before_any_work(
    tmp_path: Path, source: Path, model: LutModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    with pytest.raises(OSError, match="free on the disk"):
        done(upscale_file_steps(source, tmp_path / "out.zarr", model))
    assert [each.name for each in tmp_path.iterdir()] == ["in.zarr"]


# --- names -----------------------------------------------------------------------------------


def test_what_exists_is_replaced_only_on_request(
    tmp_path: Path, source: Path, model: LutModel
) -> None:
    out = write_image(tmp_path / "out.zarr", ImageFile(picture((5, 5)), "YX"))
    with pytest.raises(FileExistsError, match=r"out\.zarr"):
        done(upscale_file_steps(source, out, model))
    done(upscale_file_steps(source, out, model, options=OVERWRITE))
    assert read_image(out).data.shape == (2, 80, 140)
    with pytest.raises(ImageFileError, match=r"out\.zarr"):
        done(upscale_file_steps(out, out, model, options=OVERWRITE))
    assert sorted(each.name for each in tmp_path.iterdir()) == ["in.zarr", "out.zarr"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_what_is_replaced_keeps_its_rights(tmp_path: Path, source: Path, model: LutModel) -> None:
    out = write_image(tmp_path / "out.zarr", ImageFile(picture((5, 5)), "YX"))
    out.chmod(0o500)
    steps = upscale_file_steps(source, out, model, options=OVERWRITE)
    next(steps)
    assert stat.S_IMODE(temporary_folder(out).stat().st_mode) == 0o700, "nobody reads it meanwhile"
    done(steps)
    assert stat.S_IMODE(out.stat().st_mode) == 0o500
    assert not (out / "lock").exists() and not list(tmp_path.glob(".*"))
    out.chmod(0o700)


def test_a_folder_that_is_no_zarr_is_never_replaced(
    tmp_path: Path, source: Path, model: LutModel
) -> None:
    (tmp_path / "out.zarr").mkdir()
    (tmp_path / "out.zarr" / "thesis.txt").write_text("mine")
    with pytest.raises(ImageFileError, match="something else"):
        done(upscale_file_steps(source, tmp_path / "out.zarr", model, options=OVERWRITE))
    assert (tmp_path / "out.zarr" / "thesis.txt").read_text() == "mine"


def test_a_result_does_not_lie_in_its_source(tmp_path: Path, source: Path, model: LutModel) -> None:
    with pytest.raises(ImageFileError, match="lies in the Zarr"):
        done(upscale_file_steps(source, source / "out.zarr", model))
    inner = source / "inner"
    write_image(tmp_path / "a.zarr", read_image(source)).rename(inner)
    with pytest.raises(ImageFileError, match="has the source"):
        done(upscale_file_steps(inner, source, model, options=OVERWRITE))
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
        done(upscale_file_steps(inner, out, model, options=OVERWRITE))
