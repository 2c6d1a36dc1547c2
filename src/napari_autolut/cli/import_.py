"""``napari-autolut import``: make a model file of published tables.

Belongs here: the command's options. Reading the layouts is in ``storage.importers``.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from napari_autolut.cli.options import OverwriteOption
from napari_autolut.cli.output import echo


class LayoutName(StrEnum):
    """Published table layouts that can be asked for."""

    auto = "auto"
    sr_lut = "sr-lut"
    mulut = "mulut"
    autolut = "autolut"
    dfc = "dfc"


def import_(
    source: Annotated[
        Path, typer.Argument(metavar="SOURCE", help="Folder of .npy tables, or one of them.")
    ],
    out: Annotated[Path, typer.Argument(metavar="OUT.safetensors", help="Model file to write.")],
    layout: Annotated[
        LayoutName, typer.Option(help="Whose layout; auto tells it from the file names.")
    ] = LayoutName.auto,
    licence: Annotated[
        str, typer.Option(metavar="TEXT", help="Terms the tables came under, for the model's card.")
    ] = "unknown",
    overwrite: OverwriteOption = False,
) -> None:
    """Make a model file of published tables.

    Reads the .npy files of SR-LUT, MuLUT, AutoLUT, SPF-LUT and DFC.
    """
    from napari_autolut.io import check_free
    from napari_autolut.storage import SUFFIX, save_model
    from napari_autolut.storage.importers import import_tables
    from napari_autolut.util.paths import check_name

    if out.suffix != SUFFIX:
        raise ValueError(f"{out}: found {out.suffix or 'no suffix'}, expected {SUFFIX}")
    check_name(out.name.removesuffix(SUFFIX), "name of the model")
    check_free(out, overwrite=overwrite)
    model = import_tables(source, layout, licence=licence)
    save_model(model, out, overwrite=overwrite)
    echo(f"{out}: {model.name}, x{model.scale}")
