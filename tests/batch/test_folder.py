"""All images of a folder: ``napari-autolut upscale FOLDER OUTFOLDER`` and the events behind it."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from napari_autolut import upscale
from napari_autolut.arrays import finish
from napari_autolut.batch import folder as batch
from napari_autolut.batch.files.options import UpscaleOptions
from napari_autolut.batch.files.provenance import upscale_request
from napari_autolut.batch.files.upscaling import UpscaledFile, upscale_file_steps
from napari_autolut.batch.folder import Progress, find_files, run_batch
from napari_autolut.batch.outcomes import Done, Failed, FileItem, Skipped, Started
from napari_autolut.io import ImageFile, read_image, write_image
from napari_autolut.model import LutModel
from napari_autolut.training.images import image_files
from tests.commandline import fails, run, succeeds
from tests.pictures import picture


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two good images, one of them in a sub-folder, and what is no image."""
    top = tmp_path / "in"
    (top / "day 2").mkdir(parents=True)
    write_image(top / "a.png", ImageFile(picture((5, 6)), "YX"))
    stack = ImageFile(picture((2, 5, 4), "uint16"), "ZYX", {"Y": 0.5, "X": 0.5}, "µm")
    write_image(top / "day 2" / "b.ome.tif", stack)
    (top / "notes.txt").write_text("no image")
    (top / "._a.png").write_bytes(b"what file managers leave behind")
    return top


def add_bad_ones(folder: Path) -> None:
    (folder / "0.png").write_bytes(b"no PNG")
    write_image(folder / "m.tif", ImageFile(picture((9, 8)), "YX"))
    whole = (folder / "m.tif").read_bytes()
    (folder / "m.tif").write_bytes(whole[: len(whole) - 20])


