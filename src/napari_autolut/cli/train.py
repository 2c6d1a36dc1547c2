"""``napari-autolut train``: the options, and what happens before the trainer takes over.

Belongs here: the command's options, and the request made of them. The work and what it prints is in
``autolut_training``.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from napari_autolut.cli.numbers import number, whole_number
from napari_autolut.cli.options import OverwriteOption
from napari_autolut.storage.catalogue import list_models, user_models_folder
from napari_autolut.storage.model_file import SUFFIX
from napari_autolut.training.request import TrainRequest
from napari_autolut.util.optional import training_api, training_settings
from napari_autolut.util.paths import check_name
from napari_autolut.util.spelling import plain_name


def train(
    folder: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", help="Images to learn from, sharp or noisy; or a file."),
    ],
    out: Annotated[
        str,
        typer.Option(
            metavar="NAME|FILE",
            help="Model file to write; or a name, for your own models, which are known by it.",
        ),
    ],
    noisy: Annotated[
        bool,
        typer.Option(
            "--noisy", help="FOLDER holds noisy images alone: the denoiser learns from them."
        ),
    ] = False,
    lr: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Low-resolution images of the same names; by default made of those in FOLDER.",
        ),
    ] = None,
    scale: Annotated[
        int | None,
        typer.Option(
            parser=whole_number,
            metavar="R",
            help="Upscaling factor, 1 to 4; by default that of --lr, or the recipe's (usually 4).",
        ),
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option(
            parser=number,
            metavar="M",
            help="Minutes to train; by default the recipe's (standard: 10).",
        ),
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option(
            parser=whole_number,
            metavar="N",
            help="Steps to train, instead of --minutes.",
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Resume from the checkpoint beside the model.")
    ] = False,
    overwrite: OverwriteOption = False,
    seed: Annotated[
        int | None,
        typer.Option(
            parser=whole_number,
            metavar="N",
            help="Whole number that noise and crops are drawn by; by default the recipe's (0).",
        ),
    ] = None,
    recipe: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE",
            help="Settings: light, standard, thorough, filters-light, filters, distilled, those of "
            "a shipped table, or a TOML file. By default standard.",
        ),
    ] = None,
    degradation: Annotated[
        str | None,
        typer.Option(
            metavar="bicubic|area|gaussian",
            help="How low-resolution images are made; by default bicubic.",
        ),
    ] = None,
    sigma: Annotated[
        float | None,
        typer.Option(
            parser=number,
            metavar="PX",
            help="Standard deviation of gaussian's blur, in pixels of the images in FOLDER.",
        ),
    ] = None,
    noise: Annotated[
        float | None,
        typer.Option(
            parser=number,
            metavar="S",
            help="Standard deviation of added noise, in levels of 255; by default none.",
        ),
    ] = None,
    photons: Annotated[
        float | None,
        typer.Option(
            parser=number,
            metavar="N",
            help="Photons where an image is white, for shot noise; by default none.",
        ),
    ] = None,
    jpeg: Annotated[
        int | None,
        typer.Option(
            parser=whole_number,
            metavar="Q",
            help="Quality of JPEG compression, 1 to 95; by default none.",
        ),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE",
            help="Model to fine-tune: a shipped one, yours, or a file; by default the recipe's.",
        ),
    ] = None,
    device: Annotated[
        str | None,
        typer.Option(
            metavar="cpu|cuda", help="Processor or graphics card; by default the recipe's (cpu)."
        ),
    ] = None,
    json_events: Annotated[
        bool, typer.Option("--json-events", help="Report as JSON lines on standard output.")
    ] = False,
    request: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.toml",
            help="Write a request for python -m autolut_training to it, and do not train.",
        ),
    ] = None,
) -> None:
    """Train a table on your own images.

    Needs the extra "train"; Ctrl-C leaves the best table so far.
    """
    asked = TrainRequest(
        images=folder,
        out=model_path(out),
        lr=lr,
        recipe=_found(recipe) if request else recipe,
        scale=scale,
        minutes=minutes,
        steps=steps,
        seed=seed,
        device=device,
        resume=resume,
        overwrite=overwrite,
        noisy=noisy,
        degradation=_given(
            method=degradation, sigma=sigma, noise=noise, photons=photons, jpeg=jpeg
        ),
        settings=_given(init_from=_found(start) if request else start),
    )
    if request is not None:
        _check(asked, request)
        asked.write(request)
    else:
        training_api().train_request(asked, json_events=json_events)


def _check(asked: TrainRequest, path: Path) -> None:
    """Refuse what nothing can be trained with, and to write over what is no request.

    Whether images are there is not asked: they may be on another computer.
    """
    training_settings().settings_of(asked, lambda images, lr: 2)
    if os.path.lexists(path):
        try:
            TrainRequest.read(path)
        except (ValueError, OSError) as error:
            raise ValueError(
                f"--request: found {path}, which is there and is no request, expected a new file"
            ) from error


def _found(name: str | None) -> str | None:
    """A file that is there as an absolute path, for a request may be read from another folder."""
    return str(Path(name).absolute()) if name and Path(name).is_file() else name


def _given(**options: object) -> dict[str, object]:
    return {name: value for name, value in options.items() if value is not None}


def model_path(out: str) -> Path:
    """Where a model goes: a name is one of the user's own models, anything else a path.

    Raises
    ------
    ValueError
        If no file can have that name on every system, or a shipped model has it, which would always
        come first.
    """
    path = Path(out)
    check_name((path.name or out).removesuffix(SUFFIX), "--out")
    if path.suffix or path.name != out:
        return path
    shipped = {plain_name(entry.name) for entry in list_models() if entry.origin == "shipped"}
    if plain_name(out) in shipped:
        raise ValueError(
            f"found --out {out}, the name of a shipped model; choose another name, or give a file "
            f"such as {out}{SUFFIX}"
        )
    folder = user_models_folder()
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{out}{SUFFIX}"
