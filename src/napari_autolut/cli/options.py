"""Arguments and options that several commands have.

Belongs here: those alone, how options that are numbers are made, and which options are for folders.
An option of one command is in that command's file.
"""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from napari_autolut.cli.numbers import number, whole_number


class EngineName(StrEnum):
    """Engines that can be asked for."""

    auto = "auto"
    fast = "fast"
    reference = "reference"
    torch = "torch"


class ZarrVersion(StrEnum):
    """Versions of OME-Zarr that can be written."""

    new = "0.5"
    old = "0.4"


def number_option(metavar: str, meaning: str) -> Any:
    """An option that is a number, named after its parameter."""
    return typer.Option(parser=number, metavar=metavar, help=meaning)


def whole_number_option(metavar: str, meaning: str) -> Any:
    """An option that is a whole number, named after its parameter."""
    return typer.Option(parser=whole_number, metavar=metavar, help=meaning)


def _series_number(text: str) -> int:
    series = whole_number(text)
    if series < 0:
        raise typer.BadParameter(f"found {text!r}, expected 0 or more")
    return series


def is_folder(source: Path, **for_folders: object) -> bool:
    """Whether a folder of images is given; an OME-Zarr is one image.

    Parameters
    ----------
    source : Path
        What the user gave.
    **for_folders : object
        Options that only folders have; None, or False, where one was left out.

    Raises
    ------
    ValueError
        If such an option is given beside a single file.
    """
    from napari_autolut.io.zarr import is_zarr

    if os.path.isdir(source) and not is_zarr(source):  # noqa: PTH112 - no error where not allowed
        return True
    for name, value in for_folders.items():
        if value is not None and value is not False:
            option = f"--{name.replace('_', '-')}"
            raise ValueError(
                f"{source}: found no folder, and {option} is for folders; leave it out"
            )
    return False


ImageArgument = Annotated[
    Path,
    typer.Argument(metavar="IN", help="PNG, JPEG, WebP, BMP, TIFF or OME-Zarr; or a folder."),
]
ResultArgument = Annotated[
    Path, typer.Argument(metavar="OUT", help="PNG, JPEG, TIFF or OME-Zarr; or a folder.")
]
SuffixOption = Annotated[
    str | None,
    typer.Option(
        "--suffix",
        metavar=".tif",
        help="File type of a folder's results; by default each file's own.",
    ),
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        "-m",
        metavar="NAME|FILE|auto",
        help="Model name, or a model file; auto chooses a shipped one by each image. By default "
        "natural-x4, or the shipped one of --scale.",
    ),
]
OverwriteOption = Annotated[
    bool, typer.Option("--overwrite", help="Replace the output if it exists.")
]
EngineOption = Annotated[
    EngineName,
    typer.Option(
        "--engine",
        help="What runs the model: compiled code (fast), numpy (reference, slow) or PyTorch; auto "
        "takes fast where it can.",
    ),
]
SeriesOption = Annotated[
    int | None,
    typer.Option(
        "--series",
        parser=_series_number,
        metavar="NUMBER",
        help="Which image of a file with several, from 0; by default all but thumbnails and labels "
        "of slides.",
    ),
]
ZarrOption = Annotated[
    ZarrVersion,
    typer.Option("--zarr-version", help="Version of OME-Zarr, where the result is one."),
]
