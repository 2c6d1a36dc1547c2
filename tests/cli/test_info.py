"""napari-autolut info, and what upscaling and denoising write into their results."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
import tifffile
from scipy.ndimage import gaussian_filter
from skimage.data import astronaut

from napari_autolut import NoiseModel, load_model, upscale
from napari_autolut.io import Channel, ImageFile, read_history, read_image, write_image
from napari_autolut.isotropic import save_axial_tables
from napari_autolut.isotropic.table import cubic_table
from napari_autolut.isotropic.table_file import tables_digest
from napari_autolut.model import LutModel
from napari_autolut.storage import model_digest
from tests.arrays.noisy_cells import enlarged_by_half
from tests.commandline import fails, run, succeeds
from tests.pictures import picture

ROOT = Path(__file__).parents[2]


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """Two channels of 16 bits that say where they lie and what they are."""
    folder = tmp_path / "in"
    folder.mkdir()
    data = np.stack([3 * picture((20, 24)).astype(np.uint16), picture((20, 24))]) + np.uint16(100)
    return write_image(
        folder / "a.ome.tif",
        ImageFile(
            data, "CYX", {"X": 0.1, "Y": 0.2}, "\N{MICRO SIGN}m", "ome", origin={"X": 5.0},
            channels=(Channel("DAPI", "0000FF", None, 461.0), Channel("TL")),
        ),
    )  # fmt: skip


@pytest.mark.parametrize("name", ["out.ome.tif", "out.tif"])
def test_a_result_says_how_it_was_made(
    tmp_path: Path, image: Path, model_file: Path, model: LutModel, name: str
) -> None:
    out = tmp_path / name
    succeeds("upscale", image, out, "-m", model_file, "--value-range", "100,900")
    (step,) = read_history(out)
    assert (step.operation, step.model, step.scale) == ("upscale", model.name, model.scale)
    assert step.model_sha256 == model_digest(model)
    assert step.value_range == ((100, 900), (100, 900))
    assert step.source == "a.ome.tif"
    said = succeeds("info", out)
    for words in (model.name, model_digest(model), "range 100 to 900", "pixel size  X 0.05",
                  "channel 0   DAPI, colour 0000FF, emission 461 nm", "X 4.975",
                  "The image was enlarged 2 times with napari-autolut"):  # fmt: skip
        assert words in said, said


def test_steps_add_up(tmp_path: Path, image: Path, model_file: Path) -> None:
    first, second = tmp_path / "first.ome.tif", tmp_path / "second.ome.tif"
    assert run("denoise", image, first, "--noise", "2,10").exit_code == 0
    succeeds("upscale", first, second, "-m", model_file)
    denoised, upscaled = read_history(second)
    assert denoised.operation == "denoise"
    assert [(each.gain, each.offset_variance) for each in denoised.noise] == [(2, 10)]
    assert denoised.model.startswith("denoise-")
    tables, digests = denoised.model.split(", "), denoised.model_sha256.split(", ")
    assert [len(each) for each in digests] == [64] * len(tables)
    assert upscaled.source == "first.ome.tif"
    assert len(set(upscaled.value_range)) == 2, "each channel has its own"
    (found,) = json.loads(succeeds("info", second, "--json"))["images"]
    assert [step["operation"] for step in found["history"]] == ["denoise", "upscale"]
    assert found["shape"] == [2, 40, 48]


def test_what_is_written_tile_by_tile_says_it_too(
    tmp_path: Path, image: Path, model_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("napari_autolut.batch.files.upscaling.LARGE", 0)
    out = tmp_path / "out.ome.tif"
    succeeds("upscale", image, out, "-m", model_file)
    assert read_history(out)[0].operation == "upscale"
    with tifffile.TiffFile(out) as tif:
        assert tif.pages[0].is_tiled


def test_what_there_is_to_say_of_pixels_is_a_note(tmp_path: Path) -> None:
    tags = [(42113, 2, 0, "-9999", True)]  # GDAL's mark of no data
    data = np.where(np.eye(20) > 0, np.float32(-9999), picture((20, 20), "float32"))
    tifffile.imwrite(tmp_path / "a.tif", data, extratags=tags, metadata=None)
    assert "note        20 pixels without data" in succeeds("info", tmp_path / "a.tif")


def test_other_files_say_that_they_do_not_know(tmp_path: Path, image: Path) -> None:
    assert "not by napari-autolut" in succeeds("info", image)
    (tmp_path / "a.txt").write_text("no image")
    assert "found the suffix .txt" in fails("info", tmp_path / "a.txt")
    assert "no such file" in fails("info", tmp_path / "missing.tif")


def test_a_result_of_other_settings_is_not_there_already(
    tmp_path: Path, image: Path, model_file: Path
) -> None:
    out = tmp_path / "out"
    succeeds("upscale", image.parent, out, "-m", model_file)
    assert "skipped, exists already" in succeeds("upscale", image.parent, out, "-m", model_file)
    before = (out / image.name).read_bytes()
    for options in (["-m", "natural-x2-light"], ["-m", model_file, "--value-range", "0,9"]):
        result = run("upscale", image.parent, out, *options)
        assert result.exit_code == 1
        assert f"{out / image.name}: exists already, but was made otherwise" in result.stdout
    result = run("denoise", image.parent, out, "--noise", "2,10")
    assert "was made otherwise (upscale with" in result.stdout
    assert (out / image.name).read_bytes() == before
    succeeds("upscale", image.parent, out, "-m", "natural-x2-light", "--overwrite")
    assert read_history(out / image.name)[0].model == "natural-x2-light"


@pytest.mark.parametrize(
    ("command", "first", "second"),
    [
        (("upscale", "-m", "natural-x2-light"), ("--value-range", "0,1000000"), "0,1000001"),
        (("denoise",), ("--noise", "2.5,1234567"), "2.5,1234568"),
    ],
)
def test_numbers_that_differ_in_their_last_digit_are_other_settings(
    tmp_path: Path, image: Path, command: tuple[str, ...], first: tuple[str, str], second: str
) -> None:
    (name, *options), out = command, tmp_path / "out"
    succeeds(name, image.parent, out, *options, *first)
    assert "skipped, exists already" in succeeds(name, image.parent, out, *options, *first)
    result = run(name, image.parent, out, *options, first[0], second)
    assert "was made otherwise" in result.stdout and first[1] in result.stdout


def test_what_is_not_kept_is_said(tmp_path: Path, model_file: Path) -> None:
    source = tmp_path / "a.tif"
    calibration = {"cf": 0, "c0": 1.0, "c1": 2.0, "vunit": "OD"}
    tifffile.imwrite(
        source, picture((8, 9)), imagej=True,
        metadata={"Overlays": [b"Iout"], **calibration, "Info": "a day", "Labels": ["slice 1"]},
    )  # fmt: skip
    assert "besides     ImageJ's overlay, which no result has" in succeeds("info", source)
    said = succeeds("upscale", source, tmp_path / "b.tif", "-m", model_file)
    assert said.rstrip().endswith("; not kept: ImageJ's overlay")
    said = succeeds("upscale", source, tmp_path / "b.png", "-m", model_file)
    assert said.rstrip().endswith(
        "ImageJ's overlay, ImageJ's calibration of grey values, ImageJ's labels of slices, "
        "ImageJ's info"
    )
    tifffile.imwrite(source, picture((8, 9)), resolution=(1e5, 1e5), resolutionunit="CENTIMETER")
    said = succeeds("upscale", source, tmp_path / "c.png", "-m", model_file)
    assert "not kept" not in said
    said = succeeds("upscale", source, tmp_path / "c.jpg", "-m", model_file)
    assert said.rstrip().endswith("; not kept: the pixel size")


@pytest.mark.parametrize("arguments", [["natural-x2"], [ROOT / "luts" / "natural-x2.safetensors"]])
def test_a_model_is_found_by_name_and_by_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[Path]
) -> None:
    said = succeeds("info", *arguments)
    assert said.startswith("natural-x2: Photographs")
    assert model_digest(load_model("natural-x2")) in said
    assert "--json is for images" in fails("info", "--json", *arguments)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "natural-x2").write_bytes(b"a file of that name")
    assert "natural-x2: found" in fails("info", "natural-x2")


def test_neither_a_file_nor_a_model() -> None:
    assert "natural-x22: no such file, and no model named" in fails("info", "natural-x22")
    assert fails("info", "a.tif").endswith("a.tif: no such file")


@pytest.mark.parametrize("seed", [1, 10])
def test_what_was_done_can_be_done_again(tmp_path: Path, seed: int) -> None:
    """Noise that is recorded after it was raised for the dark would be raised once more."""
    rng = np.random.default_rng(seed)
    light = gaussian_filter(rng.random((64, 72)), 2)
    light = (light - light.min()) / np.ptp(light)
    frame = rng.poisson(light * 200 + 20).astype(np.float32) / 7
    source = write_image(tmp_path / "in.tif", ImageFile(frame, "YX"))
    succeeds("upscale", source, tmp_path / "out.tif", "-m", "micro-x2-light")
    (image,) = json.loads(succeeds("info", "--json", tmp_path / "out.tif"))["images"]
    (step,) = image["history"]
    noise = [NoiseModel(**model) for model in step["noise"]]
    again = upscale(frame, step["model"], value_range=step["value_range"][0], noise=noise)
    np.testing.assert_array_equal(again, read_image(tmp_path / "out.tif").data)
    said = succeeds("info", tmp_path / "out.tif")
    low, high = step["value_range"][0]
    assert f"range {low!r} to {high!r}, " in said and str(step["noise"][0]["gain"]) in said


def test_methods_say_where_no_noise_was_found(tmp_path: Path) -> None:
    ramp = np.tile(np.arange(40, dtype=np.uint8) * 5, (40, 1))
    source = write_image(tmp_path / "in.tif", ImageFile(ramp, "YX"))
    succeeds("upscale", source, tmp_path / "out.tif", "-m", "micro-x2-light")
    said = succeeds("info", tmp_path / "out.tif")
    assert "; no noise found). " in said


def test_a_table_for_slices_has_lines_of_its_own(tmp_path: Path) -> None:
    tables = [cubic_table(3)]
    path = save_axial_tables(tables, tmp_path / "t.safetensors")
    said = succeeds("info", path)
    assert "channel 0   cubic interpolation" in said and tables_digest(tables) in said
    (tmp_path / "bad.safetensors").write_bytes(b"\0" * 99)
    assert "bad.safetensors" in fails("info", tmp_path / "bad.safetensors")


MICRO = ["--model", "micro-x2-light"]


@pytest.mark.filterwarnings("ignore:.*looks as if")
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("noisy", MICRO),
        ("filtered", MICRO),
        ("noisy", ["--scale", "2.5"]),
        ("noisy", []),
        ("colours", ["--colour", "luma"]),
        ("colours", ["--colour", "auto"]),
    ],
)
def test_the_lines_of_the_page_give_the_same_pixels(
    tmp_path: Path, kind: str, options: list[str]
) -> None:
    noisy = np.random.default_rng(0).poisson(picture((48, 52))).astype(np.uint16)
    if kind == "filtered":
        noisy, _ = enlarged_by_half(photons=50)
    if kind == "colours":
        noisy = astronaut()[60:84, 180:210]
    tifffile.imwrite(tmp_path / "a.tif", noisy)
    succeeds("upscale", tmp_path / "a.tif", tmp_path / "b.ome.tif", *options)
    page = (ROOT / "docs/howto/provenance.md").read_text("utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    made = json.loads(succeeds("info", tmp_path / "b.ome.tif", "--json"))
    history = made["images"][0]["history"]
    assert (kind == "filtered") == any(each["softness"] > 0 for each in history[0].get("noise", ()))
    names = {"history": history, "image": noisy}
    exec(code, {"NoiseModel": NoiseModel, "upscale": upscale}, names)
    np.testing.assert_array_equal(names["again"], tifffile.imread(tmp_path / "b.ome.tif"))
