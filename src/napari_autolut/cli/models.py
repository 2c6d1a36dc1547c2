"""``napari-autolut models``: list the models.

Belongs here: the command's options and what a row says. Finding models is in ``storage``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer

from napari_autolut.cli.output import say
from napari_autolut.model import Card
from napari_autolut.storage import (
    CatalogueEntry,
    ModelFileError,
    list_models,
    load_model_file,
    user_models_folder,
)
from napari_autolut.util.text import printable
from napari_autolut.util.text_table import aligned

HEADER = ("name", "scale", "task", "size", "benchmark", "origin")


def models(
    paths: Annotated[bool, typer.Option("--paths", help="Show the files.")] = False,
) -> None:
    """List the shipped models and your own."""
    say(*model_table(paths=paths).split("\n"))


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
        size = f"{entry.path.stat().st_size / 1024:.0f} KB"
    except (ModelFileError, OSError) as error:
        return (entry.name, "-", "-", "-", "-", entry.origin, *path, f"cannot be used: {error}")
    figure = _first_figure(model.card)
    return (entry.name, f"x{model.scale}", model.card.task, size, figure, entry.origin, *path, "")


def _first_figure(card: Card) -> str:
    """The figure of the first benchmark on the card."""
    for data_set, figures in card.benchmark.items():
        figure = figures.get("psnr_y") if isinstance(figures, Mapping) else None
        if isinstance(figure, int | float):
            return f"{data_set} {figure:.2f} dB"
    return "-"
