"""The shell command ``napari-autolut``.

Belongs here: the commands, their options and what they print. What they do is in the modules they
import when they are called, so that ``--help`` is quick; how they end is ``command_group.py``.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from napari_autolut.cli.command_group import PROGRAM, SOME_FAILED, CommandGroup
from napari_autolut.storage.catalogue import DEFAULT_MODEL

app = typer.Typer(
    cls=CommandGroup,
    name=PROGRAM,
    help="Enlarge and sharpen images with look-up tables; train, measure and import such tables.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class EngineName(StrEnum):
    """Engines that can be asked for."""

    auto = "auto"
    fast = "fast"
    reference = "reference"
    torch = "torch"


class LayoutName(StrEnum):
    """Published table layouts that can be asked for."""

    auto = "auto"
    sr_lut = "sr-lut"
    mulut = "mulut"
    autolut = "autolut"
    dfc = "dfc"


ModelOption = Annotated[
    str, typer.Option("--model", "-m", metavar="NAME|FILE", help="Model name, or a model file.")
]
OverwriteOption = Annotated[
    bool, typer.Option("--overwrite", help="Replace the output if it exists.")
]
EngineOption = Annotated[EngineName, typer.Option("--engine", help="What runs the model.")]


def main() -> None:
    """Run the command line of this process and exit."""
    app(prog_name=PROGRAM)


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


@app.command()
def upscale(
    source: Annotated[
        Path, typer.Argument(metavar="IN", help="PNG, JPEG, WebP, BMP or TIFF; or a folder.")
    ],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="PNG, JPEG or TIFF; or a folder.")],
    model: ModelOption = DEFAULT_MODEL,
    overwrite: OverwriteOption = False,
    value_range: Annotated[
        str | None,
        typer.Option(
            metavar="dtype|data|LO,HI",
            help="Values of black and white. By default the type's for 8 bits, else the data's, "
            "in each channel.",
        ),
    ] = None,
    suffix: Annotated[
        str | None,
        typer.Option(metavar=".tif", help="Of the files of a folder; by default their own."),
    ] = None,
    engine: EngineOption = EngineName.auto,
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help='Compute on the dask cluster of this scheduler (extra "distributed").',
        ),
    ] = None,
) -> None:
    """Enlarge an image file, or all those in a folder and its sub-folders.

    A TIFF keeps its axes, and its pixels become smaller, so that it stays as large as it was. A
    file of a folder that fails does not stop the others; the exit status is then 1.
    """
    from napari_autolut.cli.upscale import Settings, parsed_range, upscale_file, upscale_folder

    settings = Settings(parsed_range(value_range), engine, overwrite, scheduler)
    if source.is_dir():
        if not upscale_folder(source, out, model, settings, suffix=suffix):
            raise typer.Exit(SOME_FAILED)
    elif suffix is not None:
        raise ValueError(f"{source}: found no folder, and --suffix is for folders; leave it out")
    else:
        upscale_file(source, out, model, settings)


@app.command()
def evaluate(
    model: Annotated[
        list[str],
        typer.Option("--model", "-m", metavar="NAME|FILE", help="Model; several, to compare them."),
    ],
    hr: Annotated[Path, typer.Option(metavar="FOLDER", help="True images.")],
    lr: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Inputs of the same names; else made by bicubic."),
    ] = None,
    json: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write all figures to it.")
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(metavar="FILE.png|svg", help="Draw PSNR against bytes and against time."),
    ] = None,
    overwrite: OverwriteOption = False,
    engine: EngineOption = EngineName.auto,
) -> None:
    """Measure models on images.

    Gives PSNR and SSIM on luma against the true images, beside those of bicubic interpolation. Of
    several models of one scale, one line each, with the size of the tables and the time for a
    million pixels of result; bicubic and Lanczos interpolation are among them.
    """
    from napari_autolut.cli.evaluate import evaluate_models

    evaluate_models(model, hr, lr, json=json, plot_file=plot, overwrite=overwrite, engine=engine)


@app.command()
def models(
    paths: Annotated[bool, typer.Option("--paths", help="Show the files.")] = False,
) -> None:
    """List the shipped models and your own."""
    from napari_autolut.cli.models import model_table

    typer.echo(model_table(paths=paths))


@app.command("import")
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
    from napari_autolut.io.files import check_free
    from napari_autolut.storage.importers import import_tables
    from napari_autolut.storage.model_file import SUFFIX, save_model

    if out.suffix != SUFFIX:
        raise ValueError(f"{out}: found {out.suffix or 'no suffix'}, expected {SUFFIX}")
    check_free(out, overwrite=overwrite)
    model = import_tables(source, layout, licence=licence)
    save_model(model, out, overwrite=overwrite)
    typer.echo(f"{out}: {model.name}, x{model.scale}")


@app.command()
def train(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Sharp images to learn from.")],
    out: Annotated[
        str,
        typer.Option(
            metavar="NAME|FILE",
            help="Model file to write; or a name, for your own models, which are known by it.",
        ),
    ],
    lr: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Small partners of the same names; else made of the images."
        ),
    ] = None,
    scale: Annotated[
        int | None,
        typer.Option(metavar="R", help="Upscaling factor; by default the recipe's, or of --lr."),
    ] = None,
    minutes: Annotated[
        float | None, typer.Option(metavar="M", help="How long to train; or give --steps.")
    ] = None,
    steps: Annotated[int | None, typer.Option(metavar="N", help="Optimisation steps.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the checkpoint beside the model.")
    ] = False,
    overwrite: OverwriteOption = False,
    seed: Annotated[
        int | None, typer.Option(metavar="N", help="Of noise and crops; by default the recipe's.")
    ] = None,
    recipe: Annotated[
        str | None, typer.Option(metavar="NAME|FILE", help="Settings to train with.")
    ] = None,
    degradation: Annotated[
        str | None,
        typer.Option(metavar="bicubic|area|gaussian", help="How small images are made of large."),
    ] = None,
    sigma: Annotated[
        float | None, typer.Option(metavar="PX", help="Gaussian blur, in pixels of the images.")
    ] = None,
    noise: Annotated[
        float | None, typer.Option(metavar="S", help="Gaussian noise, in levels of 255.")
    ] = None,
    photons: Annotated[
        float | None, typer.Option(metavar="N", help="Poisson noise: photons at white.")
    ] = None,
    jpeg: Annotated[
        int | None, typer.Option(metavar="Q", help="JPEG compression of this quality.")
    ] = None,
    start: Annotated[
        str | None, typer.Option(metavar="FILE", help="Model file to train on, not a new one.")
    ] = None,
    device: Annotated[
        str | None, typer.Option(metavar="cpu|cuda", help="Where; by default the recipe's.")
    ] = None,
    json_events: Annotated[
        bool, typer.Option("--json-events", help="Report as JSON lines on stdout.")
    ] = False,
) -> None:
    """Train a table on your own images.

    Needs the extra "train"; Ctrl-C leaves the best table so far.
    """
    from napari_autolut.cli.train import train_model

    train_model(
        folder,
        out,
        lr=lr,
        scale=scale,
        minutes=minutes,
        steps=steps,
        resume=resume,
        overwrite=overwrite,
        seed=seed,
        json_events=json_events,
        recipe=recipe,
        changes={
            "method": degradation,
            "sigma": sigma,
            "noise": noise,
            "photons": photons,
            "jpeg": jpeg,
            "start": start,
            "device": device,
        },
    )
