"""Options that several commands have.

Belongs here: those alone. An option of one command is in that command's file.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from napari_autolut.cli.numbers import whole_number


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


def _series_number(text: str) -> int:
    series = whole_number(text)
    if series < 0:
        raise typer.BadParameter(f"found {text!r}, expected 0 or more")
    return series


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
