"""The shell command ``napari-autolut``.

Belongs here: the program itself and the list of its commands. Each command is in a file of its
own; how all of them end is in ``command_group.py``.
"""

from __future__ import annotations

from typing import Annotated

import typer

from napari_autolut.cli.command_group import PROGRAM, CommandGroup
from napari_autolut.cli.denoise import denoise
from napari_autolut.cli.evaluate import evaluate
from napari_autolut.cli.export import export
from napari_autolut.cli.import_ import import_
from napari_autolut.cli.info import info
from napari_autolut.cli.isotropic import isotropic
from napari_autolut.cli.models import models
from napari_autolut.cli.reading import reads_images
from napari_autolut.cli.train import train
from napari_autolut.cli.upscale import upscale

app = typer.Typer(
    cls=CommandGroup,
    name=PROGRAM,
    help="Enlarge, sharpen and denoise images with look-up tables; train, measure, share tables.",
    epilog="Exit status: 0 when all went well; 1 when some files of a folder, or images of a "
    "Zarr, failed; 2 with one line when something is wrong with what was given; 130 after Ctrl-C.",
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.command(short_help="Enlarge an image file or a folder.")(reads_images(upscale))
app.command(short_help="Take the noise out of a file or a folder.")(reads_images(denoise))
app.command(short_help="Fill in slices of stacks along z.")(reads_images(isotropic))
app.command()(reads_images(evaluate))
app.command()(models)
app.command(short_help="Show what a file holds, and how it was made.")(reads_images(info))
app.command("import")(import_)
app.command(short_help="Write a model for other programs.")(export)
app.command()(reads_images(train))


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"{PROGRAM} {version(PROGRAM)}")
        raise typer.Exit


@app.callback()
def _program(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    pass
