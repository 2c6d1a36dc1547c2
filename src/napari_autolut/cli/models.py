"""``napari-autolut models``: list the models.

Belongs here: the command's options and what a row says. Finding models is in ``storage``.
"""

from __future__ import annotations

from typing import Annotated

import typer

from napari_autolut.cli.output import echo
from napari_autolut.storage import (
    CatalogueEntry,
    ModelFileError,
    list_models,
    load_model_file,
    user_models_folder,
)
from napari_autolut.storage.summaries import ModelSummary
from napari_autolut.util.sizes import bytes_text
from napari_autolut.util.text import printable
from napari_autolut.util.text_table import aligned

HEADER = ("name", "scale", "task", "gain", "size", "origin", "for")


def models(
    paths: Annotated[
        bool, typer.Option("--paths", help="Show where the file of each model is.")
    ] = False,
) -> None:
    """List the shipped models and your own.

    Gains are over bicubic interpolation, at scale 1 over the image itself, on held-out images of
    the model's own kind.
    """
    echo(*model_table(paths=paths).split("\n"))


def model_table(*, paths: bool) -> str:
    """Aligned columns; a file that cannot be used has its problem behind its row."""
    rows = [_row(entry, paths=paths) for entry in list_models()]
    if not rows:
        return f"no models; your own belong in {printable(str(user_models_folder()))}"
    header = (*HEADER, "path") if paths else HEADER
    return aligned([(*header, ""), *rows], left=len(header) + 1)


def _row(entry: CatalogueEntry, *, paths: bool) -> tuple[str, ...]:
    path = (str(entry.path),) if paths else ()
    try:
        model = load_model_file(entry.path)
    except (ModelFileError, OSError) as error:
        unknown = ("-", "-", "-", "-", entry.origin, "-")
        return (entry.name, *unknown, *path, f"cannot be used: {error}")
    of = ModelSummary.of(entry)
    known = (of.gain or "-", bytes_text(of.nbytes), entry.origin, of.purpose or "-")
    return (entry.name, f"x{model.scale}", model.card.task, *known, *path, "")
