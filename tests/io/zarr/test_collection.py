"""Several images in one Zarr folder: of a file, and the fields of a plate."""

from __future__ import annotations

import shutil
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import yaozarrs
import zarr

from napari_autolut import upscale
from napari_autolut.arrays import finish
from napari_autolut.batch import (
    FileOptions,
    denoise_file_steps,
    upscale_file_steps,
)
from napari_autolut.batch.files import zarr_results
from napari_autolut.batch.files.options import UpscaleOptions
from napari_autolut.io import (
    Channel,
    ImageFile,
    ImageFileError,
    list_series,
    read_image,
    write_image,
)
from napari_autolut.io.zarr.pixels import ZarrPixels
from napari_autolut.io.zarr.unfinished import temporary_folder
from napari_autolut.io.zarr.writing import write_zarr
from napari_autolut.layers.reader import file_layers
from tests.commandline import fails, run
from tests.conftest import small_model
from tests.pictures import picture

MODEL = small_model("small-x2", 2)
FIELDS = ["A/1/0", "A/1/1", "B/2/0"]


def image(seed: int, shape: tuple[int, ...] = (2, 20, 24), axes: str = "CYX") -> ImageFile:
    return ImageFile(picture(shape, "uint16", seed, 3000), axes, {"Y": 0.5, "X": 0.5}, "µm")


def grouped(path: Path, version: str, said: dict) -> None:
    new = version == "0.5"
    group = zarr.open_group(path, mode="a", zarr_format=3 if new else 2)
    group.attrs.update({"ome": {"version": version, **said}} if new else said)


def plate(path: Path, version: str) -> Path:
    """Three fields in two wells."""
    wells = [{"path": "A/1", "rowIndex": 0, "columnIndex": 0},
             {"path": "B/2", "rowIndex": 1, "columnIndex": 1}]  # fmt: skip
    rows, columns = [{"name": "A"}, {"name": "B"}], [{"name": "1"}, {"name": "2"}]
    own = {} if version == "0.5" else {"version": version}
    about = {"plate": {"rows": rows, "columns": columns, "wells": wells, "name": "p", **own}}
    for name, said in {"": about, "A": {}, "B": {}}.items():
        grouped(path / name, version, said)
    for name, fields in {"A/1": ["0", "1"], "B/2": ["0"]}.items():
        images = [{"path": field} for field in fields]
        grouped(path / name, version, {"well": {"images": images, **own}})
    for number, name in enumerate(FIELDS):
        write_zarr(path / name, image(number), version=version)
    return path


def done(steps) -> None:
    for _ in steps:
        pass


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_images_come_back_and_the_folder_is_valid(tmp_path: Path, version: str) -> None:
    images = [image(0), image(1, (30, 16), "YX"), image(2, (12, 14, 3), "YXS")]
    write_zarr(tmp_path / "a.zarr", images, version=version)
    found = list_series(tmp_path / "a.zarr")
    assert [str(each) for each in found] == [
        "0 (0, 24 x 20, C 2)", "1 (1, 16 x 30)", "2 (2, 14 x 12, C 3)",
    ]  # fmt: skip
    for number, each in enumerate(images[:2]):
        back = read_image(tmp_path / "a.zarr", series=number)
        assert (back.data == each.data).all() and back.pixel_size == each.pixel_size
    yaozarrs.validate_zarr_store(tmp_path / "a.zarr")
    with pytest.raises(ImageFileError, match="found no series 3, expected one of 0"):
        read_image(tmp_path / "a.zarr", series=3)
    assert [data.shape[-2:] for data, *_ in file_layers(tmp_path / "a.zarr")][:2] == [
        (20, 24), (30, 16),
    ]  # fmt: skip