def files(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_a_folder_with_its_sub_folders(tmp_path: Path, folder: Path, model_file: Path) -> None:
    out = tmp_path / "made" / "out"
    said = succeeds("upscale", folder, out, "-m", model_file).splitlines()
    assert files(out) == ["a.png", str(Path("day 2/b.ome.tif"))]
    assert said == [
        f"{out / 'a.png'}: 6 x 5 to 12 x 10 with small-x2",
        f"{out / 'day 2' / 'b.ome.tif'}: 4 x 5, Z 2 to 8 x 10, Z 2 with small-x2",
        "2 done",
    ]
    made = read_image(out / "day 2" / "b.ome.tif")
    assert made.pixel_size == pytest.approx({"Y": 0.25, "X": 0.25}) and made.unit == "µm"
    source = read_image(folder / "a.png").data
    assert (read_image(out / "a.png").data == upscale(source, str(model_file))).all()


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


@pytest.mark.skipif(sys.platform == "win32", reason="the source's path may be too long there")
def test_a_name_too_long_for_its_result_stops_no_other_file(
    tmp_path: Path, folder: Path, model_file: Path
) -> None:
    write_image(folder / f"{'0' * 250}.tif", ImageFile(picture((3, 3)), "YX"))
    out = tmp_path / "out"
    result = run("upscale", folder, out, "-m", model_file, "--suffix", ".ome.tif")
    assert result.exit_code == 1
    assert "\n2 done, 1 failed\n" in result.stdout
    assert f"0.ome.tif: {os.strerror(errno.ENAMETOOLONG)}\n" in result.stdout
    assert files(out) == ["a.ome.tif", str(Path("day 2/b.ome.tif"))]


def test_results_inside_the_folder_are_not_sources(folder: Path, model_file: Path) -> None:
    out = folder / "large"
    for _ in range(2):
        succeeds("upscale", folder, out, "-m", model_file, "--overwrite")
    assert files(out) == ["a.png", str(Path("day 2/b.ome.tif"))]


def test_suffixes(tmp_path: Path) -> None:
    top, out = tmp_path / "in", tmp_path / "out"
    top.mkdir()
    for name in ("a.JPG", "b.ome.TIF", "c.tiff", "d.webp", "e.bmp", "f.LSM", "g.ome.btf"):
        (top / name).touch()

    def names(suffix: str | None) -> list[str]:
        return [item.out.name for item in find_files(top, out, suffix=suffix)]

    of_microscopes = ["f.ome.tif", "g.ome.tif"]
    assert names(None) == ["a.JPG", "b.ome.TIF", "c.tiff", "d.png", "e.png", *of_microscopes]
    assert names(".tif") == [f"{name}.tif" for name in "abcdefg"]
    assert names(".ome.tif")[1:3] == ["b.ome.tif", "c.ome.tif"]


def test_two_files_with_one_result(folder: Path, tmp_path: Path, model_file: Path) -> None:
    write_image(folder / "a.tif", ImageFile(picture((3, 3)), "YX"))
    out = tmp_path / "out"
    options = ["-m", model_file, "--suffix", ".tif", "--overwrite"]
    result = run("upscale", folder, out, *options)
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == (
        f"  {folder / 'a.tif'}: its result {out / 'a.tif'} is that of {folder / 'a.png'} already; "
        "rename one"
    )
    assert read_image(out / "a.tif").data.shape == (10, 12)


def test_what_is_wrong_with_all_of_it_is_said_at_once(
    tmp_path: Path, folder: Path, model_file: Path
) -> None:
    empty, taken = tmp_path / "empty", tmp_path / "taken"
    empty.mkdir()
    taken.touch()
    zarr = tmp_path / "a.zarr"
    zarr.mkdir()
    (zarr / ".zgroup").touch()
    out, model = tmp_path / "out", ["-m", model_file]
    cases: list[tuple[list[object], str]] = [
        ([empty, out, *model], "found no images, expected files of PNG, JPEG, WebP,"),
        ([folder, taken, *model], "expected a folder for the results"),
        ([folder, folder, *model], "found the folder of the images"),
        ([folder, zarr / "results", *model], "lies in the Zarr"),
        ([folder / "a.png", zarr / "a.tif", *model], "lies in the Zarr"),
        ([folder, out, *model, "--suffix", ".gif"], "suffix: found '.gif', expected .png, .jpg"),
        ([folder, out, "-m", "nonesuch"], "no model named 'nonesuch'"),
        ([folder, out, *model, "--value-range", "5,1"], "lower limit below the upper"),
        ([tmp_path / "nowhere", out, *model], "no such file or folder"),
        ([folder / "a.png", tmp_path / "a.png", *model, "--suffix", ".png"], "for folders"),
    ]
    for args, words in cases:
        assert words in fails("upscale", *args)
        assert not out.exists()
    assert [each.name for each in zarr.iterdir()] == [".zgroup"]


def test_a_folder_that_cannot_be_listed(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scandir = os.scandir

    def refusing(path: str | Path):
        if Path(path).name == locked:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return scandir(path)

    monkeypatch.setattr("os.scandir", refusing)
    locked = "day 2"
    good, bad = find_files(folder, tmp_path / "out")
    assert (good.source, good.problem) == (folder / "a.png", "")
    assert bad.problem == f"{folder / locked}: {os.strerror(errno.EACCES)}"
    locked = folder.name
    with pytest.raises(PermissionError):
        find_files(folder, tmp_path / "out")


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


def test_waste_bins_of_disks_are_no_folders_of_images(tmp_path: Path, folder: Path) -> None:
    (folder / "$RECYCLE.BIN").mkdir()
    write_image(folder / "$RECYCLE.BIN" / "thrown away.png", ImageFile(picture((3, 3)), "YX"))
    found = [item.source.name for item in find_files(folder, tmp_path / "out")]
    assert found == ["a.png", "b.ome.tif"]


@pytest.mark.parametrize("name", ["a b.oif", "A.OIF"])
def test_the_planes_of_an_oif_are_no_images_of_their_own(
    tmp_path: Path, folder: Path, name: str
) -> None:
    """Without their OIF they are all there is."""
    planes = folder / f"{name}.files"
    planes.mkdir()
    write_image(planes / "s_C001.tif", ImageFile(picture((3, 3)), "YX"))
    for listed in (find_files(folder, tmp_path / "out"), find_files(planes, tmp_path / "out")):
        assert "s_C001.tif" in [item.source.name for item in listed]
    (folder / name).write_text("[ProfileSaveInfo]")
    found = {item.source.name for item in find_files(folder, tmp_path / "out")}
    assert found == {"a.png", "b.ome.tif", name}
    assert {path.name for path in image_files(folder)} == found


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


def test_names_are_compared_as_the_disk_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    top, out = tmp_path / "in", tmp_path / "out"
    top.mkdir()
    for name in ("Cell.png", "cell.jpg", "Zelle a\u0308.png", "Zelle \u00e4.jpg"):
        (top / name).touch()

    def problems() -> int:
        return sum(bool(item.problem) for item in find_files(top, out, suffix=".tif"))

    monkeypatch.setattr(batch, "tells_case", lambda _: True)
    assert problems() == 0
    monkeypatch.setattr(batch, "tells_case", lambda _: False)
    assert problems() == 2


def test_a_folder_that_takes_no_results_is_refused_before_any_work(
    tmp_path: Path, folder: Path, model_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, out = os.open, tmp_path / "read-only" / "out"

    def denied(path: object, flags: int, *mode: int, **options: object) -> int:
        if flags & os.O_CREAT and str(tmp_path) in str(path):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, flags, *mode, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", denied)
    words = "Permission denied, so that nothing can be written there; choose another folder"
    assert f": {out}: {words}" in fails("upscale", folder, out, "-m", model_file)
    one = tmp_path / "one.png"
    assert f": {one}: {words}" in fails("upscale", folder / "a.png", one, "-m", model_file)
