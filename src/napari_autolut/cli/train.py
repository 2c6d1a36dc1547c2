"""``napari-autolut train``: the options, and what happens before the trainer takes over.

Belongs here: the command's options, and the request made of them. The work and what it prints is in
``autolut_training``.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from napari_autolut.cli.options import OverwriteOption, number_option, whole_number_option
from napari_autolut.cli.output import echo
from napari_autolut.storage import SUFFIX, list_models, user_models_folder
from napari_autolut.training.request import TrainRequest
from napari_autolut.training.trainer import training_api, training_settings
from napari_autolut.util.paths import check_name
from napari_autolut.util.spelling import plain_name

FolderArgument = Annotated[
    Path, typer.Argument(metavar="FOLDER", help="Images to learn from, sharp or noisy; or a file.")
]
OutOption = Annotated[
    str,
    typer.Option(
        metavar="NAME|FILE",
        help="Model file to write; or a name, for your own models, which are known by it.",
    ),
]
NoisyOption = Annotated[
    bool,
    typer.Option("--noisy", help="FOLDER holds noisy images alone: the denoiser learns from them."),
]
LrOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help="Low-resolution images of the same names; by default made of those in FOLDER.",
    ),
]
ScaleOption = Annotated[
    int | None,
    whole_number_option(
        "R", "Upscaling factor, 1 to 4; by default that of --lr, or the recipe's (usually 4)."
    ),
]
MinutesOption = Annotated[
    float | None, number_option("M", "Minutes to train; by default the recipe's (standard: 10).")
]
StepsOption = Annotated[
    int | None, whole_number_option("N", "Steps to train, instead of --minutes.")
]
ResumeOption = Annotated[
    bool, typer.Option("--resume", help="Resume from the checkpoint beside the model.")
]
SeedOption = Annotated[
    int | None,
    whole_number_option(
        "N", "Whole number that noise and crops are drawn by; by default the recipe's (0)."
    ),
]
RecipeOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME|FILE",
        help="Settings: light, standard, thorough, filters-light, filters, distilled, those of a "
        "shipped table, or a TOML file. By default standard.",
    ),
]
DegradationOption = Annotated[
    str | None,
    typer.Option(
        metavar="bicubic|area|gaussian",
        help="How low-resolution images are made; by default bicubic.",
    ),
]
SigmaOption = Annotated[
    float | None,
    number_option(
        "PX", "Standard deviation of gaussian's blur, in pixels of the images in FOLDER."
    ),
]
NoiseOption = Annotated[
    float | None,
    number_option("S", "Standard deviation of added noise, in levels of 255; by default none."),
]
PhotonsOption = Annotated[
    float | None,
    number_option("N", "Photons where an image is white, for shot noise; by default none."),
]
JpegOption = Annotated[
    int | None, whole_number_option("Q", "Quality of JPEG compression, 1 to 95; by default none.")
]
StartOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME|FILE",
        help="Model to fine-tune: a shipped one, yours, or a file; by default the recipe's.",
    ),
]
DeviceOption = Annotated[
    str | None,
    typer.Option(
        metavar="cpu|cuda", help="Processor or graphics card; by default the recipe's (cpu)."
    ),
]
EventsOption = Annotated[
    bool, typer.Option("--json-events", help="Report as JSON lines on standard output.")
]
RequestOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE.toml",
        help="Write a request for python -m autolut_training to it, and do not train.",
    ),
]


def train(
    folder: FolderArgument,
    out: OutOption,
    noisy: NoisyOption = False,
    lr: LrOption = None,
    scale: ScaleOption = None,
    minutes: MinutesOption = None,
    steps: StepsOption = None,
    resume: ResumeOption = False,
    overwrite: OverwriteOption = False,
    seed: SeedOption = None,
    recipe: RecipeOption = None,
    degradation: DegradationOption = None,
    sigma: SigmaOption = None,
    noise: NoiseOption = None,
    photons: PhotonsOption = None,
    jpeg: JpegOption = None,
    start: StartOption = None,
    device: DeviceOption = None,
    json_events: EventsOption = False,
    request: RequestOption = None,
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
        if not json_events:
            echo(f"{request}: request to train {asked.out}")
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
