"""napari-autolut denoise: files and folders."""

import re

import numpy as np
import pytest

from napari_autolut.io import ImageFile, read_image, write_image
from tests.commandline import fails, run
from tests.noise.scenes import recorded, scene


@pytest.fixture
def stack(tmp_path):
    """Two channels with three slices, 16 bits, pixels of 0.1 micrometres."""
    gains = [20, 30] * 3
    planes = [recorded(scene()[:96, :96], 50, gain=g, seed=n) for n, g in enumerate(gains)]
    data = np.stack(planes).reshape(3, 2, 96, 96)
    path = tmp_path / "in" / "stack.tif"
    path.parent.mkdir()
    sizes = {"X": 0.1, "Y": 0.1, "Z": 0.5}
    write_image(path, ImageFile(data, "ZCYX", sizes, "\N{MICRO SIGN}m", "imagej"))
    return path


def test_a_file_keeps_axes_type_and_pixel_sizes(stack, tmp_path):
    out = tmp_path / "out.tif"
    result = run("denoise", stack, out)
    assert result.exit_code == 0
    gains = re.findall(r"white noise, ([\d.]+) grey levels per photon", result.stdout)
    assert [float(gain) for gain in gains] == pytest.approx([20, 30], rel=0.15)
    before, after = read_image(stack), read_image(out)
    assert after.axes == before.axes and after.data.dtype == np.uint16
    assert after.pixel_size == before.pixel_size
    assert np.std(after.data.astype(float) - before.data) > 20


def test_a_folder_goes_past_what_cannot_be(stack, tmp_path):
    (stack.parent / "broken.tif").write_bytes(b"II*\0")
    result = run("denoise", stack.parent, tmp_path / "out")
    assert result.exit_code == 1
    assert "1 done, 1 failed" in result.stdout
    assert (tmp_path / "out" / "stack.tif").exists()


def test_noise_that_is_given(stack, tmp_path):
    assert (
        "2 grey levels per photon"
        in run("denoise", stack, tmp_path / "o.tif", "--noise", "2,10").stdout
    )


def test_tables_are_named(stack, tmp_path):
    results = []
    for number, names in enumerate(([], ["light"], ["denoise-10-light", "denoise-3-light"])):
        options = [option for name in names for option in ("--model", name)]
        out = tmp_path / f"{number}.tif"
        assert run("denoise", stack, out, *options).exit_code == 0
        results.append(read_image(out).data)
    best, light, both = results
    assert (best != light).any() and (light == both).all()


def test_a_name_of_tables_that_is_nearly_right(stack, tmp_path):
    line = fails("denoise", stack, tmp_path / "o.tif", "--model", "lite")
    assert "no model named 'lite', expected best, light, denoise-10, " in line
    assert "natural" not in line


def test_a_strength_that_cannot_be_is_said_before_an_image_is_looked_at(stack, tmp_path):
    """Not by each file of a folder, after what is odd about its noise."""
    line = fails("denoise", stack.parent, tmp_path / "out", "--strength", "nan")
    assert line == "napari-autolut: strength: found nan, expected a number from 0 to 100"


def test_strength_0_says_that_nothing_was_done(stack, tmp_path):
    out = tmp_path / "o.tif"
    assert run("denoise", stack, out, "--strength", "0").stdout.endswith(
        "o.tif: left as it is (strength 0)\n"
    )
    assert (read_image(out).data == read_image(stack).data).all()
    said = run("info", out).stdout
    assert "The image was left as it is by napari-autolut" in said and "denoised" not in said
    assert "pixels that they give" not in said


def test_noise_auto_is_what_is_found(stack, tmp_path):
    words = [run("denoise", stack, tmp_path / f"{n}.tif", *asked).stdout.partition(":")[2]
             for n, asked in enumerate(([], ["--noise", "auto"]))]  # fmt: skip
    assert words[0] == words[1] and "photon" in words[0]


@pytest.mark.parametrize("text", ["loud", "1", "1,2,3"])
def test_no_noise(stack, tmp_path, text):
    line = fails("denoise", stack, tmp_path / "o.tif", "--noise", text)
    assert f"--noise: found '{text}', expected auto, or two numbers" in line
    assert not (tmp_path / "o.tif").exists()
