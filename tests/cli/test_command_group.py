"""How every command ends: what goes to stderr."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from napari_autolut.cli.command_group import CommandGroup
from napari_autolut.io import ImageFile, write_image
from tests.commandline import run


@pytest.mark.filterwarnings("default")
def test_numpys_warnings_are_not_shown() -> None:
    app = typer.Typer(cls=CommandGroup)

    @app.command()
    def one() -> None:
        largest = np.full(3, 3e38, np.float32)
        _ = largest * largest, np.full(3, np.inf) - np.inf, np.zeros(3) / np.zeros(3)
        _ = np.array([]).mean(), largest.astype(np.float16)
        for _ in range(3):  # as for each well of a plate
            with warnings.catch_warnings():
                warnings.simplefilter("always")
                warnings.warn("this is for the user", stacklevel=1)

    @app.command()
    def other() -> None:
        raise RuntimeError

    result = CliRunner().invoke(app, ["one"])
    assert (result.exit_code, result.stderr) == (
        0,
        "napari-autolut: warning: this is for the user\n",
    )


def test_a_file_that_ends_too_early_is_said() -> None:
    """click takes any EOFError for an abort, and would end without a word."""
    app = typer.Typer(cls=CommandGroup)

    @app.command()
    def one() -> None:
        raise EOFError

    @app.command()
    def other() -> None:
        raise RuntimeError

    result = CliRunner().invoke(app, ["one"])
    assert (result.exit_code, result.stderr) == (2, "napari-autolut: the file ends too early\n")


@pytest.mark.filterwarnings("default")
def test_warnings_of_a_folder_name_the_file(tmp_path: Path, model_file: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, value in (("a.tif", np.nan), ("b.tif", 9), ("c.tif", np.nan)):
        write_image(folder / name, ImageFile(np.full((9, 9), value, np.float32), "YX"))
    said = run("upscale", folder, tmp_path / "out", "-m", model_file).stderr
    found = [line for line in said.splitlines() if "has NaN or infinite pixels" in line]
    assert [line.split(": the image")[0] for line in found] == [
        f"napari-autolut: warning: {folder / name}" for name in ("a.tif", "c.tif")
    ]