def test_all_images_of_a_file_go_into_one_folder(tmp_path: Path) -> None:
    images = [image(0), image(1, (2, 30, 16))]
    source = write_image(tmp_path / "a.ome.tif", images)
    out = tmp_path / "a.zarr"
    done(upscale_file_steps(source, out, MODEL, UpscaleOptions((0, 3000))))
    for number, each in enumerate(images):
        found = read_image(out, series=number)
        expected = upscale(each.data, MODEL, value_range=(0, 3000))
        assert (found.data == expected).all()
        assert found.pixel_size == {"Y": 0.25, "X": 0.25} and found.history
    yaozarrs.validate_zarr_store(out)
    done(denoise_file_steps(source, tmp_path / "b.zarr"))
    assert len(list_series(tmp_path / "b.zarr")) == 2


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_a_plate_stays_a_plate(tmp_path: Path, version: str) -> None:
    source, out = plate(tmp_path / "p.zarr", version), tmp_path / "large.zarr"
    assert [each.name for each in list_series(source)] == FIELDS
    done(upscale_file_steps(source, out, MODEL, UpscaleOptions((0, 3000))))
    assert [each.name for each in list_series(out)] == FIELDS
    for number, name in enumerate(FIELDS):
        expected = upscale(image(number).data, MODEL, value_range=(0, 3000))
        assert (read_image(out / name).data == expected).all()
        assert (read_image(out, series=number).data == expected).all()
    said = yaozarrs.validate_zarr_store(out)
    assert said.ome_metadata().plate.name == "p"
    assert len(list_series(out / "A" / "1")) == 2


def test_finished_images_are_not_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, out = plate(tmp_path / "p.zarr", "0.5"), tmp_path / "large.zarr"
    begun, steps_of = [], zarr_results.image_steps

    def counted(place: Path, *rest):
        begun.append(place.name)
        return steps_of(place, *rest)

    monkeypatch.setattr(zarr_results, "image_steps", counted)
    steps = upscale_file_steps(source, out, MODEL, UpscaleOptions((0, 3000)))
    progress = []
    while len(begun) < 2:
        progress.append(next(steps))
    steps.close()
    assert all(one <= other for one, other in pairwise(progress))
    assert not out.exists() and temporary_folder(out).is_dir()
    done(upscale_file_steps(source, out, MODEL, UpscaleOptions((0, 3000))))
    assert begun == ["0", "1", "1", "0"]
    assert not temporary_folder(out).exists()
    fresh = upscale(image(1).data, MODEL, value_range=(0, 3000))
    assert (read_image(out, series=1).data == fresh).all()
    with pytest.raises(FileExistsError):
        done(upscale_file_steps(source, out, MODEL))
    done(upscale_file_steps(source, out, MODEL, options=FileOptions(overwrite=True)))
    assert np.isfinite(read_image(out).data).all()


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_images_keep_their_names(tmp_path: Path, version: str) -> None:
    names = ["Position A1", "Position B7 \N{MICRO SIGN}"]
    images = [replace(image(number), name=name) for number, name in enumerate(names)]
    for path in (tmp_path / "a.tif", tmp_path / "a.ome.zarr"):
        write_image(path, images)
    again = write_image(
        tmp_path / "again.tif",
        [read_image(tmp_path / "a.ome.zarr", series=number) for number in range(2)],
    )
    for path in (tmp_path / "a.tif", again):
        assert [each.name for each in list_series(path)] == names
    steps = upscale_file_steps(
        tmp_path / "a.tif", tmp_path / "b.zarr", MODEL, options=FileOptions(zarr_version=version)
    )
    list(steps)
    found = [dict(zarr.open_group(tmp_path / "b.zarr" / each, mode="r").attrs) for each in "01"]
    assert [each.get("ome", each)["multiscales"][0]["name"] for each in found] == names


@pytest.mark.parametrize("version", ["0.4", "0.5"])
@pytest.mark.parametrize(("lost", "left"), [("B/2", FIELDS[:2]), ("A/1/1", ["A/1/0", "B/2/0"])])
def test_the_other_fields_of_a_plate_are_done(
    tmp_path: Path, version: str, lost: str, left: list[str]
) -> None:
    path, out = plate(tmp_path / "a.zarr", version), tmp_path / "b.zarr"
    shutil.rmtree(path / lost)
    steps = upscale_file_steps(path, out, MODEL, options=FileOptions(zarr_version=version))
    assert f"left out, not there or damaged: {lost}" in finish(steps).note
    assert [each.name for each in list_series(out)] == left
    assert not any("left out" in each for each in read_image(out).remarks)
    yaozarrs.validate_zarr_store(out)
    with pytest.warns(UserWarning, match=f"left out, not there or damaged: {lost}"):
        assert len(file_layers(path)) == 2


