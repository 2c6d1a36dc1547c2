"""``napari-autolut models``: list the models, or show the card of one.

Belongs here: the command's options and what a row and a card say. Finding models is in ``storage``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Annotated

import typer

from napari_autolut.cli.output import echo
from napari_autolut.model import Card, LutModel
from napari_autolut.storage import (
    CatalogueEntry,
    ModelFileError,
    list_models,
    load_model,
    load_model_file,
    model_digest,
    user_models_folder,
)
from napari_autolut.storage.summaries import ModelSummary, figures_text, task_text
from napari_autolut.util.sizes import bytes_text
from napari_autolut.util.text import printable
from napari_autolut.util.text_table import aligned

HEADER = ("name", "scale", "task", "gain", "size", "origin", "for")


def models(
    name: Annotated[
        str | None,
        typer.Argument(metavar="MODEL", help="Show the card of this model: a name or a file."),
    ] = None,
    paths: Annotated[
        bool, typer.Option("--paths", help="Show where the file of each model is.")
    ] = False,
) -> None:
    """List the shipped models and your own.

    Gains are over bicubic interpolation, on held-out images of the model's own kind. At scale 1
    they would depend on how noisy those were; a model's card has the figure.
    """
    if name is not None:
        echo(*card_lines(load_model(name)))
        return
    echo(*model_table(paths=paths).split("\n"))


def card_lines(model: LutModel) -> Iterator[str]:
    """What the card of a model says, without what it leaves open."""
    card = model.card
    yield f"{card.name}: {card.description}"
    yield from aligned(_entries(model), left=2).split("\n")


def _entries(model: LutModel) -> list[tuple[str, str]]:
    card = model.card
    known = {each.name: getattr(card, each.name) for each in fields(Card)}
    shown = ("licence", "training_data", "recipe", "date", "value_range", "source")
    entries = [("scale", f"x{model.scale}"), ("task", task_text(card))]
    entries += [(name.replace("_", " "), str(known[name])) for name in shown if known[name]]
    entries.append(("sha256", model_digest(model)))
    if card.noise_sigma:
        entries.append(("noise", f"standard deviation {card.noise_sigma:g} of 255 levels"))
    over = " over bicubic" if model.scale > 1 else " over the image itself"
    for name, figures in card.benchmark.items():
        entries.append((name, f"PSNR {figures_text(figures, over)}"))
    return entries


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
    return (entry.name, f"x{model.scale}", task_text(model.card), *known, *path, "")
