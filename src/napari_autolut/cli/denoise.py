"""``napari-autolut denoise``: take the noise out of a file, or of the images of a folder.

Belongs here: the command's options and its result lines. The work is in ``batch``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from napari_autolut.cli.command_group import SOME_FAILED
from napari_autolut.cli.numbers import numbers
from napari_autolut.cli.options import (
    EngineName,
    EngineOption,
    ImageArgument,
    OverwriteOption,
    ResultArgument,
    SeriesOption,
    SuffixOption,
    ZarrOption,
    ZarrVersion,
    is_folder,
    number_option,
)

if TYPE_CHECKING:
    from napari_autolut.noise import NoiseModel


StrengthOption = Annotated[
    float, number_option("NUMBER", "How much of the noise is taken away: 1 all of it, 0.5 half.")
]
NoiseOption = Annotated[
    str | None,
    typer.Option(
        metavar="auto|GAIN,VARIANCE",
        help="Found in each channel (auto), or grey levels per photon and variance at grey level "
        "0. By default auto.",
    ),
]
ModelsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--model",
        "-m",
        metavar="NAME|FILE",
        help="light for tables that take less time, or a table for white noise, such as one of "
        "train --noisy; several are chosen from by how noisy the image is. By default best.",
    ),
]


def denoise(
    source: ImageArgument,
    out: ResultArgument,
    strength: StrengthOption = 1.0,
    noise: NoiseOption = None,
    suffix: SuffixOption = None,
    model: ModelsOption = None,
    overwrite: OverwriteOption = False,
    series: SeriesOption = None,
    engine: EngineOption = EngineName.auto,
    zarr_version: ZarrOption = ZarrVersion.new,
) -> None:
    """Take the noise of camera or detector out of an image file, or of all images in a folder.

    Intensities, type, axes and pixel sizes stay as they are. Images must be as the detector gave
    them: contrast that was changed by a curve changes the noise.
    """
    from napari_autolut.batch import DenoiseOptions, FileOptions
    from napari_autolut.cli.denoise_files import Settings, denoise_file, denoise_folder

    tables = model[0] if model and len(model) == 1 else model or None
    how = DenoiseOptions(parsed_noise(noise), strength, tables)
    settings = Settings(how, str(engine), FileOptions(series, zarr_version, overwrite))
    if is_folder(source, suffix=suffix):
        whole = denoise_folder(source, out, settings, suffix=suffix)
    else:
        whole = denoise_file(source, out, settings)
    if not whole:
        raise typer.Exit(SOME_FAILED)


def parsed_noise(text: str | None) -> NoiseModel | None:
    """Read the option --noise.

    Raises
    ------
    ValueError
        If it is neither auto nor two numbers, the first at least 0.
    """
    if text is None or text == "auto":
        return None
    from napari_autolut.noise import NoiseModel

    gain, variance = numbers("--noise", text, (2,), "auto, or two numbers such as 2.5,40")
    return NoiseModel(gain, variance)
