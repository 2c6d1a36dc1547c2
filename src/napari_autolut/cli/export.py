"""``napari-autolut export``: write a model for other programs.

Belongs here: the command's options. What is written is in ``export``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from napari_autolut.cli.options import OverwriteOption
from napari_autolut.cli.output import echo


def export(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="Model name, or a model file.")],
    out: Annotated[
        Path, typer.Argument(metavar="OUT.onnx|OUT.zip", help="File to write; .zip is a package.")
    ],
    authors: Annotated[
        list[str] | None,
        typer.Option("--author", metavar="NAME", help="Who made it, for a package."),
    ] = None,
    overwrite: OverwriteOption = False,
) -> None:
    """Write a model as ONNX, or as a package of the BioImage Model Zoo.

    Other programs run it without napari-autolut: ilastik, deepImageJ, or any with onnxruntime.
    """
    from napari_autolut.export import OPSET, export_model
    from napari_autolut.io import check_free
    from napari_autolut.storage import load_model

    if out.suffix:  # else the exporter says which there are
        check_free(out, overwrite=overwrite)
    loaded = load_model(model)
    export_model(loaded, out, authors=authors or (), overwrite=overwrite)
    echo(f"{out}: {loaded.name}, x{loaded.scale}, ONNX opset {OPSET}")
