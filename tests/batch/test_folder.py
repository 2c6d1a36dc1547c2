"""All images of a folder: ``napari-autolut upscale FOLDER OUTFOLDER`` and the events behind it."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest

from napari_autolut import upscale
from napari_autolut.batch import folder as batch
from napari_autolut.batch.folder import find_files
from napari_autolut.cli import file_progress
from napari_autolut.io import ImageFile, read_image, write_image
from napari_autolut.training.images import image_files
from tests.batch.folders import files
from tests.commandline import fails, run, succeeds
from tests.pictures import picture


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


def test_results_that_somebody_removes_meanwhile_are_not_summed_up_as_there(
    tmp_path: Path, folder: Path, model_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    succeeds("upscale", folder, out, "-m", model_file)
    (out / "a.png").unlink()
    assert succeeds("upscale", folder, out, "-m", model_file).endswith("\n1 done, 1 skipped\n")
    say = file_progress.echo

    def say_and_remove(*lines: str) -> None:
        say(*lines)
        (out / "a.png").unlink(missing_ok=True)

    monkeypatch.setattr(file_progress, "echo", say_and_remove)
    said = succeeds("upscale", folder, out, "-m", model_file)
    assert said.endswith("\n0 done, 2 skipped; 1 result not there any more\n")


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
