"""One file after another: events, reasons, what is there already, and the end of a run."""

from __future__ import annotations

import errno
import os
from collections.abc import Generator
from pathlib import Path

import pytest

from napari_autolut.arrays import finish
from napari_autolut.batch.files.options import UpscaleOptions
from napari_autolut.batch.files.provenance import upscale_request
from napari_autolut.batch.files.upscaling import UpscaledFile, upscale_file_steps
from napari_autolut.batch.folder import Progress, find_files, run_batch
from napari_autolut.batch.outcomes import Done, Failed, FileItem, Skipped, Started
from napari_autolut.io import ImageFile, read_image, write_image
from napari_autolut.model import LutModel
from tests.batch.folders import files
from tests.commandline import run, succeeds
from tests.pictures import picture


def add_bad_ones(folder: Path) -> None:
    (folder / "0.png").write_bytes(b"no PNG")
    write_image(folder / "m.tif", ImageFile(picture((9, 8)), "YX"))
    whole = (folder / "m.tif").read_bytes()
    (folder / "m.tif").write_bytes(whole[: len(whole) - 20])


def test_it_goes_on_past_bad_files(tmp_path: Path, folder: Path, model_file: Path) -> None:
    add_bad_ones(folder)
    out = tmp_path / "out"
    result = run("upscale", folder, out, "-m", model_file)
    assert (result.exit_code, result.stderr) == (1, "")
    *lines, counts, first, second = result.stdout.splitlines()
    assert [line.endswith(": failed") for line in lines] == [True, False, True, False]
    assert counts == "2 done, 2 failed"
    assert first.startswith(f"  {folder / '0.png'}: cannot be read")
    assert second.startswith(f"  {folder / 'm.tif'}: ")
    assert files(out) == ["a.png", str(Path("day 2/b.ome.tif"))]


def test_nothing_is_overwritten_unless_asked(
    tmp_path: Path, folder: Path, model_file: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "a.png").write_bytes(b"mine")
    said = succeeds("upscale", folder, out, "-m", model_file)
    assert f"{out / 'a.png'}: skipped, exists already\n" in said
    assert said.endswith("\n1 done, 1 skipped\n")
    assert (out / "a.png").read_bytes() == b"mine"
    assert succeeds("upscale", folder, out, "-m", model_file, "--overwrite").endswith("2 done\n")
    assert read_image(out / "a.png").data.shape == (10, 12)


def test_an_image_that_was_changed_after_its_result_is_named(folder: Path, tmp_path: Path) -> None:
    """Nothing is replaced unless asked, but a result of an older image is not taken for its own."""
    out = tmp_path / "out"
    succeeds("upscale", folder, out, "-m", "natural-x2-light")
    rounded = (out / "day 2" / "b.ome.tif").stat().st_mtime + 1.5  # by a stick
    os.utime(folder / "day 2" / "b.ome.tif", (rounded, rounded))
    later = (out / "a.png").stat().st_mtime + 5
    os.utime(folder / "a.png", (later, later))
    said = succeeds("upscale", folder, out, "-m", "natural-x2-light")
    assert f"{out / 'a.png'}: skipped, exists already, older than its source\n" in said
    assert said.count("older than its source") == 1


def test_events(tmp_path: Path, folder: Path, model: LutModel) -> None:
    add_bad_ones(folder)
    out = tmp_path / "out"
    (out / "day 2").mkdir(parents=True)
    (out / "day 2" / "b.ome.tif").touch()
    items = find_files(folder, out)
    events = list(run_batch(items, lambda a, b: upscale_file_steps(a, b, model)))
    kinds = [type(event) for event in events]
    assert kinds == [Started, Failed, Started, Progress, Done, Started, Failed, Started, Skipped]
    assert [e.number for e in events if isinstance(e, Started)] == [1, 2, 3, 4]
    (done,) = (e for e in events if isinstance(e, Done))
    assert done.result == UpscaledFile(
        out / "a.png", {"Y": 5, "X": 6}, {"Y": 10, "X": 12}, "small-x2"
    )


def test_what_another_run_wrote_meanwhile_has_not_failed(
    tmp_path: Path, folder: Path, model: LutModel
) -> None:
    """Two runs of the same folder: the slower one finds the result of the quicker one."""

    def work(source: Path, out: Path) -> Generator[Progress, None, UpscaledFile]:
        finish(upscale_file_steps(source, out, model))
        return (yield from upscale_file_steps(source, out, model))

    for request in (upscale_request(model), upscale_request(model, UpscaleOptions((0, 9)))):
        items = find_files(folder, tmp_path / f"out {request.settings['value_range']}")
        outcomes = [
            e for e in run_batch(items, work, request=request) if not isinstance(e, Started)
        ]
        kinds = Skipped if request.settings["value_range"] == "auto" else Failed
        assert [type(outcome) for outcome in outcomes] == [kinds, kinds]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device"),
        (MemoryError("Unable to allocate 9 GiB"), "not enough memory (Unable to allocate 9 GiB)"),
    ],
)
def test_a_reason_names_its_file(tmp_path: Path, error: Exception, words: str) -> None:
    def work(source: Path, out: Path):
        raise error
        yield

    item = FileItem(tmp_path / "in.png", tmp_path / "out.png")
    _, failed = run_batch([item], work)
    assert isinstance(failed, Failed) and failed.reason == f"{item.source}: {words}"


def test_faults_of_the_program_are_no_failed_files(tmp_path: Path) -> None:
    def work(source: Path, out: Path):
        raise ZeroDivisionError
        yield

    with pytest.raises(ZeroDivisionError):
        list(run_batch([FileItem(tmp_path / "in.png", tmp_path / "out.png")], work))


def test_stopping_leaves_nothing_half_written(
    tmp_path: Path, folder: Path, model_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from napari_autolut.batch.files import upscaling

    write, count = upscaling.encode_images, iter(range(2))

    def interrupted(path: Path, image: ImageFile) -> None:
        if next(count):
            raise KeyboardInterrupt
        write(path, image)

    monkeypatch.setattr(upscaling, "encode_images", interrupted)
    out = tmp_path / "out"
    result = run("upscale", folder, out, "-m", model_file)
    assert result.exit_code == 130
    assert result.stderr == ("napari-autolut: stopped by Ctrl-C after 1 of 2 files: 1 done\n")
    assert files(out) == ["a.png"]


def test_closing_stops_at_the_file_it_is_at(tmp_path: Path, folder: Path, model: LutModel) -> None:
    out = tmp_path / "out"
    events = run_batch(find_files(folder, out), lambda a, b: upscale_file_steps(a, b, model))
    for event in events:
        if isinstance(event, Progress):
            break
    events.close()
    assert files(out) == []
