"""``napari-autolut upscale``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from skimage import data
from skimage.io import imread

from napari_autolut import upscale
from napari_autolut.engine import ENGINES
from napari_autolut.io import ImageFile, read_image, write_image
from napari_autolut.storage import load_model_file, save_model
from tests.commandline import fails, run, succeeds
from tests.conftest import small_model
from tests.pictures import photograph
from tests.pictures import picture as noise


def test_a_colour_picture(tmp_path: Path, picture: Path, model_file: Path) -> None:
    out = tmp_path / "out.png"
    said = succeeds("upscale", picture, out, "--model", model_file)
    assert said == f"{out}: 12 x 9 to 24 x 18 with small-x2\n"
    assert (imread(out) == upscale(imread(picture), load_model_file(model_file))).all()


def test_a_model_by_name_and_the_default(picture: Path, models_folder: Path) -> None:
    first, second = picture.with_name("1.png"), picture.with_name("2.png")
    succeeds("upscale", picture, first, "-m", "small-x4")
    assert imread(first).shape == (36, 48, 3)
    shipped = models_folder / "natural-x4.safetensors"
    save_model(small_model("natural-x4", 4), shipped)
    succeeds("upscale", picture, second)
    assert imread(second).shape == (36, 48, 3)


def test_any_factor(tmp_path: Path, picture: Path, model_file: Path) -> None:
    out = tmp_path / "out.png"
    said = succeeds("upscale", picture, out, "-m", model_file, "--scale", "1.5")
    assert said == f"{out}: 12 x 9 to 18 x 14 with small-x2\n"
    expected = upscale(imread(picture), load_model_file(model_file), scale=1.5)
    assert (imread(out) == expected).all()
    for scale in ("0.5", "nan", "9"):
        said = fails("upscale", picture, out, "--scale", scale, "--overwrite")
        assert f"scale: found {scale}" in said and "expected a number from 1 to 8" in said
    said = fails("upscale", picture, tmp_path / "o.png", "-m", model_file, "--scale", "2.5")
    assert "give a model that enlarges 3 times or more" in said


def test_colours_and_their_record(tmp_path: Path, model_file: Path) -> None:
    photo, model = data.astronaut()[60:84, 180:210], load_model_file(model_file)
    source, out = tmp_path / "in.tif", tmp_path / "out.tif"
    write_image(source, ImageFile(photo, "YXS"))
    for asked, found in (("auto", "luma"), ("luma", "luma"), ("channels", "channels")):
        succeeds("upscale", source, out, "-m", model_file, "--colour", asked, "--overwrite")
        result = read_image(out)
        np.testing.assert_array_equal(result.data, upscale(photo, model, colour=found))
        settings = result.history[-1].settings
        assert settings.get("colours") == ("through luma" if found == "luma" else None)
        assert settings.get("colour") == (None if asked == "channels" else asked)


def test_luma_of_what_has_no_colours_is_all_of_it(tmp_path: Path, model_file: Path) -> None:
    """A folder of photographs holds grey ones, too."""
    photo, grey = data.astronaut()[60:84, 180:210], noise((9, 12))
    images, out = tmp_path / "in", tmp_path / "out"
    images.mkdir()
    write_image(images / "colour.tif", ImageFile(photo, "YXS"))
    write_image(images / "grey.tif", ImageFile(grey, "YX"))
    for asked in ("luma", "auto"):
        options = ("-m", model_file, "--colour", asked, "--overwrite")
        said = succeeds("upscale", images, out, *options)
        assert "2 done" in said
        assert said.count("grey, so that luma is all of it") == (asked == "luma")
        result = read_image(out / "grey.tif")
        np.testing.assert_array_equal(result.data, upscale(grey, load_model_file(model_file)))
        assert "colours" not in result.history[-1].settings


def test_a_folder_keeps_results_of_other_factors(tmp_path: Path, model_file: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    write_image(folder / "a.tif", ImageFile(noise((9, 12)), "YX"))
    succeeds("upscale", folder, out, "-m", model_file, "--scale", "1.5")
    assert imread(out / "a.tif").shape == (14, 18)
    assert "1 skipped" in succeeds("upscale", folder, out, "-m", model_file, "--scale", "1.5")
    run("upscale", folder, out, "-m", model_file, "--scale", "1.25")
    assert imread(out / "a.tif").shape == (14, 18)


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_gives_the_same(
    tmp_path: Path, picture: Path, model_file: Path, engine: str
) -> None:
    out = tmp_path / f"{engine}.png"
    succeeds("upscale", picture, out, "-m", model_file, "--engine", engine)
    expected = upscale(imread(picture), load_model_file(model_file), engine="reference")
    assert (imread(out) == expected).mean() > 0.999


def test_a_microscope_stack_keeps_type_axes_and_size(tmp_path: Path, model_file: Path) -> None:
    stack = noise((3, 2, 8, 7), "uint16", 4000)
    stack[:, 1] //= 50  # a dim channel
    source, out = tmp_path / "in.ome.tif", tmp_path / "out.ome.tif"
    metadata = {"axes": "ZCYX", "PhysicalSizeX": 0.2, "PhysicalSizeY": 0.1, "PhysicalSizeZ": 1.0}
    tifffile.imwrite(source, stack, ome=True, metadata=metadata)
    said = succeeds("upscale", source, out, "-m", model_file)
    assert "7 x 8, Z 3, C 2 to 14 x 16, Z 3, C 2" in said

    with tifffile.TiffFile(out) as tif:
        assert tif.series[0].axes == "ZCYX"
        result = tif.series[0].asarray()
        pixels = tifffile.xml2dict(tif.ome_metadata)["OME"]["Image"]["Pixels"]
    assert result.dtype == np.uint16
    sizes = [pixels[f"PhysicalSize{axis}"] for axis in "XYZ"]
    assert sizes == pytest.approx([0.1, 0.05, 1.0])
    model = load_model_file(model_file)
    for channel in range(2):  # each in its own range
        expected = upscale(stack[:, channel], model, rgb=False)
        assert (result[:, channel] == expected).all()


def test_value_ranges(tmp_path: Path, model_file: Path) -> None:
    image = noise((8, 7), "uint16", 4000)
    source = write_image(tmp_path / "in.tif", ImageFile(image, "YX"))
    model = load_model_file(model_file)
    ranges = {"dtype": "dtype", "data": "data", "-5,4095.5": (-5, 4095.5)}
    for text, value_range in ranges.items():
        out = tmp_path / f"{text}.tif"
        succeeds("upscale", source, out, "-m", model_file, "--value-range", text)
        assert (read_image(out).data == upscale(image, model, value_range=value_range)).all()
    for text in ("contrast", "3", "1,2,3", "5,1", "nan,1"):
        out = tmp_path / "no.tif"
        line = fails("upscale", source, out, "-m", model_file, f"--value-range={text}")
        assert "--value-range: found" in line and not out.exists()
    assert line.startswith("napari-autolut: --value-range: found 'nan,1', expected dtype, data")
    for text in ("5,5", "-1.7e308,1.7e308"):
        line = fails("upscale", tmp_path, tmp_path / "no", f"--value-range={text}")
        assert f"--value-range: found '{text}', expected the lower limit below the upper" in line


def test_an_output_is_replaced_only_on_request(
    tmp_path: Path, picture: Path, model_file: Path
) -> None:
    out = tmp_path / "out.png"
    out.write_bytes(b"mine")
    refused = fails("upscale", picture, out, "-m", model_file)
    assert "out.png: exists already; choose another name or allow --overwrite" in refused
    assert out.read_bytes() == b"mine"
    succeeds("upscale", picture, out, "-m", model_file, "--overwrite")
    assert imread(out).shape == (18, 24, 3)
    assert "expected another one" in fails("upscale", out, out, "-m", model_file, "--overwrite")
    assert imread(out).shape == (18, 24, 3)


def test_the_output_is_checked_before_any_work(tmp_path: Path) -> None:
    """Neither the image nor the model exists, and the message is about the output."""
    taken = tmp_path / "taken.tif"
    taken.touch()
    for out, words in [
        (taken, "exists"),
        (tmp_path / "a.gif", ".gif"),
        (tmp_path / "a", "suffix"),
        (tmp_path, "found a folder"),
        (tmp_path / "no" / "a.png", "no folder"),
    ]:
        assert words in fails("upscale", "nothing.png", out, "-m", "none")


def bad_inputs(folder: Path, model_file: Path) -> dict[str, tuple[list[object], str]]:
    """Arguments, and a word of the sentence they should end in."""
    picture = write_image(folder / "in.png", ImageFile(noise((9, 12, 4)), "YXS"))
    cut = folder / "cut.png"
    cut.write_bytes(picture.read_bytes()[:200])
    stack = write_image(folder / "stack.tif", ImageFile(noise((3, 9, 8)), "ZYX"))
    complex_ = folder / "complex.tif"
    tifffile.imwrite(complex_, np.ones((5, 6), np.complex64))
    cut_model = folder / "cut.safetensors"
    cut_model.write_bytes(model_file.read_bytes()[:-100])
    other = folder / "other.safetensors"
    other.write_bytes(b"not safetensors")
    png, tif, jpg = (folder / f"out.{suffix}" for suffix in ("png", "tif", "jpg"))
    model = ["-m", model_file]
    return {
        "missing image": ([folder / "no.png", png, *model], "no such file"),
        "truncated image": ([cut, png, *model], "cut.png"),
        "a folder": ([folder, png, *model], "expected a folder for the results"),
        "complex": ([complex_, tif, *model], "complex64"),
        "stack to PNG": ([stack, png, *model], "write a TIFF"),
        "alpha to JPEG": ([picture, jpg, *model], "transparency"),
        "unknown model": ([picture, png, "-m", "nonesuch"], "no model named 'nonesuch'"),
        "no such choice": (
            [picture, png, *model, "--engine", "gpu"],
            "'--engine': 'gpu' is not one of 'auto', 'fast'",
        ),
        "missing model": ([picture, png, "-m", folder / "no.safetensors"], "no such file"),
        "truncated model": ([picture, png, "-m", cut_model], "cut.safetensors"),
        "no model at all": ([picture, png, "-m", other], "other.safetensors"),
    }


@pytest.mark.parametrize("case", [
    "missing image", "truncated image", "a folder", "complex", "stack to PNG", "alpha to JPEG",
    "unknown model", "no such choice", "missing model", "truncated model",
    "no model at all"])  # fmt: skip
def test_bad_input_is_one_sentence(tmp_path: Path, model_file: Path, case: str) -> None:
    args, words = bad_inputs(tmp_path, model_file)[case]
    before = sorted(tmp_path.iterdir())
    assert words in fails("upscale", *args)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.filterwarnings("default")
def test_a_warning_is_one_line(tmp_path: Path, model_file: Path) -> None:
    image = noise((8, 7), "float32")
    image[3, 4] = np.nan
    source = write_image(tmp_path / "in.tif", ImageFile(image, "YX"))
    result = run("upscale", source, tmp_path / "out.tif", "-m", model_file)
    assert result.exit_code == 0
    (line,) = result.stderr.splitlines()
    assert line.startswith("napari-autolut: warning: ") and "NaN" in line
    assert np.isnan(read_image(tmp_path / "out.tif").data).sum() == 4


def test_auto_chooses_by_each_image(tmp_path: Path) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    counts = np.random.default_rng(0).poisson(40, (40, 48)).astype(np.uint16)
    tifffile.imwrite(folder / "cells.tif", counts)
    write_image(folder / "view.png", ImageFile(photograph(), "YXS"))
    said = succeeds("upscale", folder, tmp_path / "out", "--model", "auto")
    assert "with micro-x2; 16-bit" in said and "with natural-x4; 8-bit, RGB, photograph" in said
    expected = upscale(counts, "micro-x2")
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "out" / "cells.tif"), expected)
    assert imread(tmp_path / "out" / "view.png").shape == (256, 256, 3)
    again = succeeds("upscale", folder, tmp_path / "out", "--model", "auto")
    assert again.endswith("0 done, 2 skipped\n")


def test_a_line_says_that_its_source_was_enlarged_already(tmp_path: Path) -> None:
    """As the results of an earlier run are that lie in the folder of the images."""
    source = write_image(tmp_path / "in.tif", ImageFile(noise((9, 12)), "YX"))
    once, twice = tmp_path / "once.tif", tmp_path / "twice.tif"
    words = "the source was enlarged already"
    assert words not in succeeds("upscale", source, once, "-m", "natural-x2-light")
    assert words in succeeds("upscale", once, twice, "-m", "natural-x2-light")


def test_the_expected_error_lies_beside_the_result(tmp_path: Path) -> None:
    source = tmp_path / "in.tif"
    stack = noise((2, 9, 12)).astype(np.uint16) * 50
    write_image(source, ImageFile(stack, "ZYX", pixel_size={"Y": 0.5, "X": 0.5}))
    out = tmp_path / "out.ome.tif"
    line = succeeds("upscale", source, out, "--model", "natural-x2", "--expected-error")
    assert "expected errors in out_error.tif" in line
    _, expected = upscale(stack, "natural-x2", expected_error=True)
    found = read_image(tmp_path / "out_error.tif")
    np.testing.assert_array_equal(found.data, expected)
    assert found.data.dtype == np.float32
    assert found.pixel_size["X"] == pytest.approx(0.25)


def test_an_expected_error_that_cannot_be_stops_before_anything(
    tmp_path: Path, picture: Path, model_file: Path
) -> None:
    out = tmp_path / "out.png"
    line = fails("upscale", picture, out, "--model", model_file, "--expected-error")
    assert "'small-x2' without an error table" in line
    assert not out.exists()
    (tmp_path / "out_error.tif").write_bytes(b"")
    line = fails("upscale", picture, out, "--model", "natural-x2", "--expected-error")
    assert "out_error.tif" in line
    assert not out.exists()


def test_an_expected_error_does_not_replace_the_source(tmp_path: Path) -> None:
    source = write_image(tmp_path / "a_error.tif", ImageFile(noise((9, 12)), "YX"))
    before = source.read_bytes()
    options = ("--model", "natural-x2", "--expected-error", "--overwrite")
    assert "name of the source" in fails("upscale", source, tmp_path / "a.tif", *options)
    assert source.read_bytes() == before and not (tmp_path / "a.tif").exists()


def test_one_range_for_all_files_of_a_folder(tmp_path: Path, model_file: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    frames = [noise((20, 30), "uint16", top=top) for top in (300, 4000)]
    for number, frame in enumerate(frames):
        write_image(folder / f"{number}.tif", ImageFile(frame, "YX"))
    options = ("--model", model_file, "--range-from", "all", "--value-range", "data")
    said = succeeds("upscale", folder, out, *options)
    limits = float(min(each.min() for each in frames)), float(frames[1].max())
    assert said.startswith(f"value range data of all files: {limits[0]:g} to {limits[1]:g}\n")
    for number, frame in enumerate(frames):
        expected = upscale(frame, load_model_file(model_file), value_range=limits)
        np.testing.assert_array_equal(read_image(out / f"{number}.tif").data, expected)
    fails("upscale", folder, out, "--range-from", "all", "--value-range", "0,9")
    fails("upscale", folder / "0.tif", out / "0.tif", "--range-from", "all")