@pytest.mark.parametrize(("number", "suffix"), [(0, ".zarr"), (2, ".ome.tif")])
def test_a_field_whose_pixels_are_damaged(tmp_path: Path, number: int, suffix: str) -> None:
    """The other fields are done, also where the first one is damaged, and the shell says so."""
    (tmp_path / "in").mkdir()
    path, lost = plate(tmp_path / "in" / "p.zarr", "0.4"), FIELDS[number]
    files = (each for each in (path / lost / "0").rglob("[0-9]*") if each.is_file())
    next(files).write_bytes(b"damaged")
    asked = ("upscale", "--model", "auto")
    alone = run(*asked, path, tmp_path / f"out{suffix}")
    assert (alone.exit_code, alone.stderr) == (1, "")
    assert f"; 2 series; left out, damaged: {lost} (" in alone.stdout
    left = [name for name in FIELDS if name != lost]
    found = list_series(tmp_path / f"out{suffix}")
    assert len(found) == 2 and (suffix != ".zarr" or [each.name for each in found] == left)
    folder = run(
        *asked, tmp_path / "in", tmp_path / "out", "--suffix", suffix, "--range-from", "all"
    )
    assert folder.exit_code == 1
    assert f"1 done\n  {path}: left out, damaged: {lost} (" in folder.stdout
    assert run("denoise", "--noise", "1,1", path, tmp_path / f"denoised{suffix}").exit_code == 1
    for each in (path / name / "0" for name in left):
        shutil.rmtree(each)
    assert fails(*asked, path, tmp_path / f"none{suffix}")


def test_a_well_whose_description_is_lost(tmp_path: Path) -> None:
    path = plate(tmp_path / "a.zarr", "0.4")
    (path / "A" / "1" / ".zattrs").unlink()
    finish(upscale_file_steps(path, tmp_path / "b.zarr", MODEL))
    assert [each.name for each in list_series(tmp_path / "b.zarr")] == FIELDS


@pytest.mark.parametrize("version", ["0.4", "0.5"])
@pytest.mark.parametrize("of_plate", [False, True])
def test_damage_that_is_found_while_working(tmp_path: Path, version: str, of_plate: bool) -> None:
    """What a sample does not see turns out when it is computed; all else is done and described."""
    path, out = tmp_path / "a.zarr", tmp_path / "b.zarr"
    channel = Channel("GFP", "00ff00", emission=509.0)
    stacks = [replace(image(n, (60, 16, 18), "ZYX"), channels=(channel,)) for n in range(3)]
    if of_plate:
        plate(path, version)
        for name, stack in zip(FIELDS, stacks, strict=True):
            write_zarr(path / name, stack, version=version, overwrite=True)
    else:
        write_zarr(path, stacks, version=version)
    names = FIELDS if of_plate else ["0", "1", "2"]
    plane = path / names[2] / "0" / ("c/2/0/0" if version == "0.5" else "2/0/0")
    plane.write_bytes(b"damaged")
    how, options = UpscaleOptions((0, 3000)), FileOptions(zarr_version=version)
    said = finish(upscale_file_steps(path, out, MODEL, how, options=options))
    assert f"left out, damaged: {names[2]} (" in said.lost
    assert [each.name for each in list_series(out)] == names[:2]
    for number in range(2):
        found = read_image(out, series=number)
        assert (found.data == upscale(stacks[number].data, MODEL, value_range=(0, 3000))).all()
        assert found.channels[0].name == "GFP" and not found.not_kept
        assert found.channels[0].emission == (None if of_plate else 509)  # which is in OME-XML
    assert not (out / names[2]).exists() and not (out / "B").exists()
    assert not temporary_folder(out).exists()
    yaozarrs.validate_zarr_store(out)


def test_pixels_are_decoded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No field is decoded only to find out whether it is damaged."""
    decoded, get = [], ZarrPixels.__getitem__

    def counted(self, index):
        values = get(self, index)
        decoded.append(values.size)
        return values

    source = plate(tmp_path / "p.zarr", "0.5")
    monkeypatch.setattr(ZarrPixels, "__getitem__", counted)
    done(upscale_file_steps(source, tmp_path / "out.ome.tif", MODEL))
    assert sum(decoded) == len(FIELDS) * image(0).data.size
