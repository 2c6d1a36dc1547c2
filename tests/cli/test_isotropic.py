"""napari-autolut isotropic: files and folders."""

import pytest

from napari_autolut.io import ImageFile, read_image, write_image
from tests.commandline import fails, run, succeeds
from tests.isotropic.stacks import anisotropic


def written(path, sigma=None):
    path.parent.mkdir()
    sizes = {"Z": 0.4, "Y": 0.1, "X": 0.1}
    write_image(
        path, ImageFile(anisotropic(sigma=sigma), "ZYX", sizes, "\N{MICRO SIGN}m", "imagej")
    )
    return path


@pytest.fixture
def stack(tmp_path):
    return written(tmp_path / "in" / "stack.tif")


def test_a_stack_and_the_next_one(tmp_path):
    stack = written(tmp_path / "in" / "blurred.tif", sigma=2.0)
    out, kept = tmp_path / "out.tif", tmp_path / "table.safetensors"
    line = succeeds("isotropic", stack, out, "--psf", "2", "--save-table", kept)
    assert "out.tif: 16 slices to 64, table for z x 4, Gaussian of 2 pixels" in line
    assert read_image(out).lengths["Z"] == 64
    line = succeeds("isotropic", stack, out, "--table", kept, "--overwrite")
    assert "Gaussian of 2 pixels" in line


def test_what_is_not_sure_of_a_table_is_said_once(tmp_path):
    stack = written(tmp_path / "in" / "stack.tif", sigma=2.0)
    result = run("isotropic", stack, tmp_path / "out.tif")
    assert "structures look coarser along z" in result.stdout
    assert result.stderr == ""


def test_a_table_does_not_replace_an_image(stack, tmp_path):
    before, out = stack.read_bytes(), tmp_path / "out.tif"
    for path in (stack, out):
        line = fails("isotropic", stack, out, "--save-table", path, "--overwrite")
        assert "expected .safetensors" in line
    assert stack.read_bytes() == before and not out.exists()


def test_a_folder_goes_past_what_cannot_be(stack, tmp_path):
    write_image(stack.parent / "flat.tif", ImageFile(anisotropic()[0], "YX"))
    result = run("isotropic", stack.parent, tmp_path / "out")
    assert result.exit_code == 1
    assert "1 done, 1 failed" in result.stdout and "expected a stack" in result.stdout


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--spacing", "wide"), "--spacing: found 'wide', expected three distances"),
        (("--spacing", "1,2"), "--spacing: found '1,2', expected three distances"),
        (("--spacing", "1"), "isotropic already"),
        (("--psf", "airy"), "psf: found 'airy', expected 'either', 'area', 'planes', 'auto' or"),
        (("--table", "none.safetensors"), "none.safetensors"),
        (("--suffix", ".tif"), "--suffix is for folders"),
    ],
)
def test_what_cannot_be_is_said_on_one_line(stack, tmp_path, options, says):
    assert says in fails("isotropic", stack, tmp_path / "o.tif", *options)
    assert not (tmp_path / "o.tif").exists()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--psf", "-1"), "psf: found a Gaussian of -1.0 pixels, expected 0"),
        (("--psf", "nan"), "psf: found a Gaussian of nan pixels, expected 0"),
        (("--spacing", "0,1,1"), "spacing: found (0.0, 1.0, 1.0), expected positive numbers"),
    ],
)
def test_options_that_cannot_be_are_not_said_of_each_file_of_a_folder(
    stack, tmp_path, options, says
):
    assert says in fails("isotropic", stack.parent, tmp_path / "out", *options)
